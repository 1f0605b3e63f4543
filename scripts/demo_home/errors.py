"""What can keep the demo from running, in a sentence for whoever started it."""


class DemoError(Exception):
    """The demo cannot go on; the text says why, and what to do about it."""
