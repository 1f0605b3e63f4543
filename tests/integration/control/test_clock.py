"""The inverter's clock: its drift, the issue for it, and setting it."""

from dataclasses import replace
from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.registers import Clock
from custom_components.alphaess_live.control.clock import drift
from custom_components.alphaess_live.monitor.issues import CLOCK
from custom_components.alphaess_live.simulator.behaviour import DEFAULT_BEHAVIOUR

from ..conftest import House, set_up
from ..repair_flows import (
    CLOCK_AT,
    backdate,
    clock_time,
    find_issue,
    read_clock,
    run_fix_flow,
)


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
async def test_drift_around_a_daylight_saving_change(
    hass: HomeAssistant, shown: str, at: str, *, error: float
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    moment = datetime.fromisoformat(at).astimezone(dt_util.UTC)
    difference = drift(datetime.fromisoformat(shown), moment)
    assert difference == timedelta(minutes=error)


async def test_clock_within_five_minutes_raises_no_issue(
    hass: HomeAssistant, live_house: House
) -> None:
    for minutes in (-4.9, 0, 4.9):
        await read_clock(hass, live_house, hours_ahead=minutes / 60)
        assert find_issue(hass, live_house, CLOCK) is None


async def test_clock_that_was_never_set_raises_no_issue(
    hass: HomeAssistant, house: House
) -> None:
    unset = dict.fromkeys(CLOCK_AT, 0)
    house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, word_overrides=unset)
    await set_up(hass, house)
    assert find_issue(hass, house, CLOCK) is None


async def test_wrong_clock_raises_an_issue_until_it_is_right(
    hass: HomeAssistant, live_house: House
) -> None:
    await read_clock(hass, live_house, hours_ahead=2)
    issue = find_issue(hass, live_house, CLOCK)
    assert issue
    assert (issue.translation_key, issue.is_fixable) == ("clock_wrong", True)
    texts = issue.translation_placeholders
    assert texts
    assert texts["inverter"] == "AlphaESS"
    shown, actual = (datetime.fromisoformat(texts[key]) for key in ("shown", "actual"))
    assert timedelta(minutes=119) <= shown - actual <= timedelta(minutes=121)
    assert not live_house.inverter.journal.written
    await read_clock(hass, live_house, hours_ahead=0)
    assert find_issue(hass, live_house, CLOCK) is None


async def test_clock_is_set_by_one_write_and_its_issue_is_deleted(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    await read_clock(hass, live_house, hours_ahead=2)
    form, result = await run_fix_flow(hass, hass_client, live_house, CLOCK)
    assert form["step_id"] == "confirm"
    assert result["type"] == "create_entry"
    [written] = live_house.inverter.journal.written
    assert (written.function, written.address, written.count) == (0x10, 0x0740, 3)
    shown = Clock.decode(live_house.inverter.words()).time
    assert shown
    assert abs(shown - clock_time(0)) < timedelta(minutes=1)
    assert find_issue(hass, live_house, CLOCK) is None
    await read_clock(hass, live_house, hours_ahead=None)
    assert find_issue(hass, live_house, CLOCK) is None


async def test_clock_set_back_by_a_datalogger_is_not_set_again(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    await read_clock(hass, live_house, hours_ahead=2)
    await run_fix_flow(hass, hass_client, live_house, CLOCK)
    backdate(hass, live_house, hours=6)
    await read_clock(hass, live_house, hours_ahead=3)
    for hours in (1.5, 2, 2.5):
        issue = find_issue(hass, live_house, CLOCK)
        assert issue
        assert (issue.translation_key, issue.is_fixable) == ("clock_set_back", False)
        await hass.config_entries.async_reload(live_house.entry.entry_id)
        backdate(hass, live_house, days=1)
        await read_clock(hass, live_house, hours_ahead=hours)
    assert len(live_house.inverter.journal.written) == 1
    await read_clock(hass, live_house, hours_ahead=0)
    assert find_issue(hass, live_house, CLOCK) is None


async def test_clock_that_drifts_again_after_days_is_fixable(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    await read_clock(hass, live_house, hours_ahead=2)
    await run_fix_flow(hass, hass_client, live_house, CLOCK)
    backdate(hass, live_house, days=2)
    await read_clock(hass, live_house, hours_ahead=0)
    await read_clock(hass, live_house, hours_ahead=0.2)
    issue = find_issue(hass, live_house, CLOCK)
    assert issue
    assert (issue.translation_key, issue.is_fixable) == ("clock_wrong", True)
