"""Settings of the grid code. They are read only: a wrong value can be illegal."""

from .block import Block, BlockGroup
from .enums import (
    GRID_CODES,
    REACTIVE_DIRECTIONS,
    SWITCHES,
    GridCode as Code,
    ReactiveDirection,
    Switch,
)
from .register import Quantity as Q, choice, number


class GridRegulation(
    Block, name="grid_code", prefix="", group=BlockGroup.SAFETY, slow=True
):
    """The grid code of the country, set by the installer."""

    grid_code: Code | None = choice(0x1000, GRID_CODES)
    """Of household inverters; commercial ones use other codes. The documents disagree
    about 18 (once Tahiti) and 34 (once EN 50549 for Poland) [vendor]."""


class GridSupport(
    Block, name="grid_support", prefix="safety_", group=BlockGroup.SAFETY, slow=True
):
    """How the inverter supports the grid [vendor]."""

    test: Switch | None = choice(0x1001, SWITCHES)
    functions: float = number(0x1002, Q.FLAGS, words=2)
    """Bit 0 volt-watt, 1 volt-var, 2 volt-frequency, 3 fixed power factor,
    4 cos-phi(P), 5 reactive power."""
    start_ramp: float = number(0x1004)
    """1 off, 2 on [vendor-2024]; before, a rate in 0.01 % a minute [vendor]."""
    reactive_direction: ReactiveDirection | None = choice(0x1005, REACTIVE_DIRECTIONS)
    power_factor: float = number(0x1006, Q.POWER_FACTOR, signed=True, scale=0.01)
    volt_watt_start: float = number(0x1007, Q.VOLTAGE, scale=0.1)
    volt_watt_stop: float = number(0x1008, Q.VOLTAGE, scale=0.1)
    test_battery_power: float = number(0x1009, Q.POWER, signed=True)
    """Used in a safety test only, as the next one."""
    test_inverter_power: float = number(0x100A, Q.POWER)


class GridProtection(
    Block,
    name="grid_protection",
    prefix="protection_",
    group=BlockGroup.SAFETY,
    slow=True,
):
    """Voltages and frequencies at which the inverter disconnects, and after which time [vendor]."""

    overvoltage_1: float = number(0x100B, Q.VOLTAGE, scale=0.1)
    overvoltage_1_time: float = number(0x100C, Q.MILLISECONDS)
    overvoltage_average: float = number(0x100D, Q.VOLTAGE, scale=0.1)
    """Average of ten minutes."""
    overvoltage_average_time: float = number(0x100E, Q.SECONDS)
    undervoltage_1: float = number(0x100F, Q.VOLTAGE, scale=0.1)
    undervoltage_1_time: float = number(0x1010, Q.MILLISECONDS)
    undervoltage_2: float = number(0x1011, Q.VOLTAGE, scale=0.1)
    undervoltage_2_time: float = number(0x1012, Q.MILLISECONDS)
    overfrequency_1: float = number(0x1013, Q.FREQUENCY, scale=0.01)
    overfrequency_1_time: float = number(0x1014, Q.MILLISECONDS)
    overfrequency_2: float = number(0x1015, Q.FREQUENCY, scale=0.01)
    overfrequency_2_time: float = number(0x1016, Q.MILLISECONDS)
    underfrequency_1: float = number(0x1017, Q.FREQUENCY, scale=0.01)
    underfrequency_1_time: float = number(0x1018, Q.MILLISECONDS)
    underfrequency_2: float = number(0x1019, Q.FREQUENCY, scale=0.01)
    underfrequency_2_time: float = number(0x101A, Q.MILLISECONDS)


class MoreProtection(
    Block,
    name="more_protection",
    prefix="protection_",
    group=BlockGroup.SAFETY,
    slow=True,
):
    """More limits of grid protection; recent firmware.

    Documented as 1 ms for the thresholds, too [vendor-2024]; implementations use the
    scales of the thresholds above [koegler; senalse; poshy].
    """

    overvoltage_2: float = number(0x101B, Q.VOLTAGE, scale=0.1)
    overvoltage_2_time: float = number(0x101C, Q.MILLISECONDS)
    overvoltage_3: float = number(0x101D, Q.VOLTAGE, scale=0.1)
    overvoltage_3_time: float = number(0x101E, Q.MILLISECONDS)
    undervoltage_3: float = number(0x101F, Q.VOLTAGE, scale=0.1)
    undervoltage_3_time: float = number(0x1020, Q.MILLISECONDS)
    overfrequency_3: float = number(0x1021, Q.FREQUENCY, scale=0.01)
    overfrequency_3_time: float = number(0x1022, Q.MILLISECONDS)
    underfrequency_3: float = number(0x1023, Q.FREQUENCY, scale=0.01)
    underfrequency_3_time: float = number(0x1024, Q.MILLISECONDS)
