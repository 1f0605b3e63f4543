"""The machine that gives orders by all interfaces at once, while link, host and inverter fail."""
