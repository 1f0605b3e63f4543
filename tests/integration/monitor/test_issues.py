"""The issue of a lost connection: after a quarter of an hour, with its cause, until the inverter is back."""

from dataclasses import replace

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.monitor.issues import (
    ADDRESS_MAY_HAVE_CHANGED,
    CONNECTION_LOST,
    WITHOUT_OUTAGE_ISSUE,
)
from custom_components.alphaess_live.simulator.behaviour import DEFAULT_BEHAVIOUR

from ...translation_keys import read_texts
from ..conftest import House, bring_back, lose, poll, set_up
from ..repair_flows import find_issue, stay_disconnected


async def test_outage_of_less_than_a_quarter_hour_raises_no_issue(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_disconnected(hass, live_house, minutes=14.5)
    assert find_issue(hass, live_house, CONNECTION_LOST) is None


async def test_closed_port_raises_an_issue_until_it_is_open(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_disconnected(hass, live_house, minutes=15.5)
    issue = find_issue(hass, live_house, CONNECTION_LOST)
    assert issue
    assert issue.translation_key == "away_refused"
    assert not issue.is_fixable
    assert issue.translation_placeholders
    assert issue.translation_placeholders["inverter"] == "AlphaESS"
    since = dt_util.as_local(live_house.coordinator.connection.since)
    assert issue.translation_placeholders["since"] == f"{since:%Y-%m-%d %H:%M}"
    port = live_house.server.port
    assert issue.translation_placeholders["place"] == f"127.0.0.1:{port}"
    await bring_back(hass, live_house)
    assert find_issue(hass, live_house, CONNECTION_LOST) is None


async def test_busy_inverter_raises_an_issue_of_that_cause(
    hass: HomeAssistant, live_house: House
) -> None:
    live_house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, exception=6)
    await poll(live_house)
    await stay_disconnected(hass, live_house, minutes=16)
    issue = find_issue(hass, live_house, CONNECTION_LOST)
    assert issue
    assert issue.translation_key == "away_busy"


async def test_changed_cause_replaces_the_issue(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_disconnected(hass, live_house, minutes=16)
    live_house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, exception=6)
    await bring_back(hass, live_house)
    issue = find_issue(hass, live_house, CONNECTION_LOST)
    assert issue
    assert issue.translation_key == "away_busy"


async def test_inverter_absent_since_set_up_raises_an_issue(
    hass: HomeAssistant, house: House
) -> None:
    await house.server.switch_off()
    await set_up(hass, house)
    assert find_issue(hass, house, CONNECTION_LOST) is None
    await stay_disconnected(hass, house, minutes=16)
    assert find_issue(hass, house, CONNECTION_LOST)


async def test_removed_entry_deletes_its_issue(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_disconnected(hass, live_house, minutes=16)
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    assert find_issue(hass, live_house, CONNECTION_LOST)
    await hass.config_entries.async_remove(live_house.entry.entry_id)
    assert find_issue(hass, live_house, CONNECTION_LOST) is None


async def test_disabled_entry_deletes_its_issue(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_disconnected(hass, live_house, minutes=16)
    await hass.config_entries.async_set_disabled_by(
        live_house.entry.entry_id, ConfigEntryDisabler.USER
    )
    assert find_issue(hass, live_house, CONNECTION_LOST) is None


@pytest.mark.parametrize("kind", sorted(set(ErrorKind) - WITHOUT_OUTAGE_ISSUE))
async def test_every_cause_has_a_fix_flow_or_a_description(
    kind: ErrorKind,
) -> None:
    texts = read_texts("en")["issues"][f"away_{kind}"]
    assert ("fix_flow" in texts) == (kind in ADDRESS_MAY_HAVE_CHANGED)
    assert ("description" in texts) == (kind not in ADDRESS_MAY_HAVE_CHANGED)
