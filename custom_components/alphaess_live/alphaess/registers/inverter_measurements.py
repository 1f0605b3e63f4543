"""The inverter: AC output, backup output, PV strings and state."""

from ..scales import AC_POWER, INVERTER_TEMPERATURE
from .block import Block, BlockGroup
from .enums import WORK_MODES, WorkMode
from .register import Quantity as Q, choice, number


class InverterOutput(Block, name="output", prefix="inverter_"):
    """The AC output. Positive power is output.

    Not the house's load: on a hybrid it is PV and battery after conversion [evcc].
    """

    voltage_l1: float = number(0x0400, Q.VOLTAGE, scale=0.1)
    voltage_l2: float = number(0x0401, Q.VOLTAGE, scale=0.1)
    voltage_l3: float = number(0x0402, Q.VOLTAGE, scale=0.1)
    current_l1: float = number(0x0403, Q.CURRENT, signed=True, scale=0.1)
    current_l2: float = number(0x0404, Q.CURRENT, signed=True, scale=0.1)
    current_l3: float = number(0x0405, Q.CURRENT, signed=True, scale=0.1)
    power_l1: float | None = number(
        0x0406, Q.POWER, words=2, signed=True, scale=AC_POWER
    )
    power_l2: float | None = number(
        0x0408, Q.POWER, words=2, signed=True, scale=AC_POWER
    )
    power_l3: float | None = number(
        0x040A, Q.POWER, words=2, signed=True, scale=AC_POWER
    )
    power: float | None = number(0x040C, Q.POWER, words=2, signed=True, scale=AC_POWER)
    """Negative while the battery charges from the AC side."""


class OutputFrequency(Block, name="output_frequency", prefix="inverter_"):
    """The grid's frequency, as the inverter measures it."""

    grid_frequency: float = number(0x041C, Q.FREQUENCY, scale=0.01)


class Backup(Block, name="backup", group=BlockGroup.BACKUP):
    """The backup (EPS) output. A sensor with an offset sends a small negative power."""

    voltage_l1: float = number(0x040E, Q.VOLTAGE, scale=0.1)
    voltage_l2: float = number(0x040F, Q.VOLTAGE, scale=0.1)
    voltage_l3: float = number(0x0410, Q.VOLTAGE, scale=0.1)
    current_l1: float = number(0x0411, Q.CURRENT, signed=True, scale=0.1)
    current_l2: float = number(0x0412, Q.CURRENT, signed=True, scale=0.1)
    current_l3: float = number(0x0413, Q.CURRENT, signed=True, scale=0.1)
    power_l1: float | None = number(
        0x0414, Q.POWER, words=2, signed=True, scale=AC_POWER
    )
    power_l2: float | None = number(
        0x0416, Q.POWER, words=2, signed=True, scale=AC_POWER
    )
    power_l3: float | None = number(
        0x0418, Q.POWER, words=2, signed=True, scale=AC_POWER
    )
    power: float | None = number(0x041A, Q.POWER, words=2, signed=True, scale=AC_POWER)


class Strings(Block, name="strings", prefix=""):
    """PV strings 1 to 3: DC power, 0 on an AC-coupled inverter.

    A sensor with an offset sends a small negative power at night.
    """

    pv1_voltage: float = number(0x041D, Q.VOLTAGE, scale=0.1)
    pv1_current: float = number(0x041E, Q.CURRENT, signed=True, scale=0.1)
    pv1_power: float = number(0x041F, Q.POWER, words=2, signed=True)
    pv2_voltage: float = number(0x0421, Q.VOLTAGE, scale=0.1)
    pv2_current: float = number(0x0422, Q.CURRENT, signed=True, scale=0.1)
    pv2_power: float = number(0x0423, Q.POWER, words=2, signed=True)
    pv3_voltage: float = number(0x0425, Q.VOLTAGE, scale=0.1)
    pv3_current: float = number(0x0426, Q.CURRENT, signed=True, scale=0.1)
    pv3_power: float = number(0x0427, Q.POWER, words=2, signed=True)


class MoreStrings(Block, name="more_strings", prefix=""):
    """PV strings 4 to 6; protocol V1.22 and later [vendor-v1.23].

    Before V1.22 these addresses held temperature, faults and PV energy [vendor-v1.17].
    """

    pv4_voltage: float = number(0x0429, Q.VOLTAGE, scale=0.1)
    pv4_current: float = number(0x042A, Q.CURRENT, signed=True, scale=0.1)
    pv4_power: float = number(0x042B, Q.POWER, words=2, signed=True)
    pv5_voltage: float = number(0x042D, Q.VOLTAGE, scale=0.1)
    pv5_current: float = number(0x042E, Q.CURRENT, signed=True, scale=0.1)
    pv5_power: float = number(0x042F, Q.POWER, words=2, signed=True)
    pv6_voltage: float = number(0x0431, Q.VOLTAGE, scale=0.1)
    pv6_current: float = number(0x0432, Q.CURRENT, signed=True, scale=0.1)
    pv6_power: float = number(0x0433, Q.POWER, words=2, signed=True)


class InverterState(Block, name="state", prefix="inverter_"):
    """Temperature, faults, energy and mode; protocol V1.22 and later [vendor-v1.23]."""

    temperature: float | None = number(
        0x0435, Q.TEMPERATURE, signed=True, scale=INVERTER_TEMPERATURE
    )
    """Documented as unsigned [vendor]; negative below 0 °C [mike1703]."""
    warning_1: float = number(0x0436, Q.FLAGS, words=2)
    warning_2: float = number(0x0438, Q.FLAGS, words=2)
    fault_1: float = number(0x043A, Q.FLAGS, words=2)
    fault_2: float = number(0x043C, Q.FLAGS, words=2)
    pv_energy_total: float = number(0x043E, Q.ENERGY, words=2, scale=0.1)
    """Of the DC strings only, without AC-coupled PV."""
    work_mode: WorkMode | None = choice(0x0440, WORK_MODES)


class InverterDetail(Block, name="detail", prefix="inverter_"):
    """What recent firmware adds [vendor-2024]."""

    battery_voltage: float = number(0x0441, Q.VOLTAGE)
    battery_current: float = number(0x0442, Q.CURRENT, signed=True, scale=0.1)
    """Recorded without a sign; 0x8000 and above cannot be anything but negative."""
    battery_power: float = number(0x0443, Q.POWER, signed=True)
    reactive_power: float = number(0x0444, Q.REACTIVE_POWER, words=2, signed=True)
    apparent_power: float = number(0x0446, Q.APPARENT_POWER, words=2, signed=True)
    frequency: float = number(0x0448, Q.FREQUENCY, scale=0.01)
    backup_frequency: float = number(0x0449, Q.FREQUENCY, scale=0.01)
    power_factor: float = number(0x044A, Q.POWER_FACTOR, signed=True, scale=0.01)
    fault_extended_1: float = number(0x044B, Q.FLAGS, words=2)
    fault_extended_2: float = number(0x044D, Q.FLAGS, words=2)
    fault_extended_3: float = number(0x044F, Q.FLAGS, words=2)
    fault_extended_4: float = number(0x0451, Q.FLAGS, words=2)


class StringsTotal(Block, name="strings_total", prefix=""):
    """The sum of the strings; only the newest firmware serves it [vendor-2024].

    A SMILE-Hi10 refuses it with exception 2 [senalse #21].
    """

    pv_strings_power: float = number(0x0453, Q.POWER, words=2, signed=True)
