"""The table of one fault word: what a person reads for each of its bits."""

from collections.abc import Mapping
import re

type Table = Mapping[int, str]
"""A few English words by bit, 0 being the lowest; a bit that is left out is reserved."""


def code(text: str) -> str:
    """Make the code that programs know a fault by: "Grid over-voltage" is grid_over_voltage.

    So a text, once published, is as stable as a code.
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
