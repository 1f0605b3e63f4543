"""Benchmarks: each figure of the performance tables is measured by one command."""
