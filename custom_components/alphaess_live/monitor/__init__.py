"""What is observed beside the values: faults, repair issues, entities without a source."""
