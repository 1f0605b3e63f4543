"""Energy totals: they never fall, continue after restarts, and have a part of today."""
