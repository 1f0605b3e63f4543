"""Everything that may be written to an inverter: by whom, when, and how it is verified."""
