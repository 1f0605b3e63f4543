"""The fields and paths of the followed system."""

from collections.abc import Iterator
from datetime import datetime
from http import HTTPStatus
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from ..conftest import House
from .conftest import Client, bring_back, create_token, lose
from .rest_client import CHARGE_PATH, ORDER, send_order
from .ws_client import receive_initial


async def get(client: Client, path: str) -> Any:
    """Request a path and return the body."""
    answer = await client.get(path)
    assert answer.status == HTTPStatus.OK
    return await answer.json()


async def test_complete_status_has_the_fields_of_the_followed_system(
    client: Client, home: House
) -> None:
    status = await get(client, "/api/alphaess/complete-status")
    latest = home.coordinator.latest
    assert latest
    assert latest.battery
    assert latest.output
    assert status["battery"]["temperature"] == latest.battery.temperature_max
    assert status["load"]["inverterPower"] == latest.output.power
    first, second = (string["power"] for string in status["pv"]["strings"])
    pv = status["pv"]
    assert (pv["pv1Power"], pv["pv2Power"]) == (first, second)
    assert pv["power"] == first + second


async def test_complete_status_has_the_energy_of_today(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    for key, state, unit in (
        ("pv_energy_today", "12.5", "kWh"),
        ("grid_import_energy_today", "1250", "Wh"),
        ("grid_export_energy_today", "0.00125", "MWh"),
        ("battery_charge_energy_today", "unknown", "kWh"),
        ("battery_discharge_energy_today", "3.1", "kWh"),
        ("load_energy_today", "7", "kWh"),
    ):
        attributes = {"unit_of_measurement": unit}
        hass.states.async_set(home.entity_id(hass, key), state, attributes)
    status = await get(client, "/api/alphaess/complete-status")
    assert status["pv"]["energyToday"] == status["pv"]["dailyEnergy"] == 12.5
    assert status["grid"]["dailyImport"] == status["grid"]["dailyExport"] == 1.25
    assert status["battery"]["dailyCharge"] is None
    assert status["battery"]["dailyDischarge"] == 3.1
    assert status["load"]["dailyEnergy"] == 7


async def test_pv_details_have_the_fields_of_the_followed_system(
    client: Client, home: House
) -> None:
    details = await get(client, "/api/alphaess/pv-details")
    latest = home.coordinator.latest
    assert latest
    assert latest.output
    assert details["activePower"] == details["power"]
    assert details["energyTotal"] == details["energy"]["total"]
    assert details["energyToday"] == details["energy"]["today"]
    assert details["voltageL1"] == latest.output.voltage_l1
    assert details["voltageL3"] == latest.output.voltage_l3
    assert details["currentL1"] is None


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_pv_details_of_ac_coupled_pv_are_those_of_its_meter(
    client: Client, home: House
) -> None:
    details = await get(client, "/api/alphaess/pv-details")
    meter = home.coordinator.latest and home.coordinator.latest.pv_meter
    assert meter
    assert details["voltageL1"] == meter.voltage_l1
    assert details["currentL1"] == meter.current_l1


async def test_dispatch_has_the_fields_of_the_followed_system(
    client: Client, home: House
) -> None:
    collector = await get(client, "/api/alphaess/collector-status")
    assert collector["currentDispatch"] is None
    snapshots = home.coordinator.inverter.stats.snapshots
    assert collector["snapshotCount"] == collector["counters"]["snapshots"] == snapshots
    assert (await send_order(client, "/api/dispatch/charge", ORDER))[0] == 200
    status = await get(client, "/api/dispatch/status")
    assert status["charging"]
    assert status["watts"] == -status["power"] == ORDER["power"]
    assert status["targetSOC"] == status["targetSoc"]
    assert status["remainingSeconds"] == status["remaining"] > 3590
    collector = await get(client, "/api/alphaess/collector-status")
    (order,) = (await get(client, "/api/history/dispatch"))["orders"]
    started = datetime.fromisoformat(order["startedAt"])
    milliseconds = round(started.timestamp() * 1000)
    assert collector["currentDispatch"] in (milliseconds, milliseconds + 1)
    assert (await send_order(client, "/api/dispatch/stop"))[0] == 200
    collector = await get(client, "/api/alphaess/collector-status")
    assert collector["currentDispatch"] is None
    assert (await send_order(client, "/api/dispatch/discharge", ORDER))[0] == 200
    assert (await get(client, "/api/dispatch/status"))["discharging"]


def components(levels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield all components of a picture that have a power."""
    for level in levels:
        for component in level["components"]:
            yield component
            yield from component["subComponents"]


@pytest.mark.parametrize("model", ["three_phase", "single_phase", "ac_coupled"])
async def test_picture_of_the_house_has_a_power_for_all_its_parts(
    client: Client, home: House, sockets: Any
) -> None:
    picture = await get(client, "/api/system/architecture")
    _, power = await receive_initial(await sockets("?flows=1"))
    parts = {part["component_key"]: part for part in components(picture["levels"])}
    assert parts.keys() == power["data"]["components"].keys()
    assert {
        f"{key}_to_{target}" for key, part in parts.items() for target in part["flowTo"]
    } == power["data"]["flows"].keys()
    for key, part in parts.items():
        assert all(key in parts[other]["flowFrom"] for other in part["flowTo"])
    assert len({part["id"] for part in parts.values()}) == len(parts)
    strings = [key for key in parts if key.startswith("solar_")]
    identity = home.identity
    assert len(strings) == identity.strings + identity.ac_coupled
    status = await get(client, "/api/alphaess/complete-status")
    for part in parts.values():
        group, name = part["dataSource"].split(".")
        assert isinstance(status[group][name], int | float)
    assert parts["backup_unit"]["name"] == identity.model
    assert parts["battery_1"]["specs"]["totalCapacity"] == identity.battery_capacity


async def test_picture_shows_whether_export_is_allowed(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    rules = (await get(client, "/api/system/architecture"))["flowRules"]
    assert rules == {"priority": ["solar", "battery", "grid"], "exportAllowed": True}
    home.inverter.write_as_app(0x0800, 0)
    await lose(hass, home)
    await bring_back(hass, home)
    await lose(hass, home)
    rules = (await get(client, "/api/system/architecture"))["flowRules"]
    assert rules["exportAllowed"] is False
    await hass.config_entries.async_unload(home.entry.entry_id)
    rules = (await get(client, "/api/system/architecture"))["flowRules"]
    assert rules["exportAllowed"] is None


async def test_energy_of_today_needs_permission_for_its_sensor(
    hass: HomeAssistant, home: House, hass_client: Any
) -> None:
    hidden = home.entity_id(hass, "pv_energy_today")
    registry = er.async_get(hass)
    registry.async_update_entity(hidden, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.config_entries.async_reload(home.entry.entry_id)
    client = await hass_client(await create_token(hass, {"entities": True}))
    status = await get(client, "/api/alphaess/complete-status")
    assert status["pv"]["energyToday"] is None
    assert (await send_order(client, CHARGE_PATH, ORDER))[0] == 200
