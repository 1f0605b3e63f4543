"""The HTTP API as its clients use it."""
