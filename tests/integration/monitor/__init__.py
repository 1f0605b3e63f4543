"""Tests of the faults, issues and events of a loaded inverter."""
