"""Tests of the HTTP API, as its clients use it."""
