"""Tests of the entities that several platforms share."""
