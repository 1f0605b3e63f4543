"""An unexpected exception is logged once and shown as a cause; polling goes on."""

import asyncio
from datetime import datetime
import logging
from typing import Any, Never

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.alphaess_live.alphaess.dispatch import BatteryAction
from custom_components.alphaess_live.alphaess.errors import (
    ErrorKind,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from custom_components.alphaess_live.alphaess.writer import Writer
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import (
    dispatch_status as dispatch_status_module,
    supervisor,
)
from custom_components.alphaess_live.coordinator import ON_CHANGE, ON_SNAPSHOT
from custom_components.alphaess_live.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.alphaess_live.exceptions import to_english, translate_errors

from .conftest import House, poll, set_up
from .orders import charge, dispatch_status, read_order

BOOM = "this is a bug"


def explode(*_: Any, **__: Any) -> Never:
    raise ZeroDivisionError(BOOM)


def errors_in(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return the error lines of the integration."""
    return [
        record
        for record in caplog.records
        if record.levelno >= logging.ERROR and "alphaess_live" in record.name
    ]


def issue(hass: HomeAssistant, house: House) -> ir.IssueEntry | None:
    name = f"internal_{house.entry.entry_id}"
    return ir.async_get(hass).async_get_issue(DOMAIN, name)


def assert_reported_once(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Check for one error line with the traceback, and for the repair issue."""
    (record,) = errors_in(caplog)
    assert record.exc_info
    assert BOOM in caplog.text
    found = issue(hass, house)
    assert found
    assert found.translation_key == "internal"
    assert not found.is_fixable
    assert found.translation_placeholders
    assert "ZeroDivisionError" in found.translation_placeholders["error"]


@pytest.mark.parametrize("full", [True, False])
async def test_poll_with_an_unexpected_error_is_disconnected_until_it_succeeds(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    *,
    full: bool,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Block, "decode", explode)
        broken.setattr(Inverter, "read_power", explode)
        for _ in range(3):
            await poll(live_house, full=full)
            await hass.async_block_till_done()
        connection = live_house.coordinator.connection
        assert not connection.connected
        assert connection.error_kind is ErrorKind.INTERNAL
        assert connection.error_message
        assert BOOM in connection.error_message
        assert live_house.state(hass, "modbus") == STATE_OFF
        assert_reported_once(hass, live_house, caplog)
        assert live_house.coordinator.update_interval
    await poll(live_house)
    await hass.async_block_till_done()
    assert live_house.coordinator.connection.connected
    assert live_house.state(hass, "modbus") == STATE_ON
    # One bad poll among good ones is worth a report, too.
    assert issue(hass, live_house)


async def test_first_poll_with_an_unexpected_error_loads_the_entry_disconnected(
    hass: HomeAssistant,
    house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Block, "decode", explode)
    await set_up(hass, house)
    assert house.coordinator.connection.error_kind is ErrorKind.INTERNAL
    assert_reported_once(hass, house, caplog)


@pytest.mark.parametrize("context", [None, ON_SNAPSHOT, ON_CHANGE, "dispatch"])
async def test_listener_with_an_unexpected_error_keeps_the_others_updated(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    context: str | None,
) -> None:
    coordinator, updates = live_house.coordinator, []
    coordinator.async_add_listener(explode, context)
    coordinator.async_add_listener(lambda: updates.append(1), context)
    for _ in range(3):
        live_house.inverter.advance(60)
        await poll(live_house, full=True)
        coordinator.async_update_listeners()
        if live_house.controller.order:
            coordinator.update_blocks(live_house.controller.order)
    assert len(updates) >= 3
    assert coordinator.connection.connected
    assert_reported_once(hass, live_house, caplog)


async def test_feed_listener_with_an_unexpected_error_keeps_the_others_updated(
    hass: HomeAssistant, live_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    types: list[str] = []
    live_house.coordinator.feed.subscribe(explode)
    live_house.coordinator.feed.subscribe(lambda one: types.append(one.event.type))
    for _ in range(2):
        live_house.inverter.advance(60)
        await poll(live_house, full=True)
    assert types.count("power_update") == 2
    assert_reported_once(hass, live_house, caplog)


async def test_fault_tracking_with_an_unexpected_error_keeps_the_polls_going(
    hass: HomeAssistant, live_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    live_house.coordinator.on_updated.insert(0, explode)
    for _ in range(2):
        live_house.inverter.advance(60)
        await poll(live_house, full=True)
    assert live_house.coordinator.connection.connected
    assert_reported_once(hass, live_house, caplog)


async def test_order_with_an_unexpected_error_is_disconnected_with_unknown_outcome(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Writer, "read_order", explode)
        broken.setattr(Inverter, "read", explode)
        with pytest.raises(WriteOutcomeUnknownError) as caught:
            await charge(live_house)
        assert caught.value.kind is ErrorKind.INTERNAL
        assert "unexpected" in to_english(caught.value, rename=str)
        with pytest.raises(HomeAssistantError) as shown, translate_errors():
            raise caught.value
        assert shown.value.translation_key == "unanswered_internal"
        connection = live_house.coordinator.connection
        assert connection.error_kind is ErrorKind.INTERNAL
        assert live_house.state(hass, "modbus") == STATE_OFF
        assert_reported_once(hass, live_house, caplog)
    await poll(live_house)
    assert live_house.coordinator.connection.connected
    assert (await charge(live_house)).verified


async def test_order_with_an_unexpected_error_during_a_poll_leaves_no_entity_away(
    hass: HomeAssistant, live_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    coordinator = live_house.coordinator
    await poll(live_house, full=True)
    read_power = Inverter.read_power
    started, proceed = asyncio.Event(), asyncio.Event()

    async def slow_read_power(inverter: Inverter, last: Snapshot) -> Snapshot:
        started.set()
        await proceed.wait()
        return await read_power(inverter, last)

    async def fail(_: Writer) -> Never:
        raise ZeroDivisionError("bug")

    with monkeypatch.context() as patched:
        patched.setattr(Inverter, "read_power", slow_read_power)
        patched.setattr(Writer, "read_order", fail)
        refresh = hass.async_create_task(coordinator.async_refresh())
        await started.wait()
        with pytest.raises(WriteOutcomeUnknownError):
            await charge(live_house)
        proceed.set()
        await refresh
    await hass.async_block_till_done()
    assert coordinator.connection.connected
    assert live_house.state(hass, "battery_soc") != STATE_UNAVAILABLE


async def test_order_with_an_unexpected_error_after_the_write_may_be_ours(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_order = Writer.write_order

    async def write_and_explode(self: Writer, *args: Any, **kwargs: Any) -> None:
        await write_order(self, *args, **kwargs)
        explode()

    with monkeypatch.context() as broken:
        broken.setattr(Writer, "write_order", write_and_explode)
        with pytest.raises(WriteOutcomeUnknownError):
            await charge(live_house)
        assert_reported_once(hass, live_house, caplog)
    assert read_order(live_house).start
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == (BatteryAction.CHARGING, "alphaess_live")


async def test_supervisor_with_an_unexpected_error_is_reported_once(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await charge(live_house)
    monkeypatch.setattr(supervisor, "is_idle_at_target", explode)
    options = live_house.entry.options | {"end_at_target": True}
    hass.config_entries.async_update_entry(live_house.entry, options=options)
    for _ in range(2):
        live_house.inverter.advance(60)
        await poll(live_house)
    assert live_house.coordinator.connection.connected
    assert_reported_once(hass, live_house, caplog)


async def test_supervisor_whose_stop_fails_unexpectedly_is_reported_once(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await charge(live_house)
    options = live_house.entry.options | {"end_at_target": True}
    hass.config_entries.async_update_entry(live_house.entry, options=options)
    monkeypatch.setattr(dispatch_status_module, "IDLE_WATTS", 100_000)
    monkeypatch.setattr(dispatch_status_module, "TARGET_TOLERANCE_PERCENT", 100)
    monkeypatch.setattr(supervisor, "IDLE_TIME", datetime.resolution)
    monkeypatch.setattr(Writer, "write_start", explode)
    for _ in range(4):
        live_house.inverter.advance(60)
        await poll(live_house)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert_reported_once(hass, live_house, caplog)
    assert read_order(live_house).start


async def test_diagnostics_after_an_unexpected_error_contain_it(
    hass: HomeAssistant, live_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Block, "decode", explode)
    await poll(live_house, full=True)
    content = await async_get_config_entry_diagnostics(hass, live_house.entry)
    (error,) = content["internal_errors"]
    assert BOOM in error["traceback"]
    assert error["count"] == 1


async def test_issue_of_an_unexpected_error_is_gone_after_a_reload(
    hass: HomeAssistant, live_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Block, "decode", explode)
        await poll(live_house, full=True)
    assert issue(hass, live_house)
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert issue(hass, live_house) is None
