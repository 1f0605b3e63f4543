"""Scales that differ between models: the value of one step of a raw number, and how certain it is."""

from dataclasses import dataclass
from enum import StrEnum
from math import inf


@dataclass(frozen=True, slots=True)
class ScaleVariant:
    """A scale that has one of two values, depending on the device."""

    name: str
    default: float
    """What most models use."""
    alternative: float
    """What the exceptions use."""
    least: float = -inf
    """The lowest and the highest value that is possible at all, except 0."""
    most: float = inf

    def factor(self, profile: ScaleProfile) -> float | None:
        """Return the scale of a device with this profile; None while it is in question."""
        if self in profile.in_question:
            return None
        return self.alternative if self in profile.alternatives else self.default

    def is_possible(self, value: float) -> bool:
        """Whether a device can measure, or can be set to, this value."""
        return not value or self.least <= value <= self.most


class ModelFamily(StrEnum):
    """A family of models whose scales are known; a setting of the device."""

    AUTOMATIC = "automatic"
    STANDARD = "standard"
    SMILE_B3 = "smile_b3"
    SMILE5_FIRST = "smile5_first"
    SMILE_SPB = "smile_spb"
    TENTHS_OF_PERCENT = "tenths_of_percent"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleProfile:
    """The scales of one device: a variant uses its default, its alternative, or is in question."""

    alternatives: frozenset[ScaleVariant] = frozenset()
    """The variants for which the device uses the alternative scale."""
    in_question: frozenset[ScaleVariant] = frozenset()
    """The variants whose values are unknown now, because the raw values contradict the scale."""
    confirmed: frozenset[ScaleVariant] = frozenset()
    """The variants whose scale is certain, the default or the alternative: settings may be written."""
    family: ModelFamily = ModelFamily.AUTOMATIC
    """What the user has chosen; any family but the automatic one settles all scales."""

    @property
    def is_fixed(self) -> bool:
        """Whether the user has chosen the scales: then none are detected."""
        return self.family is not ModelFamily.AUTOMATIC


GRID_VOLTAGE = ScaleVariant("grid_voltage", default=1, alternative=0.1, most=500)
"""Grid and PV meter voltage: 0.1 V on SMILE-B3 [dxoverdy; senalse] and on the first SMILE5 hardware [iobroker; sorx14]."""

CELL_VOLTAGE = ScaleVariant(
    "cell_voltage", default=0.001, alternative=0.01, least=1, most=5
)
"""Cell voltages: 0.01 V on SMILE-B3 and EMS2.5 [dxoverdy; sorx14]."""

INVERTER_TEMPERATURE = ScaleVariant(
    "inverter_temperature", default=0.1, alternative=0.01, least=-60, most=150
)
"""Inverter temperature: 0.01 °C on SMILE-B3 [dxoverdy]."""

TOTAL_ENERGY = ScaleVariant("total_energy", default=0.1, alternative=0.01)
"""System PV totals 0x08D0 and 0x08D2: 0.01 kWh on SMILE-B3 [dxoverdy] and SMILE-SPB [carrel]."""

AC_POWER = ScaleVariant("ac_power", default=1, alternative=0.1)
"""Inverter and backup power: 0.1 W on some SMILE-B3 [koegler; senalse]; a recorded B3 sends 1 W [dxoverdy-dump]."""

CUT_OFF_CHARGE = ScaleVariant(
    "cut_off_charge", default=1, alternative=0.1, least=0, most=100
)
"""Discharge floor and charge target of the periods: 0.1 % on older T10 [senalse #6] and on a G3-S5 [mike1703], as documented [vendor]."""

VARIANTS = (
    GRID_VOLTAGE,
    CELL_VOLTAGE,
    INVERTER_TEMPERATURE,
    TOTAL_ENERGY,
    AC_POWER,
    CUT_OFF_CHARGE,
)

STANDARD = ScaleProfile()
"""Every scale as documented, and none confirmed: SMILE-G3, M5, Hi, T10, EMS3.5 and 3.6 [vendor]."""


def _chosen(family: ModelFamily, *alternatives: ScaleVariant) -> ScaleProfile:
    return ScaleProfile(
        alternatives=frozenset(alternatives),
        confirmed=frozenset(VARIANTS),
        family=family,
    )


PROFILES: dict[ModelFamily, ScaleProfile] = {
    ModelFamily.AUTOMATIC: STANDARD,
    ModelFamily.STANDARD: _chosen(ModelFamily.STANDARD),
    ModelFamily.SMILE_B3: _chosen(
        ModelFamily.SMILE_B3,
        GRID_VOLTAGE,
        CELL_VOLTAGE,
        INVERTER_TEMPERATURE,
        TOTAL_ENERGY,
    ),
    ModelFamily.SMILE5_FIRST: _chosen(ModelFamily.SMILE5_FIRST, GRID_VOLTAGE),
    ModelFamily.SMILE_SPB: _chosen(ModelFamily.SMILE_SPB, TOTAL_ENERGY),
    ModelFamily.TENTHS_OF_PERCENT: _chosen(
        ModelFamily.TENTHS_OF_PERCENT, CUT_OFF_CHARGE
    ),
}
"""What each family uses: nothing is certain while none is chosen."""
