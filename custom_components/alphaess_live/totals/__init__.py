"""Counters that people rely on: they never fall, outlive restarts, and begin anew at midnight."""
