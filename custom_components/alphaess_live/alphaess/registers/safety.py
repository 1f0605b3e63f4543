"""What the grid code asks of the inverter: only ever read, since a wrong value can be against the law."""

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


class GridCode(Block, name="grid_code", prefix="", group=BlockGroup.SAFETY, slow=True):
    """Which country's rules apply, 0x1000; set by the installer, once."""

    grid_code: Code | None = choice(0x1000, GRID_CODES)
    """Of household inverters; commercial ones count differently. The lists disagree
    about 18 (once Tahiti) and 34 (once EN 50549 for Poland)."""


class GridSupport(
    Block, name="grid_support", prefix="safety_", group=BlockGroup.SAFETY, slow=True
):
    """How the inverter supports the grid, 0x1001-0x100A."""

    test: Switch | None = choice(0x1001, SWITCHES)
    functions: float = number(0x1002, Q.FLAGS, words=2)
    """Bit 0 volt-watt, 1 volt-var, 2 volt-frequency, 3 fixed power factor,
    4 cos-phi(P), 5 reactive power."""
    start_ramp: float = number(0x1004)
    """1 off, 2 on; before 2024 a rate of 0.01 % a minute."""
    reactive_direction: ReactiveDirection | None = choice(0x1005, REACTIVE_DIRECTIONS)
    power_factor: float = number(0x1006, Q.POWER_FACTOR, signed=True, scale=0.01)
    volt_watt_start: float = number(0x1007, Q.VOLTAGE, scale=0.1)
    volt_watt_stop: float = number(0x1008, Q.VOLTAGE, scale=0.1)
    test_battery_power: float = number(0x1009, Q.POWER, signed=True)
    """Set for a safety test only, as the next one."""
    test_inverter_power: float = number(0x100A, Q.POWER)


class GridProtection(
    Block,
    name="grid_protection",
    prefix="protection_",
    group=BlockGroup.SAFETY,
    slow=True,
):
    """At which voltage and frequency the inverter parts from the grid, and how soon, 0x100B-0x101A."""

    overvoltage_1: float = number(0x100B, Q.VOLTAGE, scale=0.1)
    overvoltage_1_time: float = number(0x100C, Q.MILLISECONDS)
    overvoltage_average: float = number(0x100D, Q.VOLTAGE, scale=0.1)
    """The average of ten minutes."""
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
    """What recent firmware adds to it, 0x101B-0x1024.

    The vendor prints 1 ms for the thresholds as well [vendor-2024]; others use the
    scales of the first thresholds [koegler; senalse; poshy].
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
