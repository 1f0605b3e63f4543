"""Home Assistant's own port, as programs meet it."""
