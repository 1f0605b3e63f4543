"""Five simulated devices that serve different registers; the tests of all devices use them."""

from collections.abc import Callable
from dataclasses import replace

from custom_components.alphaess_live.simulator.models import OLD_MAP
from custom_components.alphaess_live.simulator.replay import replay
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.images import IMAGES

RECORDED_WORDS = {image.name: image.holding for image in IMAGES}

UPDATED_T10 = RECORDED_WORDS["smile_t10_v117"] | {
    address: word
    for address, word in RECORDED_WORDS["hybrid_three_phase"].items()
    if address < 0x0100 or 0x0740 <= address < 0x0880 or address >= 0x0429
}
"""A recorded T10 with the addresses of V1.22, because V1.17 is not supported."""


def old_firmware() -> SimulatedInverter:
    """Return a device without the registers after V1.28, the backup output, the PV meter and the inputs."""
    unit = replay(
        dict.fromkeys(range(0x08D6), 0) | RECORDED_WORDS["hybrid_three_phase"]
    )
    missing = (0x0090, 0x040E, 0x08C0, 0x1000)
    spans = tuple(one for one in OLD_MAP if not any(at in one for at in missing))
    spans += (range(0x0400, 0x040E), range(0x041C, 0x0441))
    unit.model = replace(unit.model, served=spans)
    return unit


DEVICES: dict[str, Callable[[], SimulatedInverter]] = {
    "smile_b3": lambda: replay(RECORDED_WORDS["smile_b3"]),
    "smile_t10": lambda: replay(UPDATED_T10),
    "hybrid_three_phase": lambda: replay(RECORDED_WORDS["hybrid_three_phase"]),
    "hybrid_single_phase_evening": lambda: replay(
        RECORDED_WORDS["hybrid_single_phase_evening"]
    ),
    "old_firmware": old_firmware,
}
"""By the names in test ids."""
