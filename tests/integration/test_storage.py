"""What version 0.1.0 stored is restored; unreadable files start empty; what is learned of an inverter stays."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
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

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.alphaess.pv_meter_direction import MeterDirection
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    Clock,
    DispatchOrder,
    Grid,
    InverterVersions,
    MoreStrings,
    Strings,
    System,
)
from custom_components.alphaess_live.alphaess.write_policy import (
    CLOCK_ADDRESSES,
    DISPATCH_WITH_PV_ADDRESSES,
)
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control.dispatch_status import DispatchOwner
from custom_components.alphaess_live.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.storage import STORED_FILES

from .conftest import House, LoopClock, bring_back, lose, poll, set_behaviour, set_up
from .orders import charge, dispatch_status

ROOT = Path(__file__).parents[2]


FOLDER = Path(__file__).parent / "stored_0_1_0"


STORED_AT = datetime(2026, 7, 1, 12, 2, 40, tzinfo=UTC)


PV_OFF = 2


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


ENTRY: Mapping[str, Any] = _read("entry.json")


CONTROL: Mapping[str, Any] = _read("control.json")


FAULTS: Mapping[str, Any] = _read("faults.json")


ZEROS = [0] * 9


SINCE = "2026-01-01T00:00:00+00:00"


CONTROL_FILES: tuple[object, ...] = (
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


FAULT_FILES: tuple[object, ...] = (
    [1],
    {"since": {}},
    {"family": "ems_99", "since": {}},
    {"family": "ems_3_5", "since": [1]},
    {"family": "ems_3_5", "since": {"battery_fault.x": SINCE}},
    {"family": "ems_3_5", "since": {"battery_fault.4": "yesterday"}},
)


UNREADABLE_FILES = [("", one) for one in CONTROL_FILES] + [
    (".faults", one) for one in FAULT_FILES
]


CHARGE_LIMIT, DISCHARGE_LIMIT = (
    Battery.registers[f"{way}_power_limit"] for way in ("charge", "discharge")
)


NIGHT = dict.fromkeys((*Strings.addresses(), *MoreStrings.addresses()), 0)


COLD_BATTERY = CHARGE_LIMIT.encode(0) | DISCHARGE_LIMIT.encode(900)


DECIVOLTS = Grid.registers["voltage_l1"].encode(2301)


VERSION = range(
    System.registers["version_high"].address, System.registers["version_low"].end
)


STARTING = dict.fromkeys(VERSION, 0) | dict.fromkeys(
    (Battery.registers["modules"].address, Battery.registers["capacity"].address), 0
)


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


def float_state(hass: HomeAssistant, entity_id: str) -> float:
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
    # 0.1.0 stored one serial number only; the inverter's own is known since then, too.
    assert kept.pop("serials") == [MODELS["three_phase"].inverter_serial]
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
    assert float_state(hass, "number.alphaess_requested_power") == 2500
    assert float_state(hass, "number.alphaess_requested_duration") == 90
    assert float_state(hass, "sensor.alphaess_battery_energy_charged") >= 5242.7
    assert float_state(hass, "sensor.alphaess_pv_energy") >= 19926.2
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


def stored_file(
    house: House, file: str, data: object, *, version: int = 1
) -> dict[str, Any]:
    """Return the content of one of an entry's files."""
    key = f"{DOMAIN}.{house.entry.entry_id}{file}"
    return {key: {"version": version, "minor_version": 1, "key": key, "data": data}}


@pytest.mark.parametrize(("file", "data"), UNREADABLE_FILES)
async def test_unreadable_file_is_logged_and_starts_empty(
    hass: HomeAssistant,
    house: House,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    *,
    file: str,
    data: object,
) -> None:
    hass_storage |= stored_file(house, file, data)
    await set_up(hass, house)
    assert caplog.text.count("cannot be read, and starts empty") == 1
    await charge(house)
    assert dispatch_status(house) == ("charging", "alphaess_live")


async def test_files_of_a_newer_release_are_kept_and_not_used(
    hass: HomeAssistant,
    house: House,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    newer: dict[str, Any] = {}
    for file in STORED_FILES:
        newer |= stored_file(house, file.suffix, {"new": True}, version=2)
    before = deepcopy(newer)
    hass_storage |= newer
    await set_up(hass, house)
    assert caplog.text.count(", and is kept") == len(STORED_FILES)
    assert "starts empty" not in caplog.text
    await charge(house)
    house.controller.keeps_dispatch = True
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert dispatch_status(house) == ("charging", "alphaess_live")
    await hass.config_entries.async_unload(house.entry.entry_id)
    assert {key: hass_storage[key] for key in before} == before
    await hass.config_entries.async_remove(house.entry.entry_id)
    assert not [key for key in hass_storage if house.entry.entry_id in key]


@pytest.mark.parametrize(
    "name", ["grid_energy_imported_today", "house_load_energy_calculated"]
)
async def test_energy_restored_from_another_sensor_starts_at_zero(
    hass: HomeAssistant, house: House, name: str
) -> None:
    entity = f"sensor.alphaess_{name}"
    extra_data = {"native_value": 12, "native_unit_of_measurement": "kWh"}
    mock_restore_cache_with_extra_data(hass, [(State(entity, "12"), extra_data)])
    await set_up(hass, house)
    state = hass.states.get(entity)
    assert state
    assert float(state.state) == 0


@pytest.mark.parametrize(
    "words", [NIGHT, COLD_BATTERY, STARTING], ids=["night", "cold", "waking"]
)
async def test_identity_after_a_reconnect_with_missing_values_is_kept(
    hass: HomeAssistant, live_house: House, words: dict[int, int]
) -> None:
    identity = live_house.coordinator.identity
    await lose(hass, live_house)
    set_behaviour(live_house, word_overrides=words)
    await bring_back(hass, live_house)
    assert live_house.coordinator.connection.connected
    assert live_house.coordinator.identity == identity
    assert live_house.entry.data["identity"] == identity.to_dict()


async def test_identity_with_the_inverter_serial_is_kept(
    hass: HomeAssistant, house: House
) -> None:
    own = InverterVersions.decode(house.inverter.words()).serial
    assert own not in ("", house.identity.serial)
    identity = replace(house.identity, serial=own)
    data = house.entry.data | {"identity": identity.to_dict()}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, unique_id=own, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.coordinator.connection.connected
    assert house.coordinator.identity == identity
    diagnostics = str(await async_get_config_entry_diagnostics(hass, house.entry))
    assert own not in diagnostics
    assert house.identity.serial not in diagnostics


async def test_other_inverter_at_the_address_changes_nothing_learned(
    hass: HomeAssistant, live_house: House
) -> None:
    before = dict(live_house.entry.data)
    inverter, model = live_house.coordinator.inverter, live_house.inverter.model
    inverter.ledger.restore_direction(MeterDirection(counter=2, offset=2960))
    served, profile = set(inverter.served_blocks), inverter.profile
    await lose(hass, live_house)
    live_house.inverter.model = replace(MODELS["ac_coupled"], serial="AL7019999999999")
    set_behaviour(live_house, word_overrides=DECIVOLTS)
    await bring_back(hass, live_house)
    assert live_house.coordinator.connection.error_kind is ErrorKind.PROTOCOL
    assert (inverter.served_blocks, inverter.profile) == (served, profile)
    live_house.inverter.model = model
    set_behaviour(live_house, word_overrides={})
    await bring_back(hass, live_house)
    assert live_house.coordinator.connection.connected
    assert inverter.ledger.direction == MeterDirection(counter=2, offset=2960)
    assert live_house.entry.data == before | {
        "pv_meter": {"counter": 2, "before": 2960}
    }
