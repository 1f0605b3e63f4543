"""The forms of the config and options flow, and the search for the inverter at an address."""
