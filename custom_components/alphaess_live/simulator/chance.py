"""Chance that can be repeated: the same seed always makes the same clouds and the same kettle."""

from functools import lru_cache
from math import floor

_MASK = (1 << 64) - 1


@lru_cache(maxsize=4096)
def random_at(seed: int, position: int) -> float:
    """Draw a number from 0 up to, not including, 1: always the same one for the same place."""
    mixed = (seed * 0x9E3779B97F4A7C15 + position * 0xD1B54A32D192ED03) & _MASK
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
    return ((mixed ^ mixed >> 31) >> 11) / (1 << 53)


def smooth_random_at(seed: int, position: float) -> float:
    """Wander smoothly between 0 and 1: one draw at each whole position, eased in between."""
    before = floor(position)
    part = position - before
    eased = part * part * (3 - 2 * part)
    here = random_at(seed, before)
    return here + (random_at(seed, before + 1) - here) * eased
