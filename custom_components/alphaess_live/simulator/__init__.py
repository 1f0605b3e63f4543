"""An imagined house with an inverter in it: for trying everything out, and for every test."""
