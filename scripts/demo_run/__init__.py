"""The implementation of `./scripts/demo`: a simulated inverter and a real Home Assistant that reads it."""


class DemoError(Exception):
    """The demo cannot continue. The text names the reason and the remedy."""
