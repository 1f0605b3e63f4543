"""Tests of the register definitions."""
