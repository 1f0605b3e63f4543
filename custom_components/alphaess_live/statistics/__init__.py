"""Recorded series from Home Assistant's recorder: its statistics and its states."""
