"""Five devices that differ in what they refuse: each of them is held to what is promised of all."""

from collections.abc import Callable
from dataclasses import replace

from custom_components.alphaess_live.simulator.models import OLD_MAP
from custom_components.alphaess_live.simulator.replay import replay
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.images import IMAGES

HELD = {image.name: image.holding for image in IMAGES}

T10_SINCE_UPDATED = HELD["smile_t10_v117"] | {
    address: word
    for address, word in HELD["hybrid_three_phase"].items()
    if address < 0x0100 or 0x0740 <= address < 0x0880 or address >= 0x0429
}
"""A recorded T10, whose firmware was brought to V1.22: with V1.17 it cannot be set up."""


def old_firmware() -> SimulatedInverter:
    """Refuse what protocol V1.28 has not, and the backup output, the PV meter and the inputs besides."""
    unit = replay(dict.fromkeys(range(0x08D6), 0) | HELD["hybrid_three_phase"])
    missing = (0x0090, 0x040E, 0x08C0, 0x1000)
    spans = tuple(one for one in OLD_MAP if not any(at in one for at in missing))
    spans += (range(0x0400, 0x040E), range(0x041C, 0x0441))
    unit.model = replace(unit.model, served=spans)
    return unit


DEVICES: dict[str, Callable[[], SimulatedInverter]] = {
    "smile_b3": lambda: replay(HELD["smile_b3"]),
    "smile_t10": lambda: replay(T10_SINCE_UPDATED),
    "hybrid_three_phase": lambda: replay(HELD["hybrid_three_phase"]),
    "hybrid_single_phase_evening": lambda: replay(HELD["hybrid_single_phase_evening"]),
    "old_firmware": old_firmware,
}
"""By what they are called in tests."""
