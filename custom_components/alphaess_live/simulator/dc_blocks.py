"""Register blocks of the battery, the PV strings and the inverter's own sensors."""

from dataclasses import replace

from ..alphaess.registers import (
    Battery,
    ChargeState,
    InverterState,
    Relay,
    Strings,
    StringsTotal,
    WorkMode,
)
from .energy_flow import in_kilowatt_hours
from .house import House, Roof
from .models import Model
from .simulated_battery import FULL_PERCENT
from .sky import smooth_random_at

_ALMOST_FULL = 99.95
"""%; from here on the register reads 100.0 %."""
_MAX_REMAINING_MINUTES = 0xFFFF
"""Largest value of the register, in minutes."""


def battery(house: House, model: Model) -> Battery:
    """Build the battery block."""
    pack, soc = house.equipment.pack, house.battery.soc
    usable = FULL_PERCENT - house.reserve
    voltage = pack.cells * cell_voltage(house)
    bmu, lmu, iso = model.bms_versions
    block = replace(
        _cells_and_energies(house),
        voltage=voltage,
        current=house.flow.battery / voltage,
        soc=soc,
        state=_state(house),
        relay=Relay.CLOSED,
        charge_current_limit=house.battery.can_charge(1) / voltage,
        discharge_current_limit=house.battery.can_discharge(1) / voltage,
        charge_cutoff_voltage=pack.cells * 3.6,
        discharge_cutoff_voltage=pack.cells * 3.0,
        bmu_version=bmu,
        lmu_version=lmu,
        iso_version=iso,
        modules=pack.modules,
        capacity=pack.capacity / 1000,
        type=model.battery_type,
        soh=model.soh,
        power=house.flow.battery,
        remaining_time=_remaining(house) if model.reports_remaining_time else 0,
        charge_power_limit=pack.charge,
        discharge_power_limit=pack.discharge,
        mos=1,
    )
    if not model.soh:
        return block
    return replace(
        block,
        usable_charge=usable,
        usable_discharge=usable,
        remaining_charge=FULL_PERCENT - soc,
        remaining_discharge=max(0.0, soc - house.reserve),
    )


def _cells_and_energies(house: House) -> Battery:
    """Build the extremes of the cells and the energy counters."""
    pack, cell, counters = house.equipment.pack, cell_voltage(house), house.counters
    return replace(
        Battery.neutral(),
        cell_voltage_min_pack=1,
        cell_voltage_min_cell=7,
        cell_voltage_min=cell - 0.006,
        cell_voltage_max_pack=pack.modules,
        cell_voltage_max_cell=12,
        cell_voltage_max=cell + 0.008,
        temperature_min_pack=1,
        temperature_min_cell=2,
        temperature_min=house.battery_temperature - 1.2,
        temperature_max_pack=pack.modules,
        temperature_max_cell=5,
        temperature_max=house.battery_temperature + 1.3,
        charge_energy_total=in_kilowatt_hours(counters.charge, step=0.1),
        discharge_energy_total=in_kilowatt_hours(counters.discharge, step=0.1),
        charge_from_grid_energy_total=in_kilowatt_hours(
            counters.charge_from_grid, step=0.1
        ),
    )


def cell_voltage(house: House) -> float:
    """Compute the voltage of a lithium iron phosphate cell (V): flat, higher while charging."""
    pack, soc = house.equipment.pack, house.battery.soc
    steep = 0.12 * max(0.0, (soc - 90) / 10) - 0.25 * max(0.0, (12 - soc) / 12)
    pushed = -0.05 * house.flow.battery / pack.charge
    return 3.22 + 0.0012 * soc + steep + pushed


def strings(house: House) -> Strings:
    """Build the block of the first three strings; 0 for those that do not exist."""
    pairs = zip(house.equipment.roofs, house.flow.strings, strict=True)
    values: dict[str, float] = {}
    for number, (roof, power) in enumerate(pairs, 1):
        voltage = _string_voltage(house, roof, lit=power > 0)
        values[f"pv{number}_voltage"] = voltage
        values[f"pv{number}_current"] = power / voltage
        values[f"pv{number}_power"] = power
    return replace(Strings.neutral(), **values)


def strings_total(house: House) -> StringsTotal:
    """Build the sum of the strings that the newest firmware adds."""
    return replace(StringsTotal.neutral(), pv_strings_power=sum(house.flow.strings))


def state(house: House) -> InverterState:
    """Build the block of the inverter's own sensors."""
    return replace(
        InverterState.neutral(),
        temperature=house.inverter_temperature,
        pv_energy_total=in_kilowatt_hours(house.counters.strings, step=0.1),
        work_mode=WorkMode.ONLINE,
    )


def _state(house: House) -> ChargeState:
    if house.battery.soc >= _ALMOST_FULL:
        return ChargeState.FULL
    if not house.battery.can_discharge(1):
        return ChargeState.CHARGE_ONLY
    return ChargeState.READY


def _remaining(house: House) -> int:
    """Compute the minutes until the battery is at its reserve, or full, at the present power."""
    power, soc = house.flow.battery, house.battery.soc
    left = soc - house.reserve if power > 0 else FULL_PERCENT - soc
    energy = max(0.0, left) / FULL_PERCENT * house.equipment.pack.capacity
    return min(_MAX_REMAINING_MINUTES, round(60 * energy / abs(power))) if power else 0


def _string_voltage(house: House, roof: Roof, *, lit: bool) -> float:
    """An open string still shows some volts at night."""
    wander = smooth_random_at(
        house.seed + 20 + roof.cells, house.clock.hour * 60 + house.clock.minute
    )
    return roof.cells * (0.6 + 0.02 * wander if lit else 0.04)
