"""What the platforms' entities are made of: readings, totals, settings, faults."""
