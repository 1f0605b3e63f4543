"""Tests of the migration from other integrations."""
