"""Setting an inverter up, and choosing how it is read."""
