"""Recorded values over REST."""
