"""Runs many sequences of the order machine, on several processor cores."""
