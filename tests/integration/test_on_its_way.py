"""What is written while a poll is on its way stands: the poll asked earlier, and is not to undo it."""

import asyncio

from homeassistant.core import HomeAssistant

from .conftest import House, poll
from .test_control import charge, misbehave
from .test_dispatch_entities import choose, shown


def ordered_power(hass: HomeAssistant, house: House) -> float:
    """Say which power is ordered, as entities and the feed do."""
    assert shown(hass, house, "sensor", "dispatch_status") == "charging"
    latest, data = house.coordinator.latest, house.coordinator.data
    assert latest
    assert latest.dispatch
    assert data
    assert data.dispatch == latest.dispatch
    return latest.dispatch.power


async def begin_snapshot(
    hass: HomeAssistant, house: House, *, until: int
) -> asyncio.Task[None]:
    """Have a slow snapshot on its way, as far as a register."""
    house.coordinator.inverter.expire_slow_blocks()
    misbehave(house, delay=0.02)
    underway = hass.async_create_task(poll(house, full=True))
    while not any(r.address == until for r in house.inverter.journal.requests):
        await hass.async_add_executor_job(lambda: None)
    return underway


async def test_a_snapshot_that_was_on_its_way_does_not_undo_what_was_set(
    hass: HomeAssistant, open_house: House
) -> None:
    underway = await begin_snapshot(hass, open_house, until=0x084F)
    await choose(hass, open_house, "charge_target", 80)
    await underway
    await poll(open_house, full=True)
    assert shown(hass, open_house, "number", "charge_target") == "80"


async def test_a_snapshot_that_was_on_its_way_does_not_undo_an_order(
    hass: HomeAssistant, open_house: House
) -> None:
    underway = await begin_snapshot(hass, open_house, until=0x0880)
    await charge(open_house)
    assert not underway.done()
    await underway
    assert ordered_power(hass, open_house) == -3000


async def test_power_values_that_were_on_their_way_do_not_undo_an_order(
    hass: HomeAssistant, open_house: House
) -> None:
    misbehave(open_house, delay=0.02)
    ordered = hass.async_create_task(charge(open_house))
    while not open_house.inverter.journal.written:
        await hass.async_add_executor_job(lambda: None)
    underway = hass.async_create_task(poll(open_house))
    await ordered
    assert not underway.done()
    await underway
    assert ordered_power(hass, open_house) == -3000
