"""Leases are stored and restored; an order that waited is checked again before it is written."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    NotAppliedError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control.orders import stop
from custom_components.alphaess_live.exceptions import ControlsOffError
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.journal import Request
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

from ..conftest import House, poll, set_behaviour, set_up
from ..orders import APP_ORDER, charge, dispatch_status, read_order, write_app_order
from ..service_calls import entity_state, press_button


async def test_lease_after_an_order_is_stored(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    outcome = await charge(live_house)
    await hass.async_block_till_done()
    kept = hass_storage[f"{DOMAIN}.{live_house.entry.entry_id}"]["data"]
    assert len(kept["leases"]) == 1
    dispatch = live_house.controller.dispatch
    assert dispatch
    assert dispatch.expires_at == outcome.expires_at


async def test_dispatch_after_inverter_restart_is_gone_until_ordered(
    live_house: House,
) -> None:
    await charge(live_house)
    live_house.inverter.switch_off()
    live_house.inverter.switch_on()
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("idle", "none")
    await charge(live_house)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_dispatch_after_its_duration_ends_without_a_write(
    live_house: House,
) -> None:
    await charge(live_house, duration=60)
    live_house.inverter.advance(61)
    live_house.inverter.journal.clear()
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("idle", "none")
    assert not live_house.inverter.journal.written


async def test_set_up_during_foreign_dispatch_writes_nothing(
    hass: HomeAssistant, house: House
) -> None:
    write_app_order(house)
    await set_up(hass, house)
    assert house.inverter.journal.writes == 0
    assert read_order(house) == APP_ORDER


async def test_removed_entry_deletes_its_leases(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    await charge(live_house)
    await hass.config_entries.async_remove(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert f"{DOMAIN}.{live_house.entry.entry_id}" not in hass_storage
    assert not read_order(live_house).start


@pytest.mark.parametrize("options", [{"message_spacing": 0, "stop_on_unload": False}])
async def test_order_during_removal_leaves_no_file(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    house.entry.add_to_hass(hass)
    data = house.entry.data | {"transport": "demo"}
    hass.config_entries.async_update_entry(house.entry, data=data)
    await set_up(hass, house)
    # The demo inverter goes on answering: it has no connection to close.
    demo = house.coordinator.inverter.unit
    assert isinstance(demo, SimulatedInverter)
    demo.behaviour = replace(demo.behaviour, delay=0.1)
    ordering = asyncio.ensure_future(charge(house))
    while not demo.journal.writes:
        await asyncio.sleep(0.01)
    await hass.config_entries.async_remove(house.entry.entry_id)
    await ordering
    await hass.async_block_till_done()
    assert f"{DOMAIN}.{house.entry.entry_id}" not in hass_storage


async def test_waiting_order_when_controls_are_switched_off_is_rejected(
    hass: HomeAssistant, live_house: House
) -> None:
    entry = live_house.entry
    async with live_house.controller.lock:
        waiting = asyncio.ensure_future(charge(live_house))
        await asyncio.sleep(0)
        off = entry.options | {"controls": False}
        hass.config_entries.async_update_entry(entry, options=off)
    with pytest.raises(ControlsOffError):
        await waiting
    assert live_house.inverter.journal.writes == 0


async def test_order_after_unload_raises_communication_error(
    hass: HomeAssistant, live_house: House
) -> None:
    controller = live_house.controller
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    with pytest.raises(CommunicationError):
        await stop(controller)


async def test_restored_lease_is_ours_while_the_registers_contain_it(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    begun = datetime.now(UTC) - timedelta(minutes=20)
    words = [1, 0, 29000, 0, 32000, 2, 200, 0, 3600]
    house.inverter.write_as_app(0x0880, *words)
    hass_storage[f"{DOMAIN}.{house.entry.entry_id}"] = {
        "version": 1,
        "minor_version": 1,
        "key": f"{DOMAIN}.{house.entry.entry_id}",
        "data": {
            "leases": [{"words": words, "begun": begun.isoformat()}],
            "functions": {"order_1": "fc06"},
        },
    }
    await set_up(hass, house)
    assert house.inverter.journal.writes == 0
    assert dispatch_status(house) == ("charging", "alphaess_live")
    expires = dt_util.parse_datetime(
        entity_state(hass, house, "sensor", "dispatch_expires")
    )
    assert expires == (begun + timedelta(hours=1)).replace(microsecond=0)
    await press_button(hass, house, "dispatch_stop")
    assert house.inverter.journal.written[-1].function == 0x06
    house.inverter.write_as_app(0x0880, *words)
    await poll(house, full=True)
    assert dispatch_status(house) == ("charging", "other")


@pytest.mark.parametrize("ended_by", ["its end", "the app"])
async def test_ended_lease_is_not_ours_when_its_words_return(
    live_house: House, ended_by: str
) -> None:
    await charge(live_house)
    order = read_order(live_house)
    if ended_by == "its end":
        live_house.inverter.advance(3601)
    else:
        write_app_order(live_house)
    await poll(live_house, full=True)
    write_app_order(live_house, order)
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "other")


async def test_lease_of_an_order_with_one_odd_word_stays_ours(
    live_house: House,
) -> None:
    await charge(live_house)
    journal = live_house.inverter.journal
    journal.clear()
    set_behaviour(live_house, word_overrides={START_ADDRESS: 0}, delay=0.02)
    polling = asyncio.ensure_future(poll(live_house, full=True))
    while not any(START_ADDRESS in _addresses(one) for one in journal.requests[:-1]):
        await asyncio.sleep(0.001)
    set_behaviour(live_house, word_overrides={})
    await polling
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    assert sum(START_ADDRESS in _addresses(one) for one in journal.requests) == 2


def _addresses(request: Request) -> range:
    return range(request.address, request.address + request.count)


async def test_second_unanswered_order_keeps_the_running_one_ours(
    live_house: House,
) -> None:
    await charge(live_house)
    set_behaviour(live_house, block_write=Reply.SILENT, block_write_of_one=Reply.SILENT)
    for power in (2000, 1000):
        with pytest.raises(WriteOutcomeUnknownError):
            await charge(live_house, power=power)
    set_behaviour(
        live_house, block_write=Reply.ACCEPTED, block_write_of_one=Reply.ACCEPTED
    )
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    await stop(live_house.controller)
    assert not read_order(live_house).start


async def test_clamped_order_with_a_lost_link_is_ours(live_house: House) -> None:
    set_behaviour(live_house, power_limit=2500, drops_link_after_write=True)
    with pytest.raises(WriteOutcomeUnknownError):
        await charge(live_house)
    set_behaviour(live_house, drops_link_after_write=False, silent=False)
    await poll(live_house, full=True)
    assert read_order(live_house).power == -2500
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_order_that_takes_effect_late_is_ours(live_house: House) -> None:
    set_behaviour(live_house, readback_lag=6)
    with pytest.raises(NotAppliedError):
        await charge(live_house)
    set_behaviour(live_house, readback_lag=0)
    live_house.inverter._delayed_words = (0.0, {})  # noqa: SLF001 - time, not behaviour
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_order_that_has_not_taken_effect_yet_is_stopped(
    live_house: House,
) -> None:
    set_behaviour(live_house, readback_lag=6)
    with pytest.raises(NotAppliedError):
        await charge(live_house)
    set_behaviour(live_house, readback_lag=0)
    # It does not read back yet, but it runs.
    assert live_house.inverter.house.order
    await stop(live_house.controller)
    assert not live_house.inverter.house.order


async def test_clamped_order_of_a_cancelled_caller_is_ours(
    live_house: House,
) -> None:
    set_behaviour(live_house, power_limit=2500, delay=0.02)
    ordering = asyncio.ensure_future(charge(live_house))
    while not read_order(live_house).start:
        await asyncio.sleep(0.001)
    ordering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ordering
    async with live_house.controller.lock:
        pass
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_waiting_order_of_a_cancelled_caller_is_not_written(
    live_house: House,
) -> None:
    async with live_house.controller.lock:
        waiting = asyncio.ensure_future(charge(live_house))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await live_house.coordinator.hass.async_block_till_done()
    assert not live_house.inverter.journal.writes


@pytest.mark.parametrize("until", ["the first read", "the write"])
async def test_order_in_flight_at_unload_does_not_run_on(
    hass: HomeAssistant, live_house: House, until: str
) -> None:
    journal = live_house.inverter.journal
    journal.clear()
    set_behaviour(live_house, delay=0.02)
    ordering = asyncio.ensure_future(charge(live_house))
    while not (journal.requests if until == "the first read" else journal.written):
        await asyncio.sleep(0.001)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    results = await asyncio.gather(ordering, return_exceptions=True)
    if until == "the first read":
        assert isinstance(results[0], CommunicationError)
        assert not journal.written
    assert not read_order(live_house).start


async def test_lease_is_on_disk_before_the_write(
    hass: HomeAssistant,
    live_house: House,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, stored = f"{DOMAIN}.{live_house.entry.entry_id}", []
    unit = live_house.inverter
    write = unit.write_registers

    async def write_registers(address: int, values: list[int]) -> None:
        stored.append(list(hass_storage[key]["data"]["leases"]))
        await write(address, values)

    monkeypatch.setattr(unit, "write_registers", write_registers)
    await charge(live_house)
    await hass.async_block_till_done()
    assert [len(leases) for leases in stored] == [1]
    assert stored[0][0]["words"][0] == 1


@pytest.mark.usefixtures("loop_clock")
async def test_lease_is_stored_again_when_the_clock_was_set(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    def stored_start() -> datetime:
        [lease] = hass_storage[f"{DOMAIN}.{live_house.entry.entry_id}"]["data"][
            "leases"
        ]
        return datetime.fromisoformat(lease["begun"])

    await charge(live_house)
    await hass.async_block_till_done()
    before, offset = stored_start(), timedelta(minutes=20)
    with freeze_time(datetime.now(UTC) + offset, real_asyncio=True):
        await poll(live_house, full=True)
        await asyncio.sleep(0.05)
    assert abs(stored_start() - before - offset) < timedelta(seconds=5)


async def test_restored_lease_that_has_expired_is_not_ours(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    begun = datetime.now(UTC) - timedelta(hours=2)
    words = [1, 0, 29000, 0, 32000, 2, 200, 0, 3600]
    house.inverter.write_as_app(0x0880, *words)
    hass_storage[f"{DOMAIN}.{house.entry.entry_id}"] = {
        "version": 1,
        "minor_version": 1,
        "key": f"{DOMAIN}.{house.entry.entry_id}",
        "data": {"leases": [{"words": words, "begun": begun.isoformat()}]},
    }
    await set_up(hass, house)
    assert dispatch_status(house) == ("charging", "other")
    assert house.inverter.journal.writes == 0
