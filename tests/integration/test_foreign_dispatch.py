"""Somebody else controls the battery, too: nobody is fought with, and the user is told."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    NotAppliedError,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.exceptions import ForeignDispatchError

from .conftest import House, poll
from .test_control import APP, app_orders, charge, misbehave, order_of, seen


async def test_somebody_elses_dispatch_is_left_alone(live_house: House) -> None:
    app_orders(live_house)
    live_house.inverter.journal.clear()
    for order in (charge(live_house), orders.stop(live_house.controller)):
        with pytest.raises(ForeignDispatchError):
            await order
    assert not live_house.inverter.journal.written
    assert seen(live_house) == ("charging", "other")


async def test_somebody_elses_dispatch_is_taken_over_when_asked_for(
    live_house: House,
) -> None:
    app_orders(live_house)
    await charge(live_house, take_over=True)
    assert seen(live_house) == ("charging", "alphaess_live")
    app_orders(live_house)
    await orders.stop(live_house.controller, take_over=True)
    assert seen(live_house) == ("idle", "none")


async def test_somebody_elses_dispatch_shows_with_the_next_snapshot(
    live_house: House,
) -> None:
    app_orders(live_house)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "other")
    told = live_house.controller.dispatch
    assert told
    assert told.remaining is None


async def test_an_order_that_overwrites_ours_is_a_repair_until_it_is_gone(
    live_house: House, issue_registry: ir.IssueRegistry
) -> None:
    issue = f"dispatch_overwritten_{live_house.entry.entry_id}"
    await charge(live_house)
    app_orders(live_house)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "other")
    assert issue_registry.async_get_issue(DOMAIN, issue)
    live_house.inverter.write_as_app(START_ADDRESS, 0)
    await poll(live_house, full=True)
    assert not issue_registry.async_get_issue(DOMAIN, issue)


async def test_somebody_elses_dispatch_after_ours_is_no_repair(
    live_house: House, issue_registry: ir.IssueRegistry
) -> None:
    await charge(live_house)
    await orders.stop(live_house.controller)
    app_orders(live_house)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "other")
    issue = f"dispatch_overwritten_{live_house.entry.entry_id}"
    assert not issue_registry.async_get_issue(DOMAIN, issue)


async def test_an_order_that_is_overwritten_before_it_reads_back_is_an_error(
    live_house: House,
) -> None:
    misbehave(live_house, delay=0.05)
    order = asyncio.create_task(charge(live_house))
    while order_of(live_house).power != -3000:
        await asyncio.sleep(0.005)
    app_orders(live_house)
    with pytest.raises(NotAppliedError) as caught:
        await order
    assert caught.value.applied["power"] == 5000
    assert order_of(live_house) == APP
    assert seen(live_house) == ("charging", "other")


async def test_unloading_leaves_somebody_elses_dispatch_running(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    app_orders(live_house)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert order_of(live_house) == APP
