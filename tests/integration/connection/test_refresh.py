"""Refreshes that are scheduled: they do not pile up."""

import asyncio

from homeassistant.core import HomeAssistant

from ..conftest import House, set_behaviour


async def test_clients_that_come_and_go_do_not_pile_up_polls(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(live_house, delay=0.2)
    coordinator, stats = live_house.coordinator, live_house.coordinator.inverter.stats
    tasks, requests = len(asyncio.all_tasks()), stats.requests
    for _ in range(40):
        coordinator.request_live()()
        await asyncio.sleep(0.02)
    assert len(asyncio.all_tasks()) <= tasks + 3
    await hass.async_block_till_done()
    # Two polls in this second, one of them perhaps a full one.
    assert stats.requests - requests < 20
