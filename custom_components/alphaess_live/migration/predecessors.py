"""Other AlphaESS integrations for Home Assistant, and which of our entities continue theirs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Predecessor:
    """Another integration or YAML package that may have been used before."""

    name: str
    platforms: frozenset[str]
    """The platforms of its entities in Home Assistant's registry."""
    key_of: Callable[[str], str]
    """Extracts its name of a value from a unique id."""
    successors: Mapping[str, str]
    """Our key for each of its names: same sign, not delayed or averaged, a unit that converts."""
    has_our_counters: bool = True
    """Whether its energies are the counters of the inverter, as ours are."""
    left_out: Mapping[str, str]
    """Entities that cannot continue, and why."""


def _after_entry(unique_id: str) -> str:
    """Read `<config entry>_<key>`."""
    return unique_id.partition("_")[2]


def _after_brand(unique_id: str) -> str:
    """Read `AlphaESS_Power_Grid`."""
    brand, _, key = unique_id.lower().partition("_")
    return key if brand == "alphaess" else ""


def _after_serial(unique_id: str) -> str:
    """Read `<config entry>_<serial number> - <name>`."""
    return unique_id.partition(" - ")[2]


def _numbered(theirs: str, ours: str, *, last: int) -> dict[str, str]:
    return {theirs.format(n): ours.format(n) for n in range(1, last + 1)}


_PHASES = (("a", 1), ("b", 2), ("c", 3))

_REGISTER_NAMES = {
    "power_grid": "grid_power",
    **{f"power_phase_{a}_grid": f"grid_power_l{n}" for a, n in _PHASES},
    **{f"voltage_phase_{a}_grid": f"grid_voltage_l{n}" for a, n in _PHASES},
    "power_battery": "battery_power",
    "power_inverter": "inverter_power",
    **_numbered("power_inverter_l{}", "inverter_power_l{}", last=3),
    "backup_power_inverter": "backup_power",
    **_numbered("backup_power_inverter_l{}", "backup_power_l{}", last=3),
    "active_power_pv_meter": "pv_meter_power",
    **_numbered("pv{}_power", "pv{}_power", last=4),
    **_numbered("pv{}_voltage", "pv{}_voltage", last=4),
    **_numbered("pv{}_current", "pv{}_current", last=4),
    "pv_total_power": "pv_strings_power",
    "current_pv_production": "pv_power",
    "current_house_load": "load_power",
    "total_energy_feed_to_grid_meter": "grid_export_energy_total",
    "total_energy_consumption_from_grid_meter": "grid_import_energy_total",
    "total_energy_charge_battery": "battery_charge_energy_total",
    "total_energy_discharge_battery": "battery_discharge_energy_total",
    "total_energy_charge_battery_from_grid": "battery_charge_from_grid_energy_total",
    "total_energy_from_pv": "pv_energy_total",
    "total_house_load": "load_energy_total",
    "soc_battery": "battery_soc",
    "soh_battery": "battery_soh",
    "battery_voltage": "battery_voltage",
    "battery_current": "battery_current",
    "battery_min_cell_temp": "battery_temperature_min",
    "battery_max_cell_temp": "battery_temperature_max",
    "battery_min_cell_voltage": "battery_cell_voltage_min",
    "battery_max_cell_voltage": "battery_cell_voltage_max",
    "battery_max_charge_current": "battery_charge_current_limit",
    "battery_max_discharge_current": "battery_discharge_current_limit",
    "battery_capacity_kwh": "battery_capacity",
    "inverter_temperature": "inverter_temperature",
    "inverter_grid_frequency": "inverter_grid_frequency",
}
"""Names of Axel Kögler's package, which several integrations use."""

_NUMERIC_CODE = "the old value is a numeric code, the new one a text"
_UNKNOWN_DIRECTION = "it reads one of the two counters of the PV meter, and which of them counts depends on the wiring"
_RAW = "the old value is the raw register, with an offset or another scale"
_DAILY = "it is reset every day; the totals contain the history"
_UNKNOWN_START = "it is not documented whether it counts a day or the lifetime"

_LEFT_OUT = {
    "inverter_work_mode, battery_status, battery_relay_status": _NUMERIC_CODE,
    "…_fault…, …_warning…": _NUMERIC_CODE,
    "dispatch_…": _RAW,
    "total_energy_feed_to_grid_pv": _UNKNOWN_DIRECTION,
    "today_…": _DAILY,
}

PREDECESSORS = (
    Predecessor(
        name="AlphaESS Modbus (senalse, thokoh74-DE, Poshy163)",
        platforms=frozenset({"alphaess_modbus"}),
        key_of=_after_entry,
        successors=_REGISTER_NAMES,
        left_out=_LEFT_OUT,
    ),
    Predecessor(
        name="YAML package by Axel Kögler (projects.hillviewlodge.ie)",
        platforms=frozenset({"modbus", "template"}),
        key_of=_after_brand,
        successors=_REGISTER_NAMES,
        left_out=_LEFT_OUT
        | {"…_apexcharts": "a copy of another sensor in another unit"},
    ),
    Predecessor(
        name="YAML package by snitzelweck92",
        platforms=frozenset({"modbus"}),
        key_of=str,
        successors={
            "PV_TotalPower_Grid": "grid_power",
            "PV_TotalPower_Battery": "battery_power",
            "PV_TotalPower_Inverter": "inverter_power",
            **_numbered("alpha_ess_power_inverter_L{}", "inverter_power_l{}", last=3),
            **_numbered(
                "alpha_ess_inverter_voltage_l{}", "inverter_voltage_l{}", last=3
            ),
            "alpha_ess_power_inverterbackup_total": "backup_power",
            **_numbered(
                "alpha_ess_power_inverterbackup_L{}", "backup_power_l{}", last=3
            ),
            "alpha_ess_power_pvmeter_total": "pv_meter_power",
            **_numbered("alpha_ess_total_power_string_{}", "pv{}_power", last=4),
            **_numbered("PV_PV{}_Voltage", "pv{}_voltage", last=2),
            **_numbered("PV_PV{}_Current", "pv{}_current", last=2),
            "PV_TotalEnergyFeed_Grid": "grid_export_energy_total",
            "PV_TotalEnergyConsume_Grid": "grid_import_energy_total",
            "alpha_ess_total_energy_feed_to_grid_pvmeter": "pv_meter_energy_1_total",
            "alpha_ess_total_energy_consumption_from_grid_pvmeter": "pv_meter_energy_2_total",
            "PV_TotalEnergyCharge_Battery": "battery_charge_energy_total",
            "PV_TotalEnergyDischarge_Battery": "battery_discharge_energy_total",
            "PV_TotalEnergyChargeFromGrid_Battery": "battery_charge_from_grid_energy_total",
            "PV_TotalEnergyFromPV_PV": "pv_energy_total",
            "PV_SOC_Battery": "battery_soc",
            "PV_Battery_Voltage": "battery_voltage",
            "PV_Battery_Min_Cell_Temp": "battery_temperature_min",
            "PV_Battery_Max_Cell_Temp": "battery_temperature_max",
            "PV_Battery_Max_Charge_Current": "battery_charge_current_limit",
            "PV_Battery_Max_Discharge_Current": "battery_discharge_current_limit",
            "alpha_ess_gridmeter_voltage_a": "grid_voltage_l1",
            "alpha_ess_gridmeter_voltage_b": "grid_voltage_l2",
            "PV_INV_Temperature": "inverter_temperature",
            "PV_Grid_Frequency": "inverter_grid_frequency",
        },
        left_out={
            "PV_Inverter_Mode, PV_Battery_Relay_Status": _NUMERIC_CODE,
            "alpha_ess_…_fault_…": _NUMERIC_CODE,
            "alpha_ess_power_pvmeter_l1 … l3": "all three read the sum of the phases",
        },
    ),
    Predecessor(
        name="AlphaESS Modbus Controller (RudyH1980)",
        platforms=frozenset({"alphaess_controller"}),
        key_of=_after_entry,
        successors={
            "pv_total": "pv_strings_power",
            **_numbered("pv{}", "pv{}_power", last=4),
            "grid_total": "grid_power",
            **_numbered("grid_l{}", "grid_power_l{}", last=3),
            "battery_power": "battery_power",
            "load": "load_power",
            "battery_soc": "battery_soc",
        },
        left_out={"status": "the state of that integration"},
    ),
    Predecessor(
        name="AlphaESS cloud (CharlesGillanders)",
        platforms=frozenset({"alphaess"}),
        key_of=_after_serial,
        successors={
            "Instantaneous Battery SOC": "battery_soc",
            "Instantaneous Generation": "pv_power",
            **_numbered("Instantaneous PPV{}", "pv{}_power", last=4),
            "Instantaneous Load": "load_power",
            "Solar Production": "pv_energy_total",
            "Solar to Grid": "grid_export_energy_total",
            "Charge": "battery_charge_energy_total",
            "Discharge": "battery_discharge_energy_total",
        },
        has_our_counters=False,
        left_out={
            "Instantaneous Battery I/O, Instantaneous Grid I/O …": "their sign is not documented",
            "Solar to Battery, Solar to Load, Grid to Load, Grid to Battery": "the inverter does not measure energy flows",
            "Total Load": _UNKNOWN_START,
        },
    ),
)
"""In the order of priority: the first match for an entity is used."""


@dataclass(frozen=True)
class EntityMatch:
    """The key of ours that continues an entity of a predecessor."""

    source: str
    """Name of the predecessor."""
    key: str
    has_our_counter: bool


def match_entity(platform: str, unique_id: str) -> EntityMatch | None:
    """Find the key of ours that continues an entity; None if there is none."""
    for predecessor in PREDECESSORS:
        if platform in predecessor.platforms:
            key = predecessor.successors.get(predecessor.key_of(unique_id))
            if key:
                # No register counts the load: each integration starts its own sum.
                same = predecessor.has_our_counters and key != "load_energy_total"
                return EntityMatch(predecessor.name, key, same)
    return None
