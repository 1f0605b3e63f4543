"""The table of one fault word: what a person reads for each of its bits."""

from collections.abc import Mapping
import re

BITS = 32
"""How many a word has."""

type Table = Mapping[int, str]
"""A few English words by bit, 0 being the lowest; a bit that is left out is reserved.

They say by themselves what they are about: the battery or the inverter.
"""


def fault_code(text: str) -> str:
    """Make the code that programs know a fault by: "Grid over-voltage" is grid_over_voltage.

    So a text, once published, is as stable as a code.
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
