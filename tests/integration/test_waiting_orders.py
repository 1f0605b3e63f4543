"""Who waits for its turn to write finds out what has changed meanwhile."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
)
from custom_components.alphaess_live.control.orders import stop
from custom_components.alphaess_live.control.supervisor import stop_control
from custom_components.alphaess_live.exceptions import ControlsOffError

from .conftest import House
from .test_control import charge, order_of


async def test_controls_that_are_switched_off_reach_who_waits(
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


async def test_an_order_that_comes_after_the_end_is_not_given(
    hass: HomeAssistant, live_house: House
) -> None:
    controller = live_house.controller
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    with pytest.raises(CommunicationError):
        await stop(controller)


async def test_an_order_that_waits_behind_the_last_stop_is_not_given(
    live_house: House,
) -> None:
    await charge(live_house)
    ending = asyncio.ensure_future(stop_control(live_house.controller))
    await asyncio.sleep(0)
    late = asyncio.ensure_future(charge(live_house))
    await ending
    with pytest.raises(CommunicationError):
        await late
    assert not order_of(live_house).start


async def test_whoever_looks_after_the_last_order_still_finds_whose_dispatch_runs(
    live_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await stop_control(live_house.controller)
    live_house.coordinator.async_update_listeners()
    assert "Unexpected error" not in caplog.text
