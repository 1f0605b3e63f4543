"""Replays a recorded register image, as in a diagnostics file, word for word."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
import json
from pathlib import Path
from typing import Any

from ..alphaess.read_plan import MAX_GAP
from ..alphaess.registers import BLOCKS, System
from .behaviour import Behaviour, Reply
from .demo import simulate
from .models import THREE_PHASE
from .simulated_inverter import SimulatedInverter

READ_ONLY = Behaviour(
    single_write=Reply.REFUSED,
    block_write_of_one=Reply.REFUSED,
    block_write=Reply.REFUSED,
)
"""A recording refuses all writes."""


class InvalidImageError(Exception):
    """A file that contains no register image."""


def load(path: Path) -> dict[int, int]:
    """Read the words of an image file or a whole diagnostics file.

    Raises InvalidImageError.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        words = _holding_words(content)
        image = {int(address, 0): int(word) for address, word in words.items()}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as err:
        raise InvalidImageError(f"{path} contains no register image: {err}") from err
    if not image or not all(0 <= n <= 0xFFFF for pair in image.items() for n in pair):
        raise InvalidImageError(f"{path} contains no register image")
    return image


def _holding_words(content: Any) -> Mapping[str, Any]:
    """Find the words: at the top level, or below `data.image` of a diagnostics file."""
    image = content["data"]["image"] if "data" in content else content
    words: Mapping[str, Any] = image["holding"]
    return words


def replay(image: Mapping[int, int]) -> SimulatedInverter:
    """Serve an image and refuse other addresses. Time stands still, and writes are refused.

    Missing words of a block read as 0, as unused registers of an inverter do.
    """
    spans = tuple(_spans(_addresses_of(image)))
    words = dict.fromkeys((at for span in spans for at in span), 0) | dict(image)
    serial = THREE_PHASE.serial
    if words.keys() >= set(System.addresses()):
        serial = System.decode(words).serial
    model = replace(THREE_PHASE, serial=serial, served=spans)
    unit = simulate(model, datetime(2025, 6, 15), speed=0)
    unit.behaviour = replace(READ_ONLY, word_overrides=words)
    return unit


def _addresses_of(image: Mapping[int, int]) -> set[int]:
    """Collect the served addresses: every block of which the image holds a word is served."""
    blocks = (set(block.addresses()) for block in BLOCKS)
    return image.keys() | {a for held in blocks if held & image.keys() for a in held}


def _spans(held: set[int]) -> Iterator[range]:
    """Join addresses into ranges across the gaps that the read plan spans, too."""
    first, *rest = sorted(held)
    start = end = first
    for address in rest:
        if address - end > MAX_GAP + 1:
            yield range(start, end + 1)
            start = address
        end = address
    yield range(start, end + 1)
