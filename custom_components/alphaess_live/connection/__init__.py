"""Modbus connections to an inverter: opening, sharing, pacing, filtering, and finding out why they fail."""
