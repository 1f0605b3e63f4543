"""What is asked of a person who adds an inverter or changes how it is read."""
