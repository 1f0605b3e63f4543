"""A clock that is wrong is told, set once when told to, and not fought over."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.registers import Clock
from custom_components.alphaess_live.control.clock import drift
from custom_components.alphaess_live.monitor.issues import CLOCK
from custom_components.alphaess_live.simulator.behaviour import DEFAULT_BEHAVIOUR, Reply

from .conftest import House, poll, set_up
from .test_repairs import fix, issue, let_pass

CLOCK_AT = range(0x0740, 0x0743)


async def look_at_clock(
    hass: HomeAssistant, house: House, *, wrong_by: float | None
) -> None:
    """Let the clock be read, after a datalogger has set it so many hours ahead."""
    if wrong_by is not None:
        words = Clock(time=time_shown(wrong_by)).encode()
        house.inverter.write_as_app(0x0740, *(words[at] for at in CLOCK_AT))
    house.coordinator.inverter.expire_slow_blocks()
    await poll(house, full=True)
    await hass.async_block_till_done()


def time_shown(hours: float) -> datetime:
    """Say what a clock shows that is so many hours ahead."""
    local = dt_util.now().replace(tzinfo=None, microsecond=0)
    return local + timedelta(hours=hours)


async def test_a_clock_that_is_right_is_nothing_to_tell(
    hass: HomeAssistant, live_house: House
) -> None:
    for minutes in (-4.9, 0, 4.9):
        await look_at_clock(hass, live_house, wrong_by=minutes / 60)
        assert issue(hass, live_house, CLOCK) is None


async def test_a_clock_that_was_never_set_is_nothing_to_tell(
    hass: HomeAssistant, house: House
) -> None:
    unset = dict.fromkeys(CLOCK_AT, 0)
    house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, word_overrides=unset)
    await set_up(hass, house)
    assert issue(hass, house, CLOCK) is None


async def test_a_clock_that_is_wrong_is_told_until_it_is_right(
    hass: HomeAssistant, live_house: House
) -> None:
    await look_at_clock(hass, live_house, wrong_by=2)
    told = issue(hass, live_house, CLOCK)
    assert told
    assert (told.translation_key, told.is_fixable) == ("clock_wrong", True)
    texts = told.translation_placeholders
    assert texts
    assert texts["inverter"] == "AlphaESS"
    shown, actual = (datetime.fromisoformat(texts[key]) for key in ("shown", "actual"))
    assert timedelta(minutes=119) <= shown - actual <= timedelta(minutes=121)
    assert not live_house.inverter.journal.written
    await look_at_clock(hass, live_house, wrong_by=0)
    assert issue(hass, live_house, CLOCK) is None


async def test_a_clock_is_set_once_and_in_one_piece(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    await look_at_clock(hass, live_house, wrong_by=2)
    asked, answer = await fix(hass, hass_client, live_house, CLOCK)
    assert asked["step_id"] == "confirm"
    assert answer["type"] == "create_entry"
    [written] = live_house.inverter.journal.written
    assert (written.function, written.address, written.count) == (0x10, 0x0740, 3)
    shown = Clock.decode(live_house.inverter.words()).time
    assert shown
    assert abs(shown - time_shown(0)) < timedelta(minutes=1)
    assert issue(hass, live_house, CLOCK) is None
    await look_at_clock(hass, live_house, wrong_by=None)
    assert issue(hass, live_house, CLOCK) is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"message_spacing": 0, "controls": False}, "controls_off")],
)
async def test_nothing_is_set_while_the_controls_are_off(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
    *,
    reason: str,
) -> None:
    await look_at_clock(hass, live_house, wrong_by=2)
    _, answer = await fix(hass, hass_client, live_house, CLOCK)
    assert (answer["type"], answer["reason"]) == ("abort", reason)
    assert not live_house.inverter.journal.written
    assert issue(hass, live_house, CLOCK)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (replace(DEFAULT_BEHAVIOUR, block_write=Reply.REFUSED), "refused"),
        (replace(DEFAULT_BEHAVIOUR, ignores_writes=True), "refused"),
        (replace(DEFAULT_BEHAVIOUR, exception=6), "unanswered"),
    ],
    ids=["refused", "ignored", "busy"],
)
async def test_a_clock_that_cannot_be_set_says_why(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
    *,
    behaviour: Any,
    reason: str,
) -> None:
    await look_at_clock(hass, live_house, wrong_by=2)
    live_house.inverter.behaviour = behaviour
    _, answer = await fix(hass, hass_client, live_house, CLOCK)
    assert (answer["type"], answer["reason"]) == ("abort", reason)
    assert issue(hass, live_house, CLOCK)


async def test_the_clock_of_an_entry_that_is_not_loaded_cannot_be_set(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    await look_at_clock(hass, live_house, wrong_by=2)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    _, answer = await fix(hass, hass_client, live_house, CLOCK)
    assert (answer["type"], answer["reason"]) == ("abort", "not_loaded")


async def test_a_datalogger_that_sets_the_clock_back_is_named_and_not_fought(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    await look_at_clock(hass, live_house, wrong_by=2)
    await fix(hass, hass_client, live_house, CLOCK)
    let_pass(hass, live_house, hours=6)
    await look_at_clock(hass, live_house, wrong_by=3)
    for hours in (1.5, 2, 2.5):
        told = issue(hass, live_house, CLOCK)
        assert told
        assert (told.translation_key, told.is_fixable) == ("clock_set_back", False)
        await hass.config_entries.async_reload(live_house.entry.entry_id)
        let_pass(hass, live_house, days=1)
        await look_at_clock(hass, live_house, wrong_by=hours)
    assert len(live_house.inverter.journal.written) == 1
    await look_at_clock(hass, live_house, wrong_by=0)
    assert issue(hass, live_house, CLOCK) is None


async def test_a_clock_that_drifts_again_after_days_may_be_set_again(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    await look_at_clock(hass, live_house, wrong_by=2)
    await fix(hass, hass_client, live_house, CLOCK)
    let_pass(hass, live_house, days=2)
    await look_at_clock(hass, live_house, wrong_by=0)
    await look_at_clock(hass, live_house, wrong_by=0.2)
    told = issue(hass, live_house, CLOCK)
    assert told
    assert (told.translation_key, told.is_fixable) == ("clock_wrong", True)


@pytest.mark.parametrize(
    ("shown", "at", "error"),
    [
        ("2025-10-25T12:00", "2025-10-25T12:00+02:00", 0),
        ("2025-10-26T01:30", "2025-10-26T01:30+02:00", 0),
        ("2025-10-26T02:30", "2025-10-26T02:30+02:00", 0),
        ("2025-10-26T02:30", "2025-10-26T02:30+01:00", 0),
        ("2025-10-26T12:00", "2025-10-26T12:00+01:00", 0),
        ("2025-10-26T13:00", "2025-10-26T12:00+01:00", 0),
        ("2025-10-28T13:00", "2025-10-28T12:00+01:00", 60),
        ("2026-03-29T11:00", "2026-03-29T12:00+02:00", 0),
        ("2026-03-31T11:00", "2026-03-31T12:00+02:00", -60),
        ("2026-03-29T09:00", "2026-03-29T12:00+02:00", -120),
    ],
)
async def test_daylight_saving_is_no_drift_on_the_day_that_it_begins_or_ends(
    hass: HomeAssistant, shown: str, at: str, *, error: float
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    moment = datetime.fromisoformat(at).astimezone(dt_util.UTC)
    told = drift(datetime.fromisoformat(shown), moment)
    assert told == timedelta(minutes=error)


async def test_the_clock_of_an_inverter_that_was_removed_meanwhile_is_not_set(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    await look_at_clock(hass, live_house, wrong_by=3)
    entry = live_house.entry.entry_id
    remove = partial(hass.config_entries.async_remove, entry)
    _, answer = await fix(hass, hass_client, live_house, CLOCK, meanwhile=remove)
    assert answer["reason"] == "not_loaded"
