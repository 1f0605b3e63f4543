"""Entities that the platforms share: dynamic creation, energy totals, dispatch, schedule, faults."""
