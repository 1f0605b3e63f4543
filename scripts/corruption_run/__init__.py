"""Runs many examples of the corruption machine, on several processor cores."""
