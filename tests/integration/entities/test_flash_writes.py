"""What wears out is counted, shown, told when it is too much, and spared when it is far too much."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.alphaess.flash_wear import (
    DAILY_LIMIT_WRITES,
    WARN_AT_WRITES,
)
from custom_components.alphaess_live.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.alphaess_live.simulator.behaviour import Reply

from ..conftest import House, set_up
from ..test_control import charge, misbehave
from ..test_dispatch_entities import shown
from ..test_repairs import issue
from ..test_services import call

FLASH = "flash"


async def set_floor(hass: HomeAssistant, floor: int) -> Any:
    return await call(hass, "set_schedule", {"discharge_floor": floor})


def wear_out(house: House, times: int) -> None:
    """Let settings have been written so many times today."""
    for _ in range(times):
        house.controller.flash_writes.record()


async def restart(hass: HomeAssistant, house: House) -> None:
    """Load the entry anew, as after a restart: what is not written down is forgotten."""
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def counted_house(hass: HomeAssistant, house: House) -> House:
    """Load the entry of a house with its counter enabled."""
    await set_up(hass, house)
    registry = er.async_get(hass)
    counter = house.entity_id(hass, "settings_written_today")
    assert registry.entities[counter].disabled_by
    registry.async_update_entity(counter, disabled_by=None)
    await restart(hass, house)
    return house


def count(hass: HomeAssistant, house: House) -> int:
    return int(shown(hass, house, "sensor", "settings_written_today"))


async def test_each_write_to_flash_is_counted_and_no_other_one(
    hass: HomeAssistant, counted_house: House
) -> None:
    assert count(hass, counted_house) == 0
    await charge(counted_house)
    await set_floor(hass, 20)
    await set_floor(hass, 20)
    assert count(hass, counted_house) == 1
    await call(hass, "limit_feed_in", {"share": 40})
    assert count(hass, counted_house) == 2


async def test_what_an_inverter_refuses_wears_out_nothing(
    hass: HomeAssistant, counted_house: House
) -> None:
    misbehave(counted_house, block_write_of_one=Reply.REFUSED)
    await set_floor(hass, 20)
    assert len(counted_house.inverter.journal.written) == 2
    assert count(hass, counted_house) == 1


async def test_the_count_survives_a_restart_and_is_in_the_diagnostics(
    hass: HomeAssistant, counted_house: House
) -> None:
    await set_floor(hass, 20)
    await restart(hass, counted_house)
    assert count(hass, counted_house) == 1
    told = await async_get_config_entry_diagnostics(hass, counted_house.entry)
    today = dt_util.now().date().isoformat()
    assert told["settings_written"] == {"day": today, "count": 1}


async def test_the_count_is_known_while_the_inverter_is_away(
    hass: HomeAssistant, counted_house: House
) -> None:
    await set_floor(hass, 20)
    await counted_house.server.switch_off()
    await counted_house.coordinator.async_refresh()
    assert count(hass, counted_house) == 1


async def test_ten_writes_a_day_are_nobodys_business_and_eleven_are_told(
    hass: HomeAssistant, live_house: House
) -> None:
    for floor in range(WARN_AT_WRITES):
        await set_floor(hass, 20 + floor)
    assert issue(hass, live_house, FLASH) is None
    await set_floor(hass, 50)
    told = issue(hass, live_house, FLASH)
    assert told
    assert not told.is_fixable
    assert told.translation_placeholders
    assert told.translation_placeholders["count"] == "11"
    await set_floor(hass, 51)
    told = issue(hass, live_house, FLASH)
    assert told
    assert told.translation_placeholders
    assert told.translation_placeholders["count"] == "12"


async def test_what_was_told_is_told_again_after_a_restart_and_not_of_a_removed_inverter(
    hass: HomeAssistant, live_house: House
) -> None:
    wear_out(live_house, WARN_AT_WRITES + 1)
    await restart(hass, live_house)
    assert issue(hass, live_house, FLASH)
    await hass.config_entries.async_remove(live_house.entry.entry_id)
    assert issue(hass, live_house, FLASH) is None


async def test_the_next_day_begins_at_nought_and_without_a_repair(
    hass: HomeAssistant, counted_house: House
) -> None:
    wear_out(counted_house, WARN_AT_WRITES + 1)
    assert count(hass, counted_house) == WARN_AT_WRITES + 1
    assert issue(hass, counted_house, FLASH)
    yesterday = dt_util.now().date() - timedelta(days=1)
    wear = counted_house.controller.flash_writes
    wear.restore({"day": yesterday.isoformat(), "count": wear.count})
    midnight = dt_util.start_of_local_day() + timedelta(days=1)
    async_fire_time_changed(hass, midnight)
    await hass.async_block_till_done()
    assert count(hass, counted_house) == 0
    assert issue(hass, counted_house, FLASH) is None


async def test_far_too_many_writes_are_refused_with_the_reason_and_nothing_is_torn(
    hass: HomeAssistant, live_house: House
) -> None:
    wear_out(live_house, DAILY_LIMIT_WRITES - 1)
    live_house.inverter.journal.clear()
    night = {"active_periods": "charge", "charge_period_1_end": "05:00"}
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "set_schedule", night)
    assert caught.value.translation_key == "too_many_writes"
    assert caught.value.translation_placeholders == {"count": "49", "most": "50"}
    assert not live_house.inverter.journal.written
    assert (await set_floor(hass, 20))["written"] == 1
    assert (await set_floor(hass, 20))["written"] == 0
    await charge(live_house)


async def test_a_limit_that_may_not_be_written_stops_no_dispatch(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    wear_out(live_house, DAILY_LIMIT_WRITES)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "limit_feed_in", {"share": 40})
    assert caught.value.translation_key == "too_many_writes"
    assert live_house.inverter.words()[0x0880] == 1
