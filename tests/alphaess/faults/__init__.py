"""Tests of alphaess/faults."""
