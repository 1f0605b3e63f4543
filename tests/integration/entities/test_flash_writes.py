"""Flash writes are counted, shown, reported when they are many, and refused above a limit."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun import freeze_time
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

from ..conftest import House, set_behaviour, set_up
from ..orders import charge
from ..repair_flows import find_issue
from ..service_calls import call_action, entity_state

FLASH = "flash"


async def set_floor(hass: HomeAssistant, floor: int) -> Any:
    return await call_action(hass, "set_schedule", {"discharge_floor": floor})


def record_writes(house: House, times: int) -> None:
    """Count some writes of settings today."""
    for _ in range(times):
        house.controller.flash_writes.record()


async def restart(hass: HomeAssistant, house: House) -> None:
    """Reload the entry, as after a restart: only what is stored remains."""
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()


@pytest.fixture
async def house_with_counter(hass: HomeAssistant, house: House) -> House:
    """Load the entry with its counter sensor enabled."""
    await set_up(hass, house)
    registry = er.async_get(hass)
    counter = house.entity_id(hass, "settings_written_today")
    assert registry.entities[counter].disabled_by
    registry.async_update_entity(counter, disabled_by=None)
    await restart(hass, house)
    return house


def count(hass: HomeAssistant, house: House) -> int:
    return int(entity_state(hass, house, "sensor", "settings_written_today"))


async def test_flash_writes_are_counted_and_no_other_writes(
    hass: HomeAssistant, house_with_counter: House
) -> None:
    assert count(hass, house_with_counter) == 0
    await charge(house_with_counter)
    await set_floor(hass, 20)
    await set_floor(hass, 20)
    assert count(hass, house_with_counter) == 1
    await call_action(hass, "limit_feed_in", {"share": 40})
    assert count(hass, house_with_counter) == 2


async def test_refused_write_is_not_counted(
    hass: HomeAssistant, house_with_counter: House
) -> None:
    set_behaviour(house_with_counter, block_write_of_one=Reply.REFUSED)
    await set_floor(hass, 20)
    assert len(house_with_counter.inverter.journal.written) == 2
    assert count(hass, house_with_counter) == 1


async def test_count_after_a_restart_is_kept_and_in_the_diagnostics(
    hass: HomeAssistant, house_with_counter: House
) -> None:
    await set_floor(hass, 20)
    await restart(hass, house_with_counter)
    assert count(hass, house_with_counter) == 1
    found = await async_get_config_entry_diagnostics(hass, house_with_counter.entry)
    today = dt_util.now().date().isoformat()
    assert found["settings_written"] == {"day": today, "count": 1}


async def test_count_during_an_outage_is_available(
    hass: HomeAssistant, house_with_counter: House
) -> None:
    await set_floor(hass, 20)
    await house_with_counter.server.switch_off()
    await house_with_counter.coordinator.async_refresh()
    assert count(hass, house_with_counter) == 1


async def test_issue_is_created_by_the_eleventh_write_of_a_day(
    hass: HomeAssistant, live_house: House
) -> None:
    for floor in range(WARN_AT_WRITES):
        await set_floor(hass, 20 + floor)
    assert find_issue(hass, live_house, FLASH) is None
    await set_floor(hass, 50)
    found = find_issue(hass, live_house, FLASH)
    assert found
    assert not found.is_fixable
    assert found.translation_placeholders
    assert found.translation_placeholders["count"] == "11"
    await set_floor(hass, 51)
    found = find_issue(hass, live_house, FLASH)
    assert found
    assert found.translation_placeholders
    assert found.translation_placeholders["count"] == "12"


async def test_issue_survives_a_restart_and_ends_with_the_entry(
    hass: HomeAssistant, live_house: House
) -> None:
    record_writes(live_house, WARN_AT_WRITES + 1)
    await restart(hass, live_house)
    assert find_issue(hass, live_house, FLASH)
    await hass.config_entries.async_remove(live_house.entry.entry_id)
    assert find_issue(hass, live_house, FLASH) is None


async def test_count_of_the_next_day_starts_at_zero_without_an_issue(
    hass: HomeAssistant, house_with_counter: House
) -> None:
    record_writes(house_with_counter, WARN_AT_WRITES + 1)
    assert count(hass, house_with_counter) == WARN_AT_WRITES + 1
    assert find_issue(hass, house_with_counter, FLASH)
    yesterday = dt_util.now().date() - timedelta(days=1)
    counter = house_with_counter.controller.flash_writes
    counter.restore({"day": yesterday.isoformat(), "count": counter.count})
    midnight = dt_util.start_of_local_day() + timedelta(days=1)
    async_fire_time_changed(hass, midnight)
    await hass.async_block_till_done()
    assert count(hass, house_with_counter) == 0
    assert find_issue(hass, house_with_counter, FLASH) is None


async def test_count_starts_at_zero_where_the_clocks_skip_midnight(
    hass: HomeAssistant, house_with_counter: House
) -> None:
    cairo = ZoneInfo("Africa/Cairo")
    await hass.config.async_set_time_zone(cairo.key)
    evening = datetime(2026, 4, 23, 23, 30, tzinfo=cairo)
    with freeze_time(evening, real_asyncio=True, tick=True):
        await restart(hass, house_with_counter)
        record_writes(house_with_counter, WARN_AT_WRITES + 1)
        assert count(hass, house_with_counter) == WARN_AT_WRITES + 1
        assert find_issue(hass, house_with_counter, FLASH)
    # Midnight of this night does not exist: it is one o'clock then.
    morning = datetime(2026, 4, 24, 1, tzinfo=cairo)
    with freeze_time(morning, real_asyncio=True, tick=True):
        async_fire_time_changed(hass, morning)
        await hass.async_block_till_done()
    assert count(hass, house_with_counter) == 0
    assert find_issue(hass, house_with_counter, FLASH) is None


async def test_writes_above_the_daily_limit_are_refused_as_a_whole(
    hass: HomeAssistant, live_house: House
) -> None:
    record_writes(live_house, DAILY_LIMIT_WRITES - 1)
    live_house.inverter.journal.clear()
    night = {"active_periods": "charge", "charge_period_1_end": "05:00"}
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "set_schedule", night)
    assert caught.value.translation_key == "too_many_writes"
    assert caught.value.translation_placeholders == {"count": "49", "most": "50"}
    assert not live_house.inverter.journal.written
    assert (await set_floor(hass, 20))["written"] == 1
    assert (await set_floor(hass, 20))["written"] == 0
    await charge(live_house)


async def test_refused_feed_in_limit_does_not_stop_the_dispatch(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    record_writes(live_house, DAILY_LIMIT_WRITES)
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "limit_feed_in", {"share": 40})
    assert caught.value.translation_key == "too_many_writes"
    assert live_house.inverter.words()[0x0880] == 1
