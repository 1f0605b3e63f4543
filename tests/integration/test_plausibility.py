"""Implausible values reach no entity, feed or REST answer, and no total falls."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from freezegun import freeze_time
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util.dt import utcnow
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    mock_restore_cache_with_extra_data,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.counter_samples import CONFIRM_SAMPLES
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    Grid,
    InverterState,
)
from custom_components.alphaess_live.alphaess.value_filter import MAX_HELD_SAMPLES
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.feed.messages import Message, PowerMeasured
from custom_components.alphaess_live.simulator.behaviour import DEFAULT_BEHAVIOUR

from .conftest import (
    House,
    bring_back,
    load_entry,
    lose,
    poll,
    set_behaviour,
    set_up,
)

IMPORT = Grid.registers["import_energy_total"]
ENTITY = "sensor.alphaess_grid_energy_imported"
SPIKE = Grid.registers["power"].encode(-3_000_000)


def collect_grid_powers(house: House) -> list[float | None]:
    """Collect the grid powers that the feed publishes from now on."""
    powers: list[float | None] = []

    def on_message(message: Message) -> None:
        if isinstance(message.event, PowerMeasured):
            powers.append(message.event.power.grid)

    house.coordinator.feed.subscribe(on_message)
    return powers


def states(events: list[Event[Any]], entity_id: str) -> list[str]:
    """List the states of an entity in a list of events."""
    changes = [event.data["new_state"] for event in events]
    return [state.state for state in changes if state and state.entity_id == entity_id]


async def test_power_spike_is_rejected_everywhere(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    before = live_house.state(hass, "grid_power")
    powers = collect_grid_powers(live_house)
    set_behaviour(live_house, word_overrides=SPIKE)
    await poll(live_house)
    await poll(live_house, full=True)
    assert live_house.state(hass, "grid_power") == before
    assert set(powers) <= {float(before)}
    client = await hass_client()
    status = await (await client.get("/api/alphaess/complete-status")).json()
    assert status["grid"]["power"] == float(before)
    collector = await (await client.get("/api/alphaess/collector-status")).json()
    assert collector["counters"]["rejectedSamples"] == 2


async def test_permanently_implausible_power_is_unavailable(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    set_behaviour(live_house, word_overrides=SPIKE)
    for _ in range(MAX_HELD_SAMPLES + 1):
        await poll(live_house, full=True)
    assert live_house.state(hass, "grid_power") == STATE_UNAVAILABLE
    assert live_house.state(hass, "battery_soc") != STATE_UNAVAILABLE
    assert live_house.state(hass, "grid_import_energy_total") != STATE_UNAVAILABLE
    response = await (await hass_client()).get("/api/alphaess/complete-status")
    assert response.status == HTTPStatus.OK
    status: Any = await response.json()
    assert status["load"]["power"] is None
    live_house.inverter.behaviour = DEFAULT_BEHAVIOUR
    await poll(live_house, full=True)
    assert live_house.state(hass, "grid_power") != STATE_UNAVAILABLE


async def test_state_of_charge_above_100_percent_is_rejected(
    hass: HomeAssistant, live_house: House
) -> None:
    before = live_house.state(hass, "battery_soc")
    words = Battery.registers["soc"].encode(6553.5)
    set_behaviour(live_house, word_overrides=words)
    await poll(live_house, full=True)
    assert live_house.state(hass, "battery_soc") == before


async def test_zero_counters_after_a_wake_up_are_rejected(
    hass: HomeAssistant, live_house: House
) -> None:
    zeros: dict[int, int] = {}
    for register in (IMPORT, InverterState.registers["pv_energy_total"]):
        zeros |= register.encode(0)
    keys = ("grid_import_energy_total", "pv_energy_total")
    before = {key: live_house.state(hass, key) for key in keys}
    events = async_capture_events(hass, "state_changed")
    for _ in range(3):
        await lose(hass, live_house)
        set_behaviour(live_house, word_overrides=zeros)
        await bring_back(hass, live_house)
        for _ in range(5):
            await poll(live_house, full=True)
        live_house.inverter.behaviour = DEFAULT_BEHAVIOUR
        await poll(live_house, full=True)
        await hass.async_block_till_done()
        assert {key: live_house.state(hass, key) for key in keys} == before
    for key in keys:
        assert set(states(events, live_house.entity_id(hass, key))) <= {before[key]}


@pytest.mark.parametrize(
    ("restored", "sample", "shown"),
    [
        (4711.5, 4711.4, ["4711.5"] * 4),
        (4711.5, 4711.5, ["4711.5"] * 4),
        (4711.5, 4900.0, ["4711.5"] * 4),
        (4711.5, 0.0, ["4711.5"] * 4),
        (4711.5, 3.2, ["4711.5"] * 4),
        (4711.5, 900_000.0, ["4711.5"] * 4),
    ],
    ids=["rounding", "same", "grown", "zeros", "reset", "leap"],
)
async def test_restored_total_limits_the_samples_after_a_restart(
    hass: HomeAssistant,
    house: House,
    *,
    restored: float,
    sample: float,
    shown: list[str],
) -> None:
    restore_total(hass, house, restored)
    set_behaviour(house, word_overrides=IMPORT.encode(sample))
    await set_up(hass, house)
    assert house.entity_id(hass, "grid_import_energy_total") == ENTITY
    seen = [house.state(hass, "grid_import_energy_total")]
    for _ in range(3):
        house.inverter.advance(60)
        await poll(house, full=True)
        await hass.async_block_till_done()
        seen.append(house.state(hass, "grid_import_energy_total"))
    assert seen == shown


async def test_restored_total_grows_after_a_restart_once_it_is_confirmed(
    hass: HomeAssistant, house: House
) -> None:
    restore_total(hass, house, 4711.5)
    set_behaviour(house, word_overrides=IMPORT.encode(4900))
    await load_entry(hass, house)
    start = utcnow()
    for number in range(1, CONFIRM_SAMPLES):
        assert house.state(hass, "grid_import_energy_total") == "4711.5"
        at = start + number * timedelta(seconds=10)
        with freeze_time(at, real_asyncio=True, tick=True):
            await poll(house, full=True)
            await hass.async_block_till_done()
    assert house.state(hass, "grid_import_energy_total") == "4900.0"


def restore_total(hass: HomeAssistant, house: House, value: float) -> None:
    """Register the sensor of the imported energy, with a state of two days ago."""
    house.entry.add_to_hass(hass)
    er.async_get(hass).async_get_or_create(
        "sensor",
        DOMAIN,
        f"{house.identity.serial}_grid_import_energy_total",
        config_entry=house.entry,
        suggested_object_id=ENTITY.partition(".")[2],
    )
    extra = {"native_value": value, "native_unit_of_measurement": "kWh"}
    state = State(ENTITY, str(value), last_updated=utcnow() - timedelta(days=2))
    mock_restore_cache_with_extra_data(hass, [(state, extra)])


async def test_impossible_total_is_never_shown(
    hass: HomeAssistant, house: House
) -> None:
    words = dict.fromkeys(range(IMPORT.address, IMPORT.end), 0xFFFF)
    set_behaviour(house, word_overrides=words)
    await set_up(hass, house)
    for _ in range(4):
        assert house.state(hass, "grid_import_energy_total") == STATE_UNAVAILABLE
        await poll(house, full=True)
    assert house.coordinator.inverter.stats.rejected_samples > 0
    house.inverter.behaviour = DEFAULT_BEHAVIOUR
    for _ in range(FEW_SAMPLES):
        await poll(house, full=True)
    assert float(house.state(hass, "grid_import_energy_total")) > 0
