"""The meters of the grid connection and of AC-coupled PV."""

from ..scales import GRID_VOLTAGE
from .block import Block, BlockGroup
from .register import Quantity as Q, number


class Grid(Block, name="grid"):
    """The grid meter. Positive power is import, negative export.

    The first counter is export, the second import
    [vendor; dxoverdy-dump; koegler; evcc; openwb]; one implementation has them swapped
    [dallonby].
    """

    export_energy_total: float = number(0x0010, Q.ENERGY, words=2, scale=0.01)
    import_energy_total: float = number(0x0012, Q.ENERGY, words=2, scale=0.01)
    voltage_l1: float | None = number(0x0014, Q.VOLTAGE, scale=GRID_VOLTAGE)
    voltage_l2: float | None = number(0x0015, Q.VOLTAGE, scale=GRID_VOLTAGE)
    voltage_l3: float | None = number(0x0016, Q.VOLTAGE, scale=GRID_VOLTAGE)
    """A single-phase inverter sends 0 for L2 and L3, here and below [dxoverdy-dump]."""
    current_l1: float = number(0x0017, Q.CURRENT, signed=True, scale=0.1)
    """A SMILE-B3 always sends 0 A [dxoverdy-dump]."""
    current_l2: float = number(0x0018, Q.CURRENT, signed=True, scale=0.1)
    current_l3: float = number(0x0019, Q.CURRENT, signed=True, scale=0.1)
    frequency: float = number(0x001A, Q.FREQUENCY, scale=0.01)
    power_l1: float = number(0x001B, Q.POWER, words=2, signed=True)
    power_l2: float = number(0x001D, Q.POWER, words=2, signed=True)
    power_l3: float = number(0x001F, Q.POWER, words=2, signed=True)
    power: float = number(0x0021, Q.POWER, words=2, signed=True)
    """Positive while importing [dxoverdy #12; rudyh; evcc]."""
    reactive_power_l1: float = number(0x0023, Q.REACTIVE_POWER, words=2, signed=True)
    reactive_power_l2: float = number(0x0025, Q.REACTIVE_POWER, words=2, signed=True)
    reactive_power_l3: float = number(0x0027, Q.REACTIVE_POWER, words=2, signed=True)
    reactive_power: float = number(0x0029, Q.REACTIVE_POWER, words=2, signed=True)
    apparent_power_l1: float = number(0x002B, Q.APPARENT_POWER, words=2, signed=True)
    apparent_power_l2: float = number(0x002D, Q.APPARENT_POWER, words=2, signed=True)
    apparent_power_l3: float = number(0x002F, Q.APPARENT_POWER, words=2, signed=True)
    apparent_power: float = number(0x0031, Q.APPARENT_POWER, words=2, signed=True)
    power_factor_l1: float = number(0x0033, Q.POWER_FACTOR, signed=True, scale=0.01)
    power_factor_l2: float = number(0x0034, Q.POWER_FACTOR, signed=True, scale=0.01)
    power_factor_l3: float = number(0x0035, Q.POWER_FACTOR, signed=True, scale=0.01)
    power_factor: float = number(0x0036, Q.POWER_FACTOR, signed=True, scale=0.01)


class GridCt(Block, name="grid_ct", group=BlockGroup.SETTINGS, slow=True):
    """The settings of the grid meter's current transformer."""

    enabled: float = number(0x0000)
    ratio: float = number(0x0001)


class PvMeter(Block, name="pv_meter"):
    """The meter of AC-coupled PV: all 0, or refused, where there is none [evcc].

    Generation is counted by one of the two energies, depending on the orientation of
    the current transformer: by the second on a recorded SMILE-B3 [dxoverdy-dump] and on
    a G3-T10 [senalse #25].
    """

    energy_1_total: float = number(0x0090, Q.ENERGY, words=2, scale=0.01)
    energy_2_total: float = number(0x0092, Q.ENERGY, words=2, scale=0.01)
    voltage_l1: float | None = number(0x0094, Q.VOLTAGE, scale=GRID_VOLTAGE)
    voltage_l2: float | None = number(0x0095, Q.VOLTAGE, scale=GRID_VOLTAGE)
    voltage_l3: float | None = number(0x0096, Q.VOLTAGE, scale=GRID_VOLTAGE)
    current_l1: float = number(0x0097, Q.CURRENT, signed=True, scale=0.1)
    current_l2: float = number(0x0098, Q.CURRENT, signed=True, scale=0.1)
    current_l3: float = number(0x0099, Q.CURRENT, signed=True, scale=0.1)
    frequency: float = number(0x009A, Q.FREQUENCY, scale=0.01)
    power_l1: float = number(0x009B, Q.POWER, words=2, signed=True)
    power_l2: float = number(0x009D, Q.POWER, words=2, signed=True)
    power_l3: float = number(0x009F, Q.POWER, words=2, signed=True)
    power: float = number(0x00A1, Q.POWER, words=2, signed=True)
    """The sign depends on the orientation of the current transformer [openwb]."""
    reactive_power_l1: float = number(0x00A3, Q.REACTIVE_POWER, words=2, signed=True)
    reactive_power_l2: float = number(0x00A5, Q.REACTIVE_POWER, words=2, signed=True)
    reactive_power_l3: float = number(0x00A7, Q.REACTIVE_POWER, words=2, signed=True)
    reactive_power: float = number(0x00A9, Q.REACTIVE_POWER, words=2, signed=True)
    apparent_power_l1: float = number(0x00AB, Q.APPARENT_POWER, words=2, signed=True)
    apparent_power_l2: float = number(0x00AD, Q.APPARENT_POWER, words=2, signed=True)
    apparent_power_l3: float = number(0x00AF, Q.APPARENT_POWER, words=2, signed=True)
    apparent_power: float = number(0x00B1, Q.APPARENT_POWER, words=2, signed=True)
    power_factor_l1: float = number(0x00B3, Q.POWER_FACTOR, signed=True, scale=0.01)
    power_factor_l2: float = number(0x00B4, Q.POWER_FACTOR, signed=True, scale=0.01)
    power_factor_l3: float = number(0x00B5, Q.POWER_FACTOR, signed=True, scale=0.01)
    power_factor: float = number(0x00B6, Q.POWER_FACTOR, signed=True, scale=0.01)


class PvMeterCt(Block, name="pv_meter_ct", group=BlockGroup.SETTINGS, slow=True):
    """The settings of the PV meter's current transformer."""

    enabled: float = number(0x0080)
    ratio: float = number(0x0081)
