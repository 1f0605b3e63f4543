"""Tests of the feed, without Home Assistant."""
