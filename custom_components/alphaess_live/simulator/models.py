"""Simulated inverter models: their equipment, their registers and their deviations."""

from dataclasses import dataclass

from ..alphaess.registers import BatteryType
from ..alphaess.registers.enums import GridCode
from ..alphaess.scales import PROFILES, STANDARD, ModelFamily, ScaleProfile
from .behaviour import DEFAULT_BEHAVIOUR, Behaviour, Reply
from .energy_flow import EnergyCounters, in_joules
from .house import Equipment, Roof
from .simulated_battery import Pack


def _span(first: int, last: int) -> range:
    return range(first, last + 1)


OLD_MAP = (
    _span(0x0000, 0x0001),
    _span(0x0010, 0x0036),
    _span(0x0080, 0x0081),
    _span(0x0090, 0x00B6),
    _span(0x0100, 0x0148),
    _span(0x0400, 0x0440),
    _span(0x0640, 0x0653),
    _span(0x0740, 0x074E),
    _span(0x0800, 0x0810),
    _span(0x084F, 0x0859),
    _span(0x0880, 0x0888),
    _span(0x08C0, 0x08C1),
    _span(0x08D0, 0x08D5),
    _span(0x1000, 0x101A),
)
"""The addresses of protocol V1.22 to V1.28 [vendor-v1.28]; undefined addresses inside a span read 0."""

NEW_MAP = (
    _span(0x0000, 0x0001),
    _span(0x0010, 0x0042),
    _span(0x0080, 0x0081),
    _span(0x0090, 0x00B6),
    _span(0x0100, 0x016D),
    _span(0x0400, 0x0452),
    _span(0x0640, 0x0658),
    _span(0x0740, 0x0758),
    _span(0x0800, 0x0811),
    _span(0x084F, 0x0861),
    _span(0x0880, 0x088A),
    _span(0x088F, 0x0891),
    _span(0x08C0, 0x08C1),
    _span(0x08D0, 0x08D5),
    _span(0x1000, 0x1024),
)
"""What newer firmware adds [vendor-2024]."""

PV_METER = (_span(0x0080, 0x0081), _span(0x0090, 0x00B6))
NEWEST_MAP = (
    *(span for span in NEW_MAP if span.start != 0x0400),
    _span(0x0400, 0x0454),
)
"""The same with the sum of the strings at 0x0453."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One simulated inverter model."""

    equipment: Equipment
    serial: str
    """Serial number of the system, as the app shows it."""
    battery_type: BatteryType
    served: tuple[range, ...]
    profile: ScaleProfile = STANDARD
    inverter_serial: str = ""
    versions: tuple[str, str, str] = ("", "", "")
    """Versions of master, slave and ARM."""
    firmware: tuple[int, int, int] = (0, 0, 0)
    firmware_suffix: str = ""
    protocol: int = 0
    bms_versions: tuple[int, int, int] = (0, 164, 0)
    """BMU, LMU, ISO; 165 stands for V1.65."""
    soh: float = 0.0
    """A SMILE-B3 sends 0 [dxoverdy-dump]."""
    reports_grid_current: bool = True
    reports_remaining_time: bool = True
    grid_code: GridCode = GridCode.VDE_4105
    behaviour: Behaviour = DEFAULT_BEHAVIOUR


THREE_PHASE = Model(
    equipment=Equipment(
        rated=10_000,
        phases=3,
        roofs=(Roof(peak=5_600, azimuth=-35), Roof(peak=4_300, azimuth=70)),
        pack=Pack(capacity=16_400, modules=2, charge=8_000, discharge=8_000, cells=64),
        feed_in=70,
        initial_counters=EnergyCounters(
            grid_import=in_joules(3_562.1),
            grid_export=in_joules(12_845.3),
            strings=in_joules(19_874.0),
            charge=in_joules(5_231.0),
            discharge=in_joules(4_876.0),
            charge_from_grid=in_joules(412.0),
        ),
    ),
    serial="AL7011025000001",
    inverter_serial="SIM10000HYB00000001",
    battery_type=BatteryType.SMILE_BAT_8_2PHA,
    served=NEWEST_MAP,
    versions=("V1.23.4", "V2.0.1", "V1.05"),
    firmware=(1, 0, 23),
    firmware_suffix="R1",
    protocol=28,
    bms_versions=(165, 165, 0),
    soh=98.5,
)
"""A hybrid on three phases with recent firmware; accepts FC06 and FC16."""

SINGLE_PHASE = Model(
    equipment=Equipment(
        rated=5_000,
        roofs=(
            Roof(peak=3_300, azimuth=-90, cells=400),
            Roof(peak=3_300, azimuth=90, cells=400),
        ),
        pack=Pack(capacity=10_100, modules=1, charge=4_960, discharge=4_960, cells=16),
        initial_counters=EnergyCounters(
            grid_import=in_joules(5_123.0),
            grid_export=in_joules(8_451.2),
            strings=in_joules(22_451.0),
            charge=in_joules(6_124.0),
            discharge=in_joules(5_731.0),
            charge_from_grid=in_joules(302.0),
        ),
    ),
    serial="AL7011023000002",
    inverter_serial="SIM05000HYB00000002",
    battery_type=BatteryType.SMILE_BAT_10_1P,
    served=tuple(span for span in NEW_MAP if span not in PV_METER),
    versions=("V1.14.2", "V1.0.9", "V1.02"),
    firmware=(1, 2, 30),
    protocol=28,
    bms_versions=(0, 165, 0),
    soh=96.2,
    behaviour=Behaviour(block_write_of_one=Reply.REFUSED),
)
"""A hybrid on one phase, east and west roof; refuses the PV meter, 0x0453, and FC16 for one register."""

AC_COUPLED = Model(
    equipment=Equipment(
        rated=3_000,
        ac_roof=Roof(peak=4_800, azimuth=5),
        pack=Pack(capacity=11_400, modules=4, charge=5_280, discharge=5_280, cells=16),
        initial_counters=EnergyCounters(
            grid_import=in_joules(95.01),
            grid_export=in_joules(1_238.86),
            ac_solar=in_joules(3_204.9),
            charge=in_joules(783.5),
            discharge=in_joules(730.2),
            charge_from_grid=in_joules(20.8),
        ),
    ),
    serial="AL7001021099999",
    battery_type=BatteryType.M4856_P,
    served=OLD_MAP,
    profile=PROFILES[ModelFamily.SMILE_B3],
    reports_grid_current=False,
    reports_remaining_time=False,
    behaviour=Behaviour(single_write=Reply.SILENT),
)
"""A SMILE-B3 with AC-coupled PV and all peculiarities of the recorded one [dxoverdy-dump]."""

MODELS: dict[str, Model] = {
    "three_phase": THREE_PHASE,
    "single_phase": SINGLE_PHASE,
    "ac_coupled": AC_COUPLED,
}
"""Models by their name on the command line."""
