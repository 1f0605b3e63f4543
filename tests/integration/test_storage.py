"""What version 0.1.0 stored is restored, and stored again in the same form."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_restore_cache_with_extra_data,
)

from custom_components.alphaess_live.alphaess.registers import Clock, DispatchOrder
from custom_components.alphaess_live.alphaess.write_policy import (
    CLOCK_ADDRESSES,
    DISPATCH_WITH_PV_ADDRESSES,
)
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control.dispatch_status import DispatchOwner

from .conftest import House, LoopClock, poll

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent / "stored_0_1_0"
STORED_AT = datetime(2026, 7, 1, 12, 2, 40, tzinfo=UTC)
PV_OFF = 2


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


ENTRY: Mapping[str, Any] = _read("entry.json")
CONTROL: Mapping[str, Any] = _read("control.json")
FAULTS: Mapping[str, Any] = _read("faults.json")


@pytest.fixture
async def old_house(
    hass: HomeAssistant,
    house: House,
    hass_storage: dict[str, Any],
    loop_clock: LoopClock,  # noqa: ARG001 - timeouts go on while the time is set
    freezer: FrozenDateTimeFactory,
) -> House:
    """Put what 0.1.0 stored in place, two minutes later; the inverter goes on as it was."""
    freezer.move_to(STORED_AT + timedelta(minutes=2))
    fields = {"version", "minor_version", "domain", "entry_id", "title", "unique_id"}
    house.entry = MockConfigEntry(
        **{name: value for name, value in ENTRY.items() if name in fields},
        source=ENTRY["source"],
        data=ENTRY["data"] | {"port": house.server.port},
        options=ENTRY["options"],
    )
    hass_storage |= {one["key"]: dict(one) for one in (CONTROL, FAULTS)}
    _restore_states(hass, house.entry)
    (lease,) = CONTROL["data"]["leases"]
    words = (*lease["words"], 0, PV_OFF)
    house.inverter.write_as_app(DISPATCH_WITH_PV_ADDRESSES.start, *words)
    house.inverter.set_faults("inverter_fault_1", 0)
    clock = Clock(time=dt_util.now().replace(tzinfo=None)).encode()
    house.inverter.write_as_app(
        CLOCK_ADDRESSES.start, *(clock[at] for at in CLOCK_ADDRESSES)
    )
    return house


def _restore_states(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Register the entities under their old ids, and put their old states in place."""
    entry.add_to_hass(hass)
    registry, states = er.async_get(hass), []
    for stored in _read("restored_states.json"):
        domain, _, name = stored["entity_id"].partition(".")
        registry.async_get_or_create(
            domain,
            DOMAIN,
            stored["unique_id"],
            config_entry=entry,
            suggested_object_id=name,
        )
        states.append(
            (State(stored["entity_id"], stored["state"]), stored["extra_data"])
        )
    mock_restore_cache_with_extra_data(hass, states)


async def load(hass: HomeAssistant, house: House) -> None:
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.coordinator.connection.connected


def value(hass: HomeAssistant, entity_id: str) -> float:
    state = hass.states.get(entity_id)
    assert state
    return float(state.state)


async def test_entry_of_0_1_0_after_set_up_and_unload_is_unchanged(
    hass: HomeAssistant, old_house: House
) -> None:
    await load(hass, old_house)
    await poll(old_house, full=True)
    await hass.config_entries.async_unload(old_house.entry.entry_id)
    kept = dict(old_house.entry.data)
    # The fault that this block carries is readable again: nothing is missing any more.
    assert kept.pop("missing") == {}
    assert kept == {
        key: value for key, value in ENTRY["data"].items() if key != "missing"
    } | {"port": old_house.server.port}
    assert old_house.entry.options == ENTRY["options"]
    assert old_house.entry.version == ENTRY["version"]


async def test_files_of_0_1_0_after_set_up_and_unload_are_unchanged(
    hass: HomeAssistant, old_house: House, hass_storage: dict[str, Any]
) -> None:
    await load(hass, old_house)
    await hass.config_entries.async_unload(old_house.entry.entry_id)
    assert hass_storage[CONTROL["key"]] == CONTROL
    assert hass_storage[FAULTS["key"]] == FAULTS


async def test_dispatch_of_0_1_0_after_set_up_is_still_ours(
    hass: HomeAssistant, old_house: House
) -> None:
    await load(hass, old_house)
    controller = old_house.controller
    (stored,) = CONTROL["data"]["leases"]
    words = dict(zip(DISPATCH_WITH_PV_ADDRESSES, stored["words"], strict=False))
    assert controller.order == DispatchOrder.decode(words)
    assert controller.owner is DispatchOwner.OURS
    assert controller.dispatch
    assert controller.dispatch.expires_at == STORED_AT + timedelta(days=1)
    assert controller.has_switched_pv_off
    assert controller.flash_writes.count == CONTROL["data"]["wear"]["count"]
    learned = {kind: one.value for kind, one in controller.writer.learned.items()}
    assert learned == CONTROL["data"]["functions"]


async def test_faults_of_0_1_0_after_set_up_keep_their_start(
    hass: HomeAssistant, old_house: House
) -> None:
    await load(hass, old_house)
    (stored,) = FAULTS["data"]["since"].values()
    (since,) = old_house.coordinator.fault_tracker.since.values()
    assert since == datetime.fromisoformat(stored)


async def test_states_of_0_1_0_after_set_up_are_continued(
    hass: HomeAssistant, old_house: House
) -> None:
    await load(hass, old_house)
    assert value(hass, "number.alphaess_requested_power") == 2500
    assert value(hass, "number.alphaess_requested_duration") == 90
    assert value(hass, "sensor.alphaess_battery_energy_charged") >= 5242.7
    assert value(hass, "sensor.alphaess_pv_energy") >= 19926.2
    energy = hass.states.get("sensor.alphaess_house_load_energy_calculated")
    assert energy
    assert energy.attributes["unknown_seconds"] >= 160


def test_entry_data_and_files_are_written_in_one_module_only() -> None:
    package = ROOT / "custom_components" / "alphaess_live"
    writers = [
        path.name
        for path in package.rglob("*.py")
        for call in ("async_update_entry(", "Store(")
        if call in path.read_text("utf-8")
    ]
    assert set(writers) == {"storage.py"}
