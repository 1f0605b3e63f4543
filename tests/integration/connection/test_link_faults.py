"""Each fault of the connection is reported, shows no wrong value, and leaves nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.connection import connector, link
from custom_components.alphaess_live.connection.intervals import (
    MIN_RECONNECT_DELAY,
    RECONNECT_INTERVAL,
)
from custom_components.alphaess_live.feed.messages import Message
from tests.consistency_checker import attach_checker, resource_counts
from tests.fast_loop_clock import speed_up_clock
from tests.fault_proxy import HARMLESS, Fault, FaultProxy

from ..conftest import House, poll
from .links import loggers_with_a_traceback

EXPECTED_KINDS = {
    Fault.REFUSE: ErrorKind.REFUSED,
    Fault.RESET: ErrorKind.REFUSED,  # As a new connection shows, which ends without an answer.
    Fault.BLACK_HOLE: ErrorKind.TIMEOUT,
    Fault.SILENT: ErrorKind.TIMEOUT,
    Fault.TAKEN: ErrorKind.REFUSED,
    Fault.TRUNCATE: ErrorKind.TIMEOUT,
    Fault.GARBAGE: ErrorKind.PROTOCOL,
    Fault.WRONG_TRANSACTION: ErrorKind.PROTOCOL,
    Fault.WRONG_UNIT: ErrorKind.PROTOCOL,
    Fault.WRONG_FUNCTION: ErrorKind.PROTOCOL,
    Fault.INSTEAD: ErrorKind.TIMEOUT,  # A new connection has no previous answer.
    Fault.EXCEPTION_1: ErrorKind.PROTOCOL,
    Fault.EXCEPTION_2: ErrorKind.PROTOCOL,
    Fault.EXCEPTION_3: ErrorKind.PROTOCOL,
    Fault.EXCEPTION_4: ErrorKind.PROTOCOL,
    Fault.EXCEPTION_6: ErrorKind.BUSY,
    Fault.EXCEPTION_11: ErrorKind.TIMEOUT,
}
"""The error kind of each lasting fault, after its first or second poll."""

SLOW = {one for one, kind in EXPECTED_KINDS.items() if kind is ErrorKind.TIMEOUT} | {
    Fault.WRONG_TRANSACTION,
    Fault.WRONG_UNIT,
}
"""Faults that are reported after the time of a response."""


@pytest.fixture
def short_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeouts to one second after an answer: a busy computer stalls for a while."""
    monkeypatch.setitem(link.TCP_TIMING, "timeout_seconds", 1.5)
    monkeypatch.setattr(connector, "MIN_RECONNECT_DELAY", timedelta(seconds=0.02))


@pytest.fixture
async def proxy(hass: HomeAssistant, house: House) -> AsyncIterator[FaultProxy]:
    """Open a fault proxy in front of the inverter, and connect the entry to it."""
    proxy = FaultProxy(house.server.port)
    await proxy.open()
    house.entry.add_to_hass(hass)
    at_proxy = house.entry.data | {"port": proxy.port}
    hass.config_entries.async_update_entry(house.entry, data=at_proxy)
    yield proxy
    await proxy.close()


async def load(hass: HomeAssistant, house: House) -> None:
    """Load or reload the entry."""
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.entry.state is ConfigEntryState.LOADED


@pytest.mark.usefixtures("short_timeouts")
@pytest.mark.parametrize("fault", Fault)
async def test_fault_is_reported_and_cleared_with_the_first_poll_after_it(
    hass: HomeAssistant,
    house: House,
    proxy: FaultProxy,
    *,
    fault: Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await load(hass, house)
    checker = attach_checker(hass, house.entry, house.inverter)
    await checker.record_current()
    before = resource_counts()
    for _ in range(2 if fault in SLOW else 5):
        await proxy.inject(fault)
        house.inverter.advance(20)
        await checker.record_current()
        kinds = []
        for full in (False, True):
            await poll(house, full=full)
            kinds.append(house.coordinator.connection.error_kind)
        if fault in HARMLESS:
            assert kinds == [None, None]
        elif fault in (Fault.HALF_OPEN, Fault.PLACE_KEPT):
            # A new connection works, so this outage ends by itself.
            assert kinds == [ErrorKind.TIMEOUT, None]
        elif fault is Fault.STRAY_BYTES:
            assert kinds[1] is None  # The first poll may only notice the reset.
        else:
            assert kinds[1] is EXPECTED_KINDS[fault]
            assert house.state(hass, "battery_soc") == STATE_UNAVAILABLE
        await proxy.clear()
        await poll(house)
        await hass.async_block_till_done()
        assert house.coordinator.connection.connected
        assert house.state(hass, "battery_soc") != STATE_UNAVAILABLE
    checker.check()
    assert proxy.connected == 1
    assert proxy.writes == 0
    assert resource_counts() == before
    assert not loggers_with_a_traceback(caplog)


@pytest.mark.parametrize(
    ("fault", "watched", "limit"),
    [
        (Fault.SILENT, True, 5),
        (Fault.SILENT, False, 10),
        (Fault.BLACK_HOLE, True, 5),
        (Fault.BLACK_HOLE, False, 10),
        (Fault.HALF_OPEN, True, 5),
    ],
)
async def test_silence_is_detected_within_the_time_of_the_contract(
    hass: HomeAssistant,
    house: House,
    proxy: FaultProxy,
    *,
    fault: Fault,
    watched: bool,
    limit: float,
) -> None:
    await load(hass, house)
    stop = house.coordinator.request_live() if watched else lambda: None
    lost = message_of(house, "modbus_disconnected")
    # Right after an answer: the longest that silence can go unnoticed.
    await message_of(house, "power_update")
    await proxy.inject(fault)
    async with asyncio.timeout(limit):
        await lost
    restored = message_of(house, "modbus_connected")
    await proxy.clear()
    async with asyncio.timeout(10):
        await restored
    stop()


async def test_reset_is_detected_with_a_request_and_a_drop_at_once(
    hass: HomeAssistant, house: House, proxy: FaultProxy
) -> None:
    await load(hass, house)
    await proxy.inject(Fault.RESET)
    async with asyncio.timeout(1):
        await poll(house)
    assert not house.coordinator.connection.connected
    restored = message_of(house, "modbus_connected")
    await proxy.clear()
    async with asyncio.timeout(10):
        await restored
    lost = message_of(house, "modbus_disconnected")
    await proxy.reset()
    async with asyncio.timeout(2):
        await lost
    restored = message_of(house, "modbus_connected")
    async with asyncio.timeout(10):
        await restored


def message_of(house: House, kind: str) -> asyncio.Future[None]:
    """Return a future that ends with the next message of a type."""
    received: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @callback
    def on_message(message: Message) -> None:
        if message.event.type == kind and not received.done():
            received.set_result(None)

    house.coordinator.feed.subscribe(on_message)
    return received


async def test_occupied_inverter_is_polled_slowly_and_reconnected(
    hass: HomeAssistant,
    house: House,
    proxy: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(link.TCP_TIMING, "timeout_seconds", 40)  # One real second.
    skip = speed_up_clock(speed=40)

    async def wait(time: timedelta) -> None:
        skip(time)
        for _ in range(3):  # Timers that are due start their tasks.
            await asyncio.sleep(0)
        await hass.async_block_till_done(wait_background_tasks=True)

    await load(hass, house)
    await proxy.inject(Fault.TAKEN)
    await poll(house)
    await wait(2 * MIN_RECONNECT_DELAY)
    proxy.attempts.clear()
    for polls in range(1, 721):
        # For an hour only the next poll connects, and nothing earlier.
        assert house.coordinator.update_interval == RECONNECT_INTERVAL
        await wait(RECONNECT_INTERVAL + MIN_RECONNECT_DELAY)
        assert len(proxy.attempts) == polls
    connection = house.coordinator.connection
    assert connection.error_kind is ErrorKind.REFUSED
    assert "another client has it" in (connection.error_message or "")
    await proxy.clear()
    await wait(RECONNECT_INTERVAL + MIN_RECONNECT_DELAY)
    assert house.coordinator.connection.connected
    assert house.coordinator.connection.reconnects == 1


@pytest.mark.parametrize(
    "fault",
    [None, Fault.SILENT, Fault.BLACK_HOLE, Fault.REFUSE, Fault.TAKEN, Fault.TRUNCATE],
)
async def test_home_assistant_stops_at_once_during_any_fault(
    hass: HomeAssistant,
    house: House,
    proxy: FaultProxy,
    *,
    fault: Fault | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Longer than the limit of this test.
    monkeypatch.setitem(link.TCP_TIMING, "timeout_seconds", 600)
    await load(hass, house)
    if fault:
        await proxy.inject(fault)
    waiting = asyncio.ensure_future(poll(house, full=True))
    for _ in range(20):
        await asyncio.sleep(0.005)
    async with asyncio.timeout(3):
        await hass.async_stop()
    await waiting
    while proxy.connected:
        await asyncio.sleep(0)


@pytest.mark.usefixtures("short_timeouts")
@pytest.mark.parametrize("fault", [Fault.BLACK_HOLE, Fault.SILENT, Fault.TAKEN])
async def test_entry_loaded_during_a_fault_recovers(
    hass: HomeAssistant, house: House, proxy: FaultProxy, *, fault: Fault
) -> None:
    await proxy.inject(fault)
    await load(hass, house)
    assert house.coordinator.connection.error_kind is EXPECTED_KINDS[fault]
    await proxy.clear()
    await poll(house)
    assert house.coordinator.connection.connected
