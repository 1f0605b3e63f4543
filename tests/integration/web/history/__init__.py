"""Tests of recorded values over REST."""
