"""The battery, as its management system (BMS) reports it."""

from ..scales import CELL_VOLTAGE
from .block import Block
from .enums import BATTERY_TYPES, CHARGE_STATES, RELAYS, BatteryType, ChargeState, Relay
from .register import Quantity as Q, choice, number


class Battery(Block, name="battery"):
    """The battery as a whole. Positive power and current is discharge [vendor]."""

    voltage: float = number(0x0100, Q.VOLTAGE, scale=0.1)
    current: float = number(0x0101, Q.CURRENT, signed=True, scale=0.1)
    """Negative while charging, as the power is [openwb; dxoverdy-dump]."""
    soc: float = number(0x0102, Q.CHARGE, scale=0.1)
    state: ChargeState | None = choice(0x0103, CHARGE_STATES)
    relay: Relay | None = choice(0x0104, RELAYS)
    cell_voltage_min_pack: float = number(0x0105)
    """Documented as 0.001 V, as the other pack and cell numbers are; they are plain numbers [vendor]."""
    cell_voltage_min_cell: float = number(0x0106)
    cell_voltage_min: float | None = number(0x0107, Q.VOLTAGE, scale=CELL_VOLTAGE)
    cell_voltage_max_pack: float = number(0x0108)
    cell_voltage_max_cell: float = number(0x0109)
    cell_voltage_max: float | None = number(0x010A, Q.VOLTAGE, scale=CELL_VOLTAGE)
    temperature_min_pack: float = number(0x010B)
    temperature_min_cell: float = number(0x010C)
    temperature_min: float = number(0x010D, Q.TEMPERATURE, signed=True, scale=0.1)
    temperature_max_pack: float = number(0x010E)
    temperature_max_cell: float = number(0x010F)
    temperature_max: float = number(0x0110, Q.TEMPERATURE, signed=True, scale=0.1)
    charge_current_limit: float = number(0x0111, Q.CURRENT, scale=0.1)
    discharge_current_limit: float = number(0x0112, Q.CURRENT, scale=0.1)
    charge_cutoff_voltage: float = number(0x0113, Q.VOLTAGE, scale=0.1)
    discharge_cutoff_voltage: float = number(0x0114, Q.VOLTAGE, scale=0.1)
    bmu_version: float = number(0x0115)
    """165 is V1.65, here and in the next two registers [vendor]."""
    lmu_version: float = number(0x0116)
    iso_version: float = number(0x0117)
    modules: float = number(0x0118)
    capacity: float = number(0x0119, Q.CAPACITY, scale=0.1)
    type: BatteryType | None = choice(0x011A, BATTERY_TYPES)
    soh: float = number(0x011B, Q.SHARE, scale=0.1)
    """A SMILE-B3 sends 0 [dxoverdy-dump]."""
    warning: float = number(0x011C, Q.FLAGS, words=2)
    fault: float = number(0x011E, Q.FLAGS, words=2)
    charge_energy_total: float = number(0x0120, Q.ENERGY, words=2, scale=0.1)
    discharge_energy_total: float = number(0x0122, Q.ENERGY, words=2, scale=0.1)
    charge_from_grid_energy_total: float = number(0x0124, Q.ENERGY, words=2, scale=0.1)
    power: float = number(0x0126, Q.POWER, signed=True)
    """Negative while charging [vendor]."""
    remaining_time: float = number(0x0127, Q.MINUTES)
    """Always 0 on some systems: ALD serial numbers [senalse], SMILE-B3 [dxoverdy-dump]."""
    usable_charge: float = number(0x0128, Q.SHARE, scale=0.1)
    usable_discharge: float = number(0x0129, Q.SHARE, scale=0.1)
    remaining_charge: float = number(0x012A, Q.SHARE, scale=0.1)
    remaining_discharge: float = number(0x012B, Q.SHARE, scale=0.1)
    charge_power_limit: float = number(0x012C, Q.POWER)
    discharge_power_limit: float = number(0x012D, Q.POWER)
    mos: float = number(0x012E)
    calibrating: float = number(0x012F)
    cut_error: float = number(0x0130)


class Packs(Block, name="packs", prefix="battery_"):
    """Fault and warning bits of each pack; protocol V1.22 and later [vendor-v1.23].

    No table of these bits is published.
    """

    pack_1_fault: float = number(0x0131, Q.FLAGS, words=2)
    pack_2_fault: float = number(0x0133, Q.FLAGS, words=2)
    pack_3_fault: float = number(0x0135, Q.FLAGS, words=2)
    pack_4_fault: float = number(0x0137, Q.FLAGS, words=2)
    pack_5_fault: float = number(0x0139, Q.FLAGS, words=2)
    pack_6_fault: float = number(0x013B, Q.FLAGS, words=2)
    pack_1_warning: float = number(0x013D, Q.FLAGS, words=2)
    pack_2_warning: float = number(0x013F, Q.FLAGS, words=2)
    pack_3_warning: float = number(0x0141, Q.FLAGS, words=2)
    pack_4_warning: float = number(0x0143, Q.FLAGS, words=2)
    pack_5_warning: float = number(0x0145, Q.FLAGS, words=2)
    pack_6_warning: float = number(0x0147, Q.FLAGS, words=2)
