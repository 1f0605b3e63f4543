"""Tests of the energy totals."""
