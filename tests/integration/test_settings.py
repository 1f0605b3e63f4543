"""Settings for people who click: they show what the inverter says, and set one thing at a time."""

from datetime import timedelta
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.alphaess.schedule import PERIOD_FIELDS
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, poll, set_up
from .test_clock_repair import look_at_clock
from .test_control import app_orders, charge, misbehave, seen
from .test_dispatch_entities import choose, entity_id, press, shown
from .test_repairs import issue

SETTINGS = {
    *(("time", end) for end in PERIOD_FIELDS),
    ("select", "active_periods"),
    ("number", "charge_target"),
    ("number", "discharge_floor"),
    ("number", "feed_in_limit"),
    ("button", "set_clock"),
}


def settings_of(hass: HomeAssistant, house: House) -> dict[tuple[str, str], Any]:
    """Find the entities of the settings in the registry."""
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    known = {(one.domain, one.unique_id.partition("_")[2]): one for one in entities}
    return {key: known[key] for key in SETTINGS & known.keys()}


async def set_time(hass: HomeAssistant, house: House, key: str, value: str) -> None:
    data = {"entity_id": entity_id(hass, house, "time", key), "time": value}
    await hass.services.async_call("time", "set_value", data, blocking=True)


async def select(hass: HomeAssistant, house: House, option: str) -> None:
    periods = entity_id(hass, house, "select", "active_periods")
    data = {"entity_id": periods, "option": option}
    await hass.services.async_call("select", "select_option", data, blocking=True)


@pytest.mark.parametrize("model", MODELS)
async def test_settings_wait_among_the_configuration_until_they_are_enabled(
    hass: HomeAssistant, live_house: House
) -> None:
    found = settings_of(hass, live_house)
    assert found.keys() == SETTINGS
    for entity in found.values():
        assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        assert entity.entity_category is EntityCategory.CONFIG


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_without_controls_there_is_nothing_to_set_but_still_something_to_see(
    hass: HomeAssistant, open_house: House
) -> None:
    assert not settings_of(hass, open_house)
    assert shown(hass, open_house, "sensor", "periods_charge_target") == "95"
    assert shown(hass, open_house, "sensor", "feed_in_limit") == "70"
    for _ in range(3):
        await poll(open_house, full=True)
    assert not open_house.inverter.journal.written


async def test_starting_and_idling_writes_nothing(
    hass: HomeAssistant, house: House
) -> None:
    await set_up(hass, house)
    for _ in range(3):
        await poll(house, full=True)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.inverter.journal.writes == 0


async def test_a_setting_shows_what_the_inverter_says(
    hass: HomeAssistant, open_house: House
) -> None:
    assert shown(hass, open_house, "time", "charge_period_1_start") == "00:00:00"
    assert shown(hass, open_house, "select", "active_periods") == "off"
    assert shown(hass, open_house, "number", "charge_target") == "95"
    open_house.inverter.write_as_app(0x084F, 3)
    open_house.inverter.write_as_app(0x0856, 1)
    open_house.inverter.write_as_app(0x085E, 30)
    open_house.coordinator.inverter.expire_slow_blocks()
    for _ in range(2):  # One reading has too few requests for all slow blocks.
        await poll(open_house, full=True)
    assert shown(hass, open_house, "time", "charge_period_1_start") == "01:30:00"
    assert shown(hass, open_house, "select", "active_periods") == "both"


async def test_what_is_no_time_and_no_choice_is_unknown(
    hass: HomeAssistant, open_house: House
) -> None:
    open_house.inverter.write_as_app(0x084F, 9)
    open_house.inverter.write_as_app(0x0856, 31)
    open_house.coordinator.inverter.expire_slow_blocks()
    for _ in range(2):  # One reading has too few requests for all slow blocks.
        await poll(open_house, full=True)
    for domain, key in (
        ("time", "charge_period_1_start"),
        ("select", "active_periods"),
    ):
        assert shown(hass, open_house, domain, key) == STATE_UNKNOWN
    await set_time(hass, open_house, "charge_period_1_end", "05:00")
    words = open_house.inverter.words()
    assert (words[0x084F], words[0x0856], words[0x0857]) == (9, 31, 5)


@pytest.mark.parametrize("model", MODELS)
async def test_what_was_set_shows_at_once_and_stays(
    hass: HomeAssistant, open_house: House
) -> None:
    await set_time(hass, open_house, "charge_period_1_end", "05:00")
    await set_time(hass, open_house, "discharge_period_2_start", "17:00:00")
    await set_time(hass, open_house, "discharge_period_2_end", "23:00")
    await select(hass, open_house, "both")
    await choose(hass, open_house, "charge_target", 80)
    await choose(hass, open_house, "feed_in_limit", 50)
    reads = open_house.inverter.journal.reads
    for _ in range(2):
        assert shown(hass, open_house, "time", "charge_period_1_end") == "05:00:00"
        start = shown(hass, open_house, "time", "discharge_period_2_start")
        assert start == "17:00:00"
        assert shown(hass, open_house, "select", "active_periods") == "both"
        assert shown(hass, open_house, "number", "charge_target") == "80"
        assert shown(hass, open_house, "number", "feed_in_limit") == "50"
        assert shown(hass, open_house, "sensor", "periods_charge_target") == "80"
        await poll(open_house, full=True)
    assert open_house.inverter.journal.reads - reads <= 2 * 6
    assert open_house.inverter.words()[0x0853] == 17


async def test_one_end_is_one_write_and_again_none(
    hass: HomeAssistant, open_house: House
) -> None:
    for _ in range(2):
        await set_time(hass, open_house, "charge_period_1_end", "05:00")
    [request] = open_house.inverter.journal.written
    assert (request.address, request.values) == (0x0857, (5,))


async def test_a_period_cannot_be_moved_into_another_one(
    hass: HomeAssistant, open_house: House
) -> None:
    await set_time(hass, open_house, "charge_period_1_end", "05:00")
    await set_time(hass, open_house, "charge_period_2_start", "06:00")
    await set_time(hass, open_house, "charge_period_2_end", "07:00")
    await select(hass, open_house, "charge")
    with pytest.raises(ServiceValidationError) as caught:
        await set_time(hass, open_house, "charge_period_2_start", "04:00")
    assert caught.value.translation_key == "schedule_overlap"
    start = shown(hass, open_house, "time", "charge_period_2_start")
    assert start == "06:00:00"


@pytest.mark.parametrize(
    ("habits", "why", "there"),
    [
        ({"ignores_settings": True}, "ignored", "95"),
        ({"settings": Reply.REFUSED}, "refused", "95"),
        ({"setting_limits": {0x0855: range(90, 101)}}, "ignored", "90"),
    ],
)
async def test_a_write_that_is_not_taken_is_an_error_and_shows_what_is_true(
    hass: HomeAssistant,
    open_house: House,
    habits: dict[str, Any],
    why: str,
    there: str,
) -> None:
    misbehave(open_house, **habits)
    with pytest.raises(HomeAssistantError) as caught:
        await choose(hass, open_house, "charge_target", 80)
    assert caught.value.translation_key == f"not_applied_{why}"
    assert shown(hass, open_house, "number", "charge_target") == there


@pytest.mark.parametrize(
    "habits",
    [
        {"block_write_of_one": Reply.REFUSED},
        {"single_write": Reply.REFUSED},
        {"single_write": Reply.SILENT},
    ],
)
async def test_a_setting_is_written_in_the_way_that_the_inverter_takes(
    hass: HomeAssistant, open_house: House, habits: dict[str, Any]
) -> None:
    misbehave(open_house, **habits)
    await choose(hass, open_house, "charge_target", 80)
    assert open_house.inverter.words()[0x0855] == 80


async def test_settings_are_unavailable_while_the_inverter_is_away(
    hass: HomeAssistant, open_house: House
) -> None:
    await open_house.server.switch_off()
    await poll(open_house)
    for domain, key in SETTINGS:
        assert shown(hass, open_house, domain, key) == STATE_UNAVAILABLE


async def test_a_feed_in_limit_stops_our_dispatch_and_leaves_others_alone(
    hass: HomeAssistant, open_house: House
) -> None:
    await charge(open_house)
    await choose(hass, open_house, "feed_in_limit", 50)
    assert seen(open_house) == ("idle", "none")
    assert shown(hass, open_house, "number", "feed_in_limit") == "50"
    app_orders(open_house)
    with pytest.raises(ServiceValidationError) as caught:
        await choose(hass, open_house, "feed_in_limit", 40)
    assert caught.value.translation_key == "foreign_dispatch"
    assert shown(hass, open_house, "number", "feed_in_limit") == "50"


async def test_the_clock_is_set_by_a_click_and_its_repair_goes_at_once(
    hass: HomeAssistant, open_house: House
) -> None:
    await look_at_clock(hass, open_house, wrong_by=2)
    assert issue(hass, open_house, "clock")
    await press(hass, open_house, "set_clock")
    await hass.async_block_till_done()
    assert issue(hass, open_house, "clock") is None
    clock = dt_util.parse_datetime(shown(hass, open_house, "sensor", "system_time"))
    assert clock
    assert abs(clock - dt_util.utcnow()) < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("habits", "key"),
    [
        ({"block_write": Reply.REFUSED}, "refused"),
        ({"ignores_writes": True}, "not_applied_ignored"),
        ({"drops_link_after_write": True}, "order_unknown"),
    ],
)
async def test_a_clock_that_is_not_set_is_an_error(
    hass: HomeAssistant, open_house: House, habits: dict[str, Any], key: str
) -> None:
    await look_at_clock(hass, open_house, wrong_by=2)
    misbehave(open_house, **habits)
    with pytest.raises(HomeAssistantError) as caught:
        await press(hass, open_house, "set_clock")
    assert caught.value.translation_key == key
