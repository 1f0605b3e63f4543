"""set_schedule: its response, its errors and what it writes; what the schedule does in the simulated house."""

from dataclasses import replace
import itertools
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
from custom_components.alphaess_live.alphaess.registers import PeriodMinutes
from custom_components.alphaess_live.alphaess.write_policy import PERIOD_ADDRESSES
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control.settings import current_schedule
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.models import MODELS

from ..conftest import House, poll, set_behaviour
from ..orders import APP_ORDER, charge, dispatch_status, write_app_order
from ..service_calls import call_action, find_entity_id

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


NIGHT_RESPONSE = {
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


EVENING = {
    "active_periods": "charge",
    "charge_period_1_start": "20:00",
    "charge_period_1_end": "22:00",
    "charge_target": 100,
}


def add_without_minutes(hass: HomeAssistant, house: House) -> None:
    """Add the entry, which does not know yet whether the inverter has the minutes of the times."""
    known = [name for name in house.entry.data["served"] if name != "period_minutes"]
    data = {**house.entry.data, "served": known}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, data=data)


def read_word(house: House, address: int) -> int:
    """Read a register of the simulated inverter."""
    return house.inverter.words()[address]


@pytest.mark.parametrize("model", MODELS)
async def test_set_schedule_is_verified_and_returns_the_whole_schedule(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call_action(hass, "set_schedule", NIGHT)
    assert response["requested"] == response["applied"] == NIGHT_RESPONSE
    assert response["verified"] is True
    assert response["written"] == 3
    assert [read_word(live_house, at) for at in (0x084F, 0x0856, 0x0857)] == [1, 1, 5]


@pytest.mark.parametrize("schedule", [NIGHT, EVCC])
async def test_same_schedule_again_writes_nothing(
    hass: HomeAssistant, live_house: House, schedule: dict[str, Any]
) -> None:
    first = await call_action(hass, "set_schedule", schedule)
    assert first["written"] > 0
    live_house.inverter.journal.clear()
    again = await call_action(hass, "set_schedule", schedule)
    assert again == first | {"written": 0}
    assert not live_house.inverter.journal.written
    assert len(live_house.inverter.journal.requests) == 3


async def test_set_schedule_keeps_fields_that_are_not_given(
    hass: HomeAssistant, live_house: House
) -> None:
    await call_action(hass, "set_schedule", NIGHT)
    live_house.inverter.journal.clear()
    response = await call_action(hass, "set_schedule", {"charge_period_1_end": "05:30"})
    assert response["applied"] == NIGHT_RESPONSE | {"charge_period_1_end": "05:30"}
    [request] = live_house.inverter.journal.written
    assert (request.address, request.values) == (0x085F, (30,))


async def test_set_schedule_without_fields_returns_the_schedule(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call_action(hass, "set_schedule", {})
    assert response["applied"]["active_periods"] == "off"
    assert response["written"] == 0
    assert not live_house.inverter.journal.written


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_set_schedule_on_older_firmware_rejects_minutes(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call_action(hass, "set_schedule", EVCC)
    assert response["applied"]["charge_period_1_end"] == "23:00"
    live_house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "set_schedule", {"charge_period_1_end": "05:30"})
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
async def test_invalid_schedule_is_rejected_and_not_written(
    hass: HomeAssistant, live_house: House, change: dict[str, Any], key: str
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "set_schedule", NIGHT | change)
    assert caught.value.translation_key == key
    assert not live_house.inverter.journal.written


@pytest.mark.parametrize("language", ["en", "de", "nl"])
async def test_schedule_problem_has_a_message_in_every_language(
    hass: HomeAssistant, language: str
) -> None:
    texts = await async_get_translations(hass, language, "exceptions", {DOMAIN})
    for problem in ScheduleProblem:
        assert texts[f"component.{DOMAIN}.exceptions.schedule_{problem}.message"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"active_periods": "sometimes"}, ServiceValidationError),
        ({"charge_period_1_start": "25:00"}, ServiceValidationError),
        ({"power": 3}, probatio.Invalid),
    ],
)
@pytest.mark.usefixtures("live_house")
async def test_set_schedule_with_invalid_types_is_refused(
    hass: HomeAssistant, data: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await call_action(hass, "set_schedule", data)


@pytest.mark.parametrize(
    ("behaviour", "key"),
    [
        ({"ignores_settings": True}, "not_applied_ignored"),
        ({"setting_limits": {0x0850: range(20, 101)}}, "not_applied_ignored"),
        ({"settings": Reply.REFUSED}, "not_applied_refused"),
        ({"settings": Reply.SILENT}, "order_unknown"),
        ({"drops_link_after_write": True}, "order_unknown"),
        ({"exception": 6}, "unanswered_busy"),
    ],
)
async def test_set_schedule_not_applied_raises_its_error(
    hass: HomeAssistant, live_house: House, behaviour: dict[str, Any], key: str
) -> None:
    set_behaviour(live_house, **behaviour)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "set_schedule", {"discharge_floor": 15})
    assert caught.value.translation_key == key


async def test_not_applied_error_contains_requested_and_applied(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(live_house, setting_limits={0x0850: range(20, 101)})
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "set_schedule", {"discharge_floor": 15})
    placeholders = caught.value.translation_placeholders
    assert placeholders
    assert placeholders["requested"] == "set_schedule, discharge_floor 15"
    assert placeholders["applied"] == "set_schedule, discharge_floor 20"


async def test_set_schedule_during_a_dispatch_is_applied(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    await call_action(hass, "set_schedule", NIGHT)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    write_app_order(live_house)
    response = await call_action(hass, "set_schedule", NIGHT | {"charge_target": 80})
    assert response["applied"]["charge_target"] == 80


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_set_schedule_without_periods_raises_no_charging_periods(
    hass: HomeAssistant, live_house: House
) -> None:
    model = live_house.inverter.model
    served = tuple(span for span in model.served if 0x084F not in span)
    live_house.inverter.model = replace(model, served=served)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "set_schedule", NIGHT)
    assert caught.value.translation_key == "no_charging_periods"


@pytest.mark.parametrize("options", [{"message_spacing": 0, "groups": []}])
async def test_set_schedule_writes_minutes_that_are_not_polled(
    hass: HomeAssistant, house: House
) -> None:
    polled = house.entry.data["served"]
    known = [name for name in polled if name != "period_minutes"]
    data = {**house.entry.data, "served": known}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    house.inverter.write_as_app(0x085F, 30)
    response = await call_action(hass, "set_schedule", {"charge_period_1_end": "05:00"})
    assert response["applied"]["charge_period_1_end"] == "05:00"
    assert (read_word(house, 0x0857), read_word(house, 0x085F)) == (5, 0)


@pytest.mark.parametrize("options", [{"message_spacing": 0, "groups": []}])
async def test_set_schedule_with_refused_minutes_writes_nothing(
    hass: HomeAssistant, house: House
) -> None:
    add_without_minutes(hass, house)
    await hass.config_entries.async_setup(house.entry.entry_id)
    house.inverter.write_as_app(0x085F, 30)
    set_behaviour(house, refused_addresses=frozenset(PeriodMinutes.addresses()))
    house.inverter.journal.clear()
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "set_schedule", {"charge_period_1_end": "05:00"})
    assert caught.value.translation_key == "refused"
    assert not house.inverter.journal.written
    set_behaviour(house, refused_addresses=frozenset())
    await call_action(hass, "set_schedule", {"charge_period_1_end": "05:00"})
    assert (read_word(house, 0x0857), read_word(house, 0x085F)) == (5, 0)


async def test_times_with_minutes_refused_at_first_are_unknown(
    hass: HomeAssistant, house: House
) -> None:
    add_without_minutes(hass, house)
    set_behaviour(house, refused_addresses=frozenset(PeriodMinutes.addresses()))
    await hass.config_entries.async_setup(house.entry.entry_id)
    assert house.coordinator.latest
    assert house.coordinator.latest.periods
    assert current_schedule(house.coordinator) is None
    assert "period_minutes" not in house.entry.data["refused"]


@pytest.mark.parametrize(("asked", "odd"), [(21, 21), (21, 20), (20, 21)])
async def test_odd_word_before_the_write_does_not_decide(
    hass: HomeAssistant, live_house: House, asked: int, odd: int
) -> None:
    await call_action(hass, "set_schedule", {"discharge_floor": 20})
    unit, count = live_house.inverter, itertools.count()
    read = unit.read_holding_registers

    async def read_oddly(address: int, registers: int) -> list[int]:
        words = await read(address, registers)
        if address == PERIOD_ADDRESSES.start and not next(count):
            words[1] = odd
        return words

    unit.read_holding_registers = read_oddly  # type: ignore[assignment]
    response = await call_action(hass, "set_schedule", {"discharge_floor": asked})
    assert response["applied"]["discharge_floor"] == asked
    assert response["written"] == int(asked != 20)
    assert read_word(live_house, 0x0850) == asked


async def test_set_schedule_while_disconnected_raises_unanswered(
    hass: HomeAssistant, live_house: House
) -> None:
    await live_house.server.switch_off()
    await poll(live_house)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "set_schedule", NIGHT)
    kind = live_house.coordinator.connection.error_kind
    assert caught.value.translation_key == f"unanswered_{kind}"


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_set_schedule_with_controls_off_sends_no_request(
    hass: HomeAssistant, live_house: House
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "set_schedule", NIGHT)
    assert caught.value.translation_key == "controls_off"
    assert not live_house.inverter.journal.requests


async def test_set_schedule_by_read_only_user_is_unauthorized(
    hass: HomeAssistant, live_house: House, hass_read_only_user: User
) -> None:
    context = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await call_action(hass, "set_schedule", NIGHT, context=context)
    assert not live_house.inverter.journal.written


async def _battery_power_at(hass: HomeAssistant, house: House, hour: int) -> float:
    """Advance to this hour of the house's day; return the power of the battery in W."""
    clock = house.inverter.house.clock
    house.inverter.advance((hour - clock.hour) * 3600 + 1)
    await poll(house, full=True)
    return float(house.state(hass, "battery_power"))


@pytest.mark.parametrize("model", MODELS)
async def test_active_charge_period_charges_from_the_grid_until_it_ends(
    hass: HomeAssistant, live_house: House
) -> None:
    assert await _battery_power_at(hass, live_house, 21) > 0
    await call_action(hass, "set_schedule", EVENING)
    assert await _battery_power_at(hass, live_house, 21) < -100
    assert float(live_house.state(hass, "grid_power")) > 100
    assert await _battery_power_at(hass, live_house, 22) > 0


async def test_app_order_takes_precedence_over_the_schedule(
    hass: HomeAssistant, live_house: House
) -> None:
    await call_action(hass, "set_schedule", {"active_periods": "discharge"})
    assert await _battery_power_at(hass, live_house, 21) == 0
    write_app_order(live_house, replace(APP_ORDER, power=2500, target_soc=10))
    assert await _battery_power_at(hass, live_house, 21) == 2500


async def test_active_periods_without_a_length_warn_in_answer_and_entity(
    hass: HomeAssistant, enabled_house: House
) -> None:
    empty = {
        f"{kind}_period_{number}_{end}": "00:00"
        for kind in ("charge", "discharge")
        for number in (1, 2)
        for end in ("start", "end")
    }
    fields = empty | {"discharge_period_1_end": "05:00", "active_periods": "both"}
    response = await call_action(hass, "set_schedule", fields)
    assert [one["code"] for one in response["warnings"]] == ["no_charge_period"]
    select = find_entity_id(hass, enabled_house, "select", "active_periods")
    state = hass.states.get(select)
    assert state
    assert state.attributes["without_period"] == ["charge"]
    response = await call_action(hass, "set_schedule", {"active_periods": "off"})
    assert not response["warnings"]
    state = hass.states.get(select)
    assert state
    assert state.attributes["without_period"] == []
