"""Register blocks of the meters and of the inverter's AC side."""

from dataclasses import replace

from ..alphaess.registers import (
    Backup,
    Grid,
    GridCt,
    InverterDetail,
    InverterOutput,
    OutputFrequency,
    PvMeter,
    PvMeterCt,
)
from .appliances import PhasePowers
from .energy_flow import in_kilowatt_hours
from .house import House
from .models import Model
from .phases import (
    amperes,
    apparent,
    by_phase,
    drawn,
    factor,
    frequency,
    grid_powers,
    powers_with_reactive,
    split,
    volts,
)

BACKUP_SHARE = 8
"""One in this many watts of the appliances is on the backup output."""
IDLE_VAR = 105
"""var; constant reactive power of the house."""
_NOTHING = (0, 0, 0)


def grid(house: House, model: Model) -> Grid:
    """Build the block of the grid meter."""
    powers = grid_powers(house)
    reactive = split(IDLE_VAR, house.equipment.phases)
    return replace(
        Grid.neutral(),
        export_energy_total=in_kilowatt_hours(house.counters.grid_export, step=0.01),
        import_energy_total=in_kilowatt_hours(house.counters.grid_import, step=0.01),
        frequency=frequency(house),
        power=house.flow.grid,
        reactive_power=IDLE_VAR,
        apparent_power=apparent(house.flow.grid, IDLE_VAR),
        power_factor=factor(house.flow.grid, IDLE_VAR),
        **volts(house),
        **amperes(house, powers if model.reports_grid_current else _NOTHING),
        **powers_with_reactive(powers, reactive),
    )


def grid_ct(model: Model) -> GridCt:
    """Build the settings of the grid meter; a SMILE-B3 sends 0."""
    present = int(model.reports_grid_current)
    return replace(GridCt.neutral(), enabled=present, ratio=present)


def pv_meter_ct(model: Model) -> PvMeterCt:
    """Build the settings of the PV meter; a SMILE-B3 sends 0."""
    return replace(PvMeterCt.neutral(), ratio=int(model.reports_grid_current))


def pv_meter(house: House) -> PvMeter:
    """Build the block of the PV meter, which measures the AC-coupled roof."""
    power = house.flow.ac_solar
    powers = split(power, house.equipment.phases)
    return replace(
        PvMeter.neutral(),
        energy_1_total=0.05,
        energy_2_total=in_kilowatt_hours(house.counters.ac_solar, step=0.01),
        frequency=frequency(house),
        power=power,
        apparent_power=power,
        power_factor=factor(power, 0),
        **volts(house),
        **powers_with_reactive(powers, _NOTHING),
    )


def output(house: House) -> InverterOutput:
    """Build the block of the inverter's AC output."""
    powers = split(house.flow.inverter, house.equipment.phases)
    return replace(
        InverterOutput.neutral(),
        power=house.flow.inverter,
        **volts(house),
        **amperes(house, powers),
        **by_phase("power", powers),
    )


def output_frequency(house: House) -> OutputFrequency:
    """Build the grid frequency that the inverter measures."""
    return replace(OutputFrequency.neutral(), grid_frequency=frequency(house))


def backup(house: House) -> Backup:
    """Build the block of the backup output, which feeds a part of the house."""
    first, second, third = (watts // BACKUP_SHARE for watts in drawn(house))
    powers: PhasePowers = (first, second, third)
    return replace(
        Backup.neutral(),
        power=sum(powers),
        **volts(house),
        **amperes(house, powers),
        **by_phase("power", powers),
    )


def detail(house: House, battery_voltage: float) -> InverterDetail:
    """Build the block that recent firmware adds."""
    flow = house.flow
    return replace(
        InverterDetail.neutral(),
        battery_voltage=battery_voltage,
        battery_current=abs(flow.battery) / battery_voltage,
        battery_power=flow.battery,
        apparent_power=abs(flow.inverter),
        frequency=frequency(house),
        backup_frequency=frequency(house),
        power_factor=factor(flow.inverter, 0),
    )
