"""Faults, issues and events of a loaded inverter."""
