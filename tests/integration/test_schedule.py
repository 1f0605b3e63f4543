"""The schedule in one action: what it answers, what it refuses and in which words, and what it writes."""

from dataclasses import replace
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers.translation import async_get_translations
import probatio
import pytest

from custom_components.alphaess_live.alphaess.errors import ScheduleProblem
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, poll
from .test_control import app_orders, charge, misbehave, seen
from .test_services import call

NIGHT = {
    "active_periods": "charge",
    "charge_period_1_start": "01:00",
    "charge_period_1_end": "05:00",
    "charge_target": 90,
    "discharge_floor": 15,
}
EVCC = {
    "active_periods": "charge",
    "charge_period_1_start": "00:00",
    "charge_period_1_end": "23:00",
    "charge_period_2_start": "23:00",
    "charge_period_2_end": "00:00",
    "charge_target": 20,
}
ANSWER = {
    "action": "set_schedule",
    "active_periods": "charge",
    "charge_period_1_start": "01:00",
    "charge_period_1_end": "05:00",
    "charge_period_2_start": "00:00",
    "charge_period_2_end": "00:00",
    "discharge_period_1_start": "00:00",
    "discharge_period_1_end": "00:00",
    "discharge_period_2_start": "00:00",
    "discharge_period_2_end": "00:00",
    "charge_target": 90,
    "discharge_floor": 15,
}


def word(house: House, address: int) -> int:
    """Read a register at its source."""
    return house.inverter.words()[address]


@pytest.mark.parametrize("model", MODELS)
async def test_a_schedule_is_set_verified_and_answered_as_a_whole(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call(hass, "set_schedule", NIGHT)
    assert response["requested"] == response["applied"] == ANSWER
    assert response["verified"] is True
    assert response["written"] == 3
    assert [word(live_house, at) for at in (0x084F, 0x0856, 0x0857)] == [1, 1, 5]


@pytest.mark.parametrize("schedule", [NIGHT, EVCC])
async def test_the_same_schedule_again_writes_nothing(
    hass: HomeAssistant, live_house: House, schedule: dict[str, Any]
) -> None:
    first = await call(hass, "set_schedule", schedule)
    assert first["written"] > 0
    live_house.inverter.journal.clear()
    again = await call(hass, "set_schedule", schedule)
    assert again == first | {"written": 0}
    assert not live_house.inverter.journal.written
    assert len(live_house.inverter.journal.requests) == 1


async def test_what_is_left_out_stays_as_it_is(
    hass: HomeAssistant, live_house: House
) -> None:
    await call(hass, "set_schedule", NIGHT)
    live_house.inverter.journal.clear()
    response = await call(hass, "set_schedule", {"charge_period_1_end": "05:30"})
    assert response["applied"] == ANSWER | {"charge_period_1_end": "05:30"}
    [request] = live_house.inverter.journal.written
    assert (request.address, request.values) == (0x085F, (30,))


async def test_asking_for_nothing_tells_the_schedule(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call(hass, "set_schedule", {})
    assert response["applied"]["active_periods"] == "off"
    assert response["written"] == 0
    assert not live_house.inverter.journal.written


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_older_firmware_is_set_in_hours_and_refuses_minutes_in_words(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call(hass, "set_schedule", EVCC)
    assert response["applied"]["charge_period_1_end"] == "23:00"
    live_house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "set_schedule", {"charge_period_1_end": "05:30"})
    assert caught.value.translation_key == "schedule_minutes"
    assert caught.value.translation_placeholders == {"time": "05:30"}
    assert not live_house.inverter.journal.written


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (
            {"charge_period_2_start": "04:59", "charge_period_2_end": "06:00"},
            "schedule_overlap",
        ),
        (
            {
                "active_periods": "both",
                "discharge_period_1_start": "23:00",
                "discharge_period_1_end": "01:01",
            },
            "schedule_overlap",
        ),
        ({"charge_period_1_start": "01:00:30"}, "schedule_seconds"),
        ({"charge_target": 3}, "schedule_share"),
        ({"discharge_floor": 12.5}, "schedule_share"),
    ],
)
async def test_an_impossible_schedule_is_refused_in_words_and_not_written(
    hass: HomeAssistant, live_house: House, change: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "set_schedule", NIGHT | change)
    assert caught.value.translation_key == key
    assert not live_house.inverter.journal.written


@pytest.mark.parametrize("language", ["en", "de", "nl"])
async def test_every_problem_has_its_sentence_in_every_language(
    hass: HomeAssistant, language: str
) -> None:
    texts = await async_get_translations(hass, language, "exceptions", {DOMAIN})
    for problem in ScheduleProblem:
        assert texts[f"component.{DOMAIN}.exceptions.schedule_{problem}.message"]


async def test_a_value_in_another_scale_is_not_overwritten(
    hass: HomeAssistant, live_house: House
) -> None:
    live_house.inverter.write_as_app(0x0855, 950)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "set_schedule", {"charge_target": 80})
    assert caught.value.translation_key == "schedule_scale"
    for _ in range(2):  # One sample proves nothing: it may be a spike.
        live_house.coordinator.inverter.expire_slow_blocks()
        await poll(live_house, full=True)
    live_house.inverter.write_as_app(0x0850, 100)
    response = await call(hass, "set_schedule", {"charge_target": 80})
    assert response["applied"]["charge_target"] == 80
    assert (word(live_house, 0x0855), word(live_house, 0x0850)) == (800, 100)


@pytest.mark.parametrize(
    "data",
    [{"active_periods": "sometimes"}, {"charge_period_1_start": "25:00"}, {"power": 3}],
)
@pytest.mark.usefixtures("live_house")
async def test_nonsense_does_not_get_past_the_schema(
    hass: HomeAssistant, data: dict[str, Any]
) -> None:
    with pytest.raises(probatio.Invalid):
        await call(hass, "set_schedule", data)


@pytest.mark.parametrize(
    ("habits", "key"),
    [
        ({"ignores_settings": True}, "not_applied_ignored"),
        ({"setting_limits": {0x0850: range(20, 101)}}, "not_applied_ignored"),
        ({"settings": Reply.REFUSED}, "not_applied_refused"),
        ({"settings": Reply.SILENT}, "order_unknown"),
        ({"drops_link_after_write": True}, "order_unknown"),
        ({"exception": 6}, "unanswered_busy"),
    ],
)
async def test_an_inverter_that_does_not_do_it_is_an_error(
    hass: HomeAssistant, live_house: House, habits: dict[str, Any], key: str
) -> None:
    misbehave(live_house, **habits)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "set_schedule", {"discharge_floor": 15})
    assert caught.value.translation_key == key


async def test_an_error_tells_what_the_inverter_says_instead(
    hass: HomeAssistant, live_house: House
) -> None:
    misbehave(live_house, setting_limits={0x0850: range(20, 101)})
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "set_schedule", {"discharge_floor": 15})
    told = caught.value.translation_placeholders
    assert told
    assert told["requested"] == "set_schedule, discharge_floor 15"
    assert told["applied"] == "set_schedule, discharge_floor 20"


async def test_a_dispatch_does_not_keep_anybody_from_setting_the_schedule(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    await call(hass, "set_schedule", NIGHT)
    assert seen(live_house) == ("charging", "alphaess_live")
    app_orders(live_house)
    response = await call(hass, "set_schedule", NIGHT | {"charge_target": 80})
    assert response["applied"]["charge_target"] == 80


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_an_inverter_without_periods_says_so(
    hass: HomeAssistant, live_house: House
) -> None:
    model = live_house.inverter.model
    served = tuple(span for span in model.served if 0x084F not in span)
    live_house.inverter.model = replace(model, served=served)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "set_schedule", NIGHT)
    assert caught.value.translation_key == "no_charging_periods"


@pytest.mark.parametrize("options", [{"message_spacing": 0, "groups": []}])
async def test_minutes_that_nobody_polls_are_set_all_the_same(
    hass: HomeAssistant, house: House
) -> None:
    polled = house.entry.data["served"]
    known = [name for name in polled if name != "period_minutes"]
    data = {**house.entry.data, "served": known}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    house.inverter.write_as_app(0x085F, 30)
    response = await call(hass, "set_schedule", {"charge_period_1_end": "05:00"})
    assert response["applied"]["charge_period_1_end"] == "05:00"
    assert (word(house, 0x0857), word(house, 0x085F)) == (5, 0)


async def test_an_inverter_that_is_away_is_told_so(
    hass: HomeAssistant, live_house: House
) -> None:
    await live_house.server.switch_off()
    await poll(live_house)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "set_schedule", NIGHT)
    kind = live_house.coordinator.connection.error_kind
    assert caught.value.translation_key == f"unanswered_{kind}"


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_without_controls_nothing_is_asked_and_nothing_written(
    hass: HomeAssistant, live_house: House
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "set_schedule", NIGHT)
    assert caught.value.translation_key == "controls_off"
    assert not live_house.inverter.journal.requests


async def test_whoever_may_only_look_may_not_set_it(
    hass: HomeAssistant, live_house: House, hass_read_only_user: User
) -> None:
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await call(hass, "set_schedule", NIGHT, context=context)
    assert not live_house.inverter.journal.written
