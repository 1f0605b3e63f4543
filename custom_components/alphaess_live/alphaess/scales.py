"""Scales that differ between models: the value of one step of a raw number."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class ScaleVariant:
    """A scale that has one of two values, depending on the device."""

    name: str
    default: float
    """What most models use."""
    alternative: float
    """What the exceptions use."""

    def factor(self, profile: ScaleProfile) -> float:
        """Return the scale of a device with this profile."""
        return self.alternative if self in profile else self.default


type ScaleProfile = frozenset[ScaleVariant]
"""The variants for which a device uses the alternative scale."""

GRID_VOLTAGE = ScaleVariant("grid_voltage", default=1, alternative=0.1)
"""Grid and PV meter voltage: 0.1 V on SMILE-B3 [dxoverdy; senalse] and on the first SMILE5 hardware [iobroker; sorx14]."""

CELL_VOLTAGE = ScaleVariant("cell_voltage", default=0.001, alternative=0.01)
"""Cell voltages: 0.01 V on SMILE-B3 and EMS2.5 [dxoverdy; sorx14]."""

INVERTER_TEMPERATURE = ScaleVariant(
    "inverter_temperature", default=0.1, alternative=0.01
)
"""Inverter temperature: 0.01 °C on SMILE-B3 [dxoverdy]."""

TOTAL_ENERGY = ScaleVariant("total_energy", default=0.1, alternative=0.01)
"""System PV totals 0x08D0 and 0x08D2: 0.01 kWh on SMILE-B3 [dxoverdy] and SMILE-SPB [carrel]."""

AC_POWER = ScaleVariant("ac_power", default=1, alternative=0.1)
"""Inverter and backup power: 0.1 W on some SMILE-B3 [koegler; senalse]; a recorded B3 sends 1 W [dxoverdy-dump]."""

CUT_OFF_CHARGE = ScaleVariant("cut_off_charge", default=1, alternative=0.1)
"""Discharge floor and charge target of the periods: 0.1 % on older T10 [senalse #6] and on a G3-S5 [mike1703], as documented [vendor]."""

VARIANTS = (
    GRID_VOLTAGE,
    CELL_VOLTAGE,
    INVERTER_TEMPERATURE,
    TOTAL_ENERGY,
    AC_POWER,
    CUT_OFF_CHARGE,
)

STANDARD: ScaleProfile = frozenset()
"""Every scale as documented: SMILE-G3, M5, Hi, T10, EMS3.5 and 3.6 [vendor]."""


class ModelFamily(StrEnum):
    """A family of models whose scales are known; a setting of the device."""

    AUTOMATIC = "automatic"
    STANDARD = "standard"
    SMILE_B3 = "smile_b3"
    SMILE5_FIRST = "smile5_first"
    SMILE_SPB = "smile_spb"


PROFILES: dict[ModelFamily, ScaleProfile] = {
    ModelFamily.AUTOMATIC: STANDARD,
    ModelFamily.STANDARD: STANDARD,
    ModelFamily.SMILE_B3: frozenset(
        {GRID_VOLTAGE, CELL_VOLTAGE, INVERTER_TEMPERATURE, TOTAL_ENERGY}
    ),
    ModelFamily.SMILE5_FIRST: frozenset({GRID_VOLTAGE}),
    ModelFamily.SMILE_SPB: frozenset({TOTAL_ENERGY}),
}
"""What each family uses before any raw value has proven it."""
