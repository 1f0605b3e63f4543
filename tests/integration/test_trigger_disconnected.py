"""The trigger for an outage: once for each one, also if it began before the automation."""

from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
import pytest

from .automations import automate, ids, own, wait
from .conftest import House, bring_back, lose, set_up
from .service_calls import device_of


async def test_disconnected_fires_once_for_an_outage_that_is_long_enough(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await automate(
        hass, own(hass, live_house), "disconnected", **{"for": {"minutes": 10}}
    )
    await lose(hass, live_house)
    await wait(hass, minutes=9)
    assert fired == []
    await wait(hass, minutes=11)
    [call] = fired
    assert call.data["cause"] in {"refused", "reset", "timeout"}
    assert call.data["device_id"] == device_of(hass, live_house)
    await wait(hass, minutes=60)
    assert len(fired) == 1
    await bring_back(hass, live_house)
    await lose(hass, live_house)
    await wait(hass, minutes=11)
    assert len(fired) == 2


async def test_short_outage_does_not_fire_disconnected(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await automate(
        hass, own(hass, live_house), "disconnected", **{"for": {"minutes": 10}}
    )
    await lose(hass, live_house)
    await bring_back(hass, live_house)
    await wait(hass, minutes=60)
    assert fired == []


async def test_outage_without_a_time_fires_disconnected_at_once(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await automate(hass, own(hass, live_house), "disconnected")
    await lose(hass, live_house)
    assert ids(fired) == ["disconnected"]
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert ids(fired) == ["disconnected"]


@pytest.mark.parametrize(("waiting", "count"), [({}, 0), ({"for": "00:10:00"}, 1)])
async def test_outage_that_is_there_at_the_start_counts_from_then(
    hass: HomeAssistant,
    house: House,
    fired: list[ServiceCall],
    waiting: dict[str, Any],
    count: int,
) -> None:
    await house.server.switch_off()
    await set_up(hass, house)
    await automate(hass, own(hass, house), "disconnected", **waiting)
    await wait(hass, minutes=9)
    assert fired == []
    await wait(hass, minutes=11)
    assert len(fired) == count


async def test_reload_in_an_outage_begins_its_time_again(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await automate(
        hass, own(hass, live_house), "disconnected", **{"for": {"minutes": 10}}
    )
    await lose(hass, live_house)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    await wait(hass, minutes=60)
    assert fired == []
    await set_up(hass, live_house)
    await wait(hass, minutes=11)
    assert len(fired) == 1
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await wait(hass, minutes=60)
    assert len(fired) == 1
