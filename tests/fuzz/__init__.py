"""Inputs at random for REST, the feed and the actions, and what they must not cause."""
