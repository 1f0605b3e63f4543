"""A second register map: that of a SMILE-T10 with protocol V1.17, and the image of one."""

from datetime import datetime

from custom_components.alphaess_live.alphaess.maps import FieldSubset, RegisterMap
from custom_components.alphaess_live.alphaess.registers import (
    Backup,
    Battery,
    Clock,
    Grid,
    InverterOutput,
    InverterState,
    OutputFrequency,
    Strings,
    System,
)
from tests.images import IMAGES

OldGrid = Grid.relocated(
    {
        "power_l1": 0x0000,
        "power_l2": 0x0002,
        "power_l3": 0x0004,
        "power": 0x0006,
        "export_energy_total": 0x0008,
        "import_energy_total": 0x000A,
    }
)
OldState = InverterState.relocated({"temperature": 0x0429, "work_mode": 0x0430})
OldClock = Clock.relocated({"time": 0x0703})
OldSystem = System.relocated(
    {
        "serial": 0x0706,
        "version_high": 0x0729,
        "version_middle": 0x072A,
        "version_low": 0x072B,
    }
)

T10_V117 = RegisterMap(
    name="t10_v117",
    blocks=(
        OldGrid,
        Battery,
        InverterOutput,
        Backup,
        OutputFrequency,
        Strings,
        OldState,
        OldClock,
        OldSystem,
    ),
    power_fields=(
        FieldSubset(OldGrid, ("power",)),
        FieldSubset(Battery, ("soc", "power")),
        FieldSubset(Strings, ("pv1_power", "pv2_power", "pv3_power")),
    ),
    essential=frozenset({OldGrid, Battery, OldSystem}),
)
"""The map from before V1.20, as far as the dump and the document have it [vendor-v1.17; wooni]."""

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
    spans = [sorted(block.addresses()) for block in T10_V117.blocks]
    image = {address: 0 for one in spans for address in range(one[0], one[-1] + 1)}
    for key, value in INVENTED.items():
        image |= OldGrid.registers[key.removeprefix("grid_")].encode(value)
    image |= OldClock.registers["time"].encode(datetime(2021, 3, 1, 14, 5))  # noqa: DTZ001
    image |= OldSystem.registers["serial"].encode("AL2002021099999")
    for name, part in (("version_high", 1), ("version_middle", 1), ("version_low", 95)):
        image |= OldSystem.registers[name].encode(part)
    return image | RECORDED.holding
