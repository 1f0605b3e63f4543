"""A simulated house with an inverter: the demo inverter, and the device of every test."""
