"""The image of a SMILE-T10 with protocol V1.17, for the register map of that protocol."""

from datetime import datetime
from typing import Any

from custom_components.alphaess_live.alphaess.maps import V117
from tests.images import IMAGES

OldGrid: Any = V117.block("grid")
OldSystem: Any = V117.block("system")
OldClock: Any = V117.block("clock")

RECORDED = next(image for image in IMAGES if image.name == "smile_t10_v117")

INVENTED: dict[str, float] = {
    "grid_power": -115,
    "grid_import_energy_total": 1234.56,
    "grid_export_energy_total": 6543.21,
}
"""Values of the grid meter, which was not recorded."""

T10_DISPLAY = RECORDED.display | INVENTED | {"inverter_temperature": 38.2}
"""What the inverter shows, by the keys of the readings."""


def t10_image() -> dict[int, int]:
    """Return the recorded words, and invented ones for meter, clock and system."""
    spans = [sorted(block.addresses()) for block in V117.blocks]
    image = {address: 0 for one in spans for address in range(one[0], one[-1] + 1)}
    for key, value in INVENTED.items():
        image |= OldGrid.registers[key.removeprefix("grid_")].encode(value)
    image |= OldClock.registers["time"].encode(datetime(2021, 3, 1, 14, 5))  # noqa: DTZ001
    image |= OldSystem.registers["serial"].encode("AL2002021099999")
    for name, part in (("version_high", 1), ("version_middle", 1), ("version_low", 95)):
        image |= OldSystem.registers[name].encode(part)
    return image | RECORDED.holding
