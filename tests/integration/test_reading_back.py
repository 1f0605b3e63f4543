"""What was written down and cannot be read keeps no inverter from being set up."""

from typing import Any

from homeassistant.core import HomeAssistant, State
import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from custom_components.alphaess_live.const import DOMAIN

from .conftest import House, set_up
from .test_control import charge, seen

ZEROS = [0] * 9
SINCE = "2026-01-01T00:00:00+00:00"
LEASES: tuple[object, ...] = (
    [1],
    {"leases": 7},
    {"leases": [{}]},
    {"leases": [{"words": [1], "begun": SINCE}]},
    {"leases": [{"words": ZEROS, "begun": SINCE.removesuffix("+00:00")}]},
    {"leases": [{"words": ["x", *ZEROS[1:]], "begun": SINCE}]},
    {"wear": {"day": "never", "count": 1}},
    {"wear": {"day": "2026-01-01", "count": "many"}},
    {"functions": {"order_9": "fc99"}},
)
COMPLAINTS: tuple[object, ...] = (
    [1],
    {"since": {}},
    {"family": "ems_99", "since": {}},
    {"family": "ems_3_5", "since": [1]},
    {"family": "ems_3_5", "since": {"battery_fault.x": SINCE}},
    {"family": "ems_3_5", "since": {"battery_fault.4": "yesterday"}},
)
GARBAGE = [("", one) for one in LEASES] + [(".faults", one) for one in COMPLAINTS]


def written_down(
    house: House, file: str, data: object, *, version: int = 1
) -> dict[str, Any]:
    """Lay out one of an entry's files."""
    key = f"{DOMAIN}.{house.entry.entry_id}{file}"
    return {key: {"version": version, "minor_version": 1, "key": key, "data": data}}


@pytest.mark.parametrize(("file", "data"), GARBAGE)
async def test_a_broken_file_is_begun_anew(
    hass: HomeAssistant,
    house: House,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    *,
    file: str,
    data: object,
) -> None:
    hass_storage |= written_down(house, file, data)
    await set_up(hass, house)
    assert caplog.text.count("cannot be read, and starts empty") == 1
    await charge(house)
    assert seen(house) == ("charging", "alphaess_live")


async def test_files_of_a_newer_release_are_begun_anew(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    for file in ("", ".faults"):
        hass_storage |= written_down(house, file, {"new": True}, version=2)
    await set_up(hass, house)
    await charge(house)


@pytest.mark.parametrize(
    "name", ["grid_energy_imported_today", "house_load_energy_calculated"]
)
async def test_an_energy_that_was_another_sensor_before_is_begun_anew(
    hass: HomeAssistant, house: House, name: str
) -> None:
    entity = f"sensor.alphaess_{name}"
    theirs = {"native_value": 12, "native_unit_of_measurement": "kWh"}
    mock_restore_cache_with_extra_data(hass, [(State(entity, "12"), theirs)])
    await set_up(hass, house)
    state = hass.states.get(entity)
    assert state
    assert float(state.state) == 0
