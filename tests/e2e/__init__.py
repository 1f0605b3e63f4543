"""A real Home Assistant, the simulated inverter and a real browser: what a person would see."""
