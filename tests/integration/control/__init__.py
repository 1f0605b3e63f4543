"""Tests of what is written to the inverter, and how it is verified."""
