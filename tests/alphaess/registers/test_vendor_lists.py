"""The registers compared with rows that were copied by hand from the vendor's lists."""

from math import inf

import pytest

from custom_components.alphaess_live.alphaess.registers import BLOCKS
from custom_components.alphaess_live.alphaess.snapshot import READINGS

REGISTERS = {
    block.prefix + name: register
    for block in BLOCKS
    for name, register in block.registers.items()
}

# Address, words, scale, signed: each confirmed by two independent implementations or more.
ROWS = [
    ("grid_export_energy_total", 0x0010, 2, 0.01, False),
    ("grid_import_energy_total", 0x0012, 2, 0.01, False),
    ("grid_voltage_l1", 0x0014, 1, 1, False),
    ("grid_current_l3", 0x0019, 1, 0.1, True),
    ("grid_frequency", 0x001A, 1, 0.01, False),
    ("grid_power_l1", 0x001B, 2, 1, True),
    ("grid_power", 0x0021, 2, 1, True),
    ("grid_power_factor", 0x0036, 1, 0.01, True),
    ("pv_meter_energy_2_total", 0x0092, 2, 0.01, False),
    ("pv_meter_power", 0x00A1, 2, 1, True),
    ("battery_voltage", 0x0100, 1, 0.1, False),
    ("battery_current", 0x0101, 1, 0.1, True),
    ("battery_soc", 0x0102, 1, 0.1, False),
    ("battery_cell_voltage_min", 0x0107, 1, 0.001, False),
    ("battery_temperature_max", 0x0110, 1, 0.1, True),
    ("battery_capacity", 0x0119, 1, 0.1, False),
    ("battery_soh", 0x011B, 1, 0.1, False),
    ("battery_charge_energy_total", 0x0120, 2, 0.1, False),
    ("battery_discharge_energy_total", 0x0122, 2, 0.1, False),
    ("battery_power", 0x0126, 1, 1, True),
    ("battery_remaining_time", 0x0127, 1, 1, False),
    ("inverter_power", 0x040C, 2, 1, True),
    ("backup_power", 0x041A, 2, 1, True),
    ("pv1_voltage", 0x041D, 1, 0.1, False),
    ("pv1_power", 0x041F, 2, 1, True),
    ("pv4_power", 0x042B, 2, 1, True),
    ("pv6_power", 0x0433, 2, 1, True),
    ("inverter_temperature", 0x0435, 1, 0.1, True),
    ("inverter_fault_1", 0x043A, 2, 1, False),
    ("inverter_pv_energy_total", 0x043E, 2, 0.1, False),
    ("dispatch_duration", 0x0887, 2, 1, False),
    ("system_pv_energy_total", 0x08D2, 2, 0.1, False),
    ("system_fault", 0x08D4, 2, 1, False),
    ("frequency_service_power", 0x0890, 1, 1, True),
    ("frequency_service_frequency", 0x0891, 1, 0.01, False),
    ("echonet_battery_power", 0x072E, 1, 1, True),
    ("echonet_output_limit", 0x072F, 1, 1, False),
    ("safety_functions", 0x1002, 2, 1, False),
    ("safety_power_factor", 0x1006, 1, 0.01, True),
    ("safety_volt_watt_stop", 0x1008, 1, 0.1, False),
    ("safety_test_battery_power", 0x1009, 1, 1, True),
    ("protection_overvoltage_1", 0x100B, 1, 0.1, False),
    ("protection_overvoltage_1_time", 0x100C, 1, 1, False),
    ("protection_overvoltage_average", 0x100D, 1, 0.1, False),
    ("protection_overvoltage_average_time", 0x100E, 1, 1, False),
    ("protection_undervoltage_1", 0x100F, 1, 0.1, False),
    ("protection_undervoltage_2", 0x1011, 1, 0.1, False),
    ("protection_overfrequency_1", 0x1013, 1, 0.01, False),
    ("protection_overfrequency_2", 0x1015, 1, 0.01, False),
    ("protection_underfrequency_1", 0x1017, 1, 0.01, False),
    ("protection_underfrequency_2_time", 0x101A, 1, 1, False),
    ("protection_overvoltage_2", 0x101B, 1, 0.1, False),
    ("protection_overvoltage_3", 0x101D, 1, 0.1, False),
    ("protection_undervoltage_3", 0x101F, 1, 0.1, False),
    ("protection_overfrequency_3", 0x1021, 1, 0.01, False),
    ("protection_underfrequency_3_time", 0x1024, 1, 1, False),
    ("feed_in_limit", 0x0800, 1, 1, False),
    ("installation_pv_capacity", 0x0801, 2, 1, False),
    ("installation_pv_meter_capacity", 0x0803, 2, 1, False),
    ("periods_discharge_floor", 0x0850, 1, 1, False),
    ("periods_discharge_1_start_hour", 0x0851, 1, 1, False),
    ("periods_discharge_2_end_hour", 0x0854, 1, 1, False),
    ("periods_charge_target", 0x0855, 1, 1, False),
    ("periods_charge_1_start_hour", 0x0856, 1, 1, False),
    ("periods_charge_1_end_hour", 0x0857, 1, 1, False),
    ("periods_charge_2_end_hour", 0x0859, 1, 1, False),
    ("periods_discharge_1_start_minute", 0x085A, 1, 1, False),
    ("periods_charge_1_end_minute", 0x085F, 1, 1, False),
    ("periods_charge_2_end_minute", 0x0861, 1, 1, False),
]


@pytest.mark.parametrize(
    ("key", "address", "words", "scale", "signed"), ROWS, ids=[row[0] for row in ROWS]
)
def test_register_has_the_documented_address_and_scale(
    key: str, address: int, words: int, scale: float, *, signed: bool
) -> None:
    register = REGISTERS[key]
    assert (register.address, register.words) == (address, words)
    assert register.decode({**dict.fromkeys(range(address, address + 2), 0)}) == 0
    low = address + words - 1
    limit = register.variant.most if register.variant else inf
    raw = min(1000 if scale > 0.001 else 4000, limit / scale)
    assert register.decode({address: 0, low: int(raw)}) == pytest.approx(raw * scale)
    ones = dict.fromkeys(range(address, address + words), 0xFFFF)
    # All ones are unknown where they are impossible.
    assert ((register.decode(ones) or 0) < 0) is signed


CODES = [
    ("auxiliary_emergency_input", 0x08C0, 1, "on"),
    ("auxiliary_spare_input", 0x08C1, 0, "off"),
    ("frequency_service_active", 0x088F, 1, "on"),
    ("echonet_user_mode", 0x072C, 2, "secure"),
    ("echonet_battery_mode", 0x072D, 3, "standby"),
    ("echonet_active", 0x0730, 1, "on"),
    ("grid_code", 0x1000, 0, "vde_0126_50hz"),
    ("grid_code", 0x1000, 1, "vde_4105"),
    ("grid_code", 0x1000, 8, "ceb"),
    ("grid_code", 0x1000, 16, "g99"),
    ("grid_code", 0x1000, 19, "as_4777_2_sa"),
    ("grid_code", 0x1000, 25, "jet_gr"),
    ("grid_code", 0x1000, 26, None),
    ("grid_code", 0x1000, 28, "default_50hz"),
    ("grid_code", 0x1000, 38, "en_50549"),
    ("safety_test", 0x1001, 1, "on"),
    ("safety_reactive_direction", 0x1005, 0, "leading"),
]


@pytest.mark.parametrize(("key", "address", "code", "state"), CODES)
def test_code_has_the_documented_state(
    key: str, address: int, code: int, state: str | None
) -> None:
    register = REGISTERS[key]
    assert (register.address, register.words) == (address, 1)
    assert register.decode({address: code}) == state


TEXTS = [
    ("inverter_master_version", 0x0640, 5),
    ("inverter_serial", 0x064A, 10),
    ("inverter_arm_version", 0x0654, 5),
    ("ems_serial", 0x0743, 8),
    ("ems_version_suffix", 0x074F, 4),
]


@pytest.mark.parametrize(("key", "address", "words"), TEXTS)
def test_text_has_the_documented_address(key: str, address: int, words: int) -> None:
    register = REGISTERS[key]
    assert (register.address, register.words) == (address, words)
    assert register.decode(dict.fromkeys(range(address, register.end), 0x4142)) == (
        "AB" * words
    )


def test_numeric_reading_has_a_quantity() -> None:
    words = {"serial", "version", "suffix", "time", "state", "relay", "type", "mode"}
    words |= {"routing", "switch", "active", "meters", "input", "code", "test"}
    words |= {"direction"}
    unmeasured = {reading.key for reading in READINGS if reading.quantity is None}
    assert all(key.rsplit("_", 1)[-1] in words for key in unmeasured)
