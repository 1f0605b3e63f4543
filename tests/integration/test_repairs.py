"""What only a person can mend is told with its likely cause, mended where it can be, and then gone."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.monitor.issues import (
    ADDRESS_MAY_HAVE_CHANGED,
    CONNECTION_LOST,
)
from custom_components.alphaess_live.simulator.behaviour import DEFAULT_BEHAVIOUR
from custom_components.alphaess_live.simulator.server import serve

from ..translation_keys import read_texts
from .conftest import House, bring_back, lose, poll, set_up


def let_pass(hass: HomeAssistant, house: House, **much: float) -> None:
    """Let time pass for what is remembered of the connection and the clock."""
    ago = timedelta(**much)
    reporter = house.coordinator._publisher  # noqa: SLF001 - time, not behaviour
    since = reporter.connection.since - ago
    reporter.connection = replace(reporter.connection, since=since)
    reporter._last_status_at -= ago  # noqa: SLF001 - time, not behaviour
    if record := house.entry.data.get("clock_set"):
        at = datetime.fromisoformat(record["at"]) - ago
        record = record | {"at": at.isoformat()}
        hass.config_entries.async_update_entry(
            house.entry, data=house.entry.data | {"clock_set": record}
        )


def issue(hass: HomeAssistant, house: House, kind: str) -> ir.IssueEntry | None:
    """Find what is told of an inverter."""
    registry = ir.async_get(hass)
    return registry.async_get_issue(DOMAIN, f"{kind}_{house.entry.entry_id}")


async def stay_away(hass: HomeAssistant, house: House, *, minutes: float) -> None:
    """Let an inverter that is lost stay away, and look again."""
    let_pass(hass, house, minutes=minutes)
    await poll(house)
    await hass.async_block_till_done()


async def fix(
    hass: HomeAssistant,
    client: ClientSessionGenerator,
    house: House,
    kind: str,
    *,
    meanwhile: Callable[[], Awaitable[object]] | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Go through with a repair as the frontend does: what is asked, and what came of it."""
    assert await async_setup_component(hass, "repairs", {})
    browser = await client()
    about = {"handler": DOMAIN, "issue_id": f"{kind}_{house.entry.entry_id}"}
    response = await browser.post("/api/repairs/issues/fix", json=about)
    assert response.status == HTTPStatus.OK
    asked = await response.json()
    if meanwhile:
        await meanwhile()
    path = f"/api/repairs/issues/fix/{asked['flow_id']}"
    response = await browser.post(path, json={})
    assert response.status == HTTPStatus.OK
    return asked, await response.json()


async def test_a_short_outage_is_nobodys_business(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_away(hass, live_house, minutes=14.5)
    assert issue(hass, live_house, CONNECTION_LOST) is None


async def test_a_closed_port_is_told_after_a_quarter_of_an_hour_and_no_more_when_it_opens(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_away(hass, live_house, minutes=15.5)
    told = issue(hass, live_house, CONNECTION_LOST)
    assert told
    assert told.translation_key == "away_refused"
    assert not told.is_fixable
    assert told.translation_placeholders
    assert told.translation_placeholders["inverter"] == "AlphaESS"
    since = dt_util.as_local(live_house.coordinator.connection.since)
    assert told.translation_placeholders["since"] == f"{since:%Y-%m-%d %H:%M}"
    port = live_house.server.port
    assert told.translation_placeholders["place"] == f"127.0.0.1:{port}"
    await bring_back(hass, live_house)
    assert issue(hass, live_house, CONNECTION_LOST) is None


async def test_a_busy_inverter_is_called_busy(
    hass: HomeAssistant, live_house: House
) -> None:
    live_house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, exception=6)
    await poll(live_house)
    await stay_away(hass, live_house, minutes=16)
    told = issue(hass, live_house, CONNECTION_LOST)
    assert told
    assert told.translation_key == "away_busy"


async def test_a_cause_that_changes_is_told_as_it_is_now(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_away(hass, live_house, minutes=16)
    live_house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, exception=6)
    await bring_back(hass, live_house)
    told = issue(hass, live_house, CONNECTION_LOST)
    assert told
    assert told.translation_key == "away_busy"


async def test_an_inverter_that_was_never_there_since_the_start_is_told_too(
    hass: HomeAssistant, house: House
) -> None:
    await house.server.switch_off()
    await set_up(hass, house)
    assert issue(hass, house, CONNECTION_LOST) is None
    await stay_away(hass, house, minutes=16)
    assert issue(hass, house, CONNECTION_LOST)


async def test_a_removed_inverter_is_told_of_no_more(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_away(hass, live_house, minutes=16)
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    assert issue(hass, live_house, CONNECTION_LOST)
    await hass.config_entries.async_remove(live_house.entry.entry_id)
    assert issue(hass, live_house, CONNECTION_LOST) is None


async def test_a_disabled_inverter_is_told_of_no_more(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    await stay_away(hass, live_house, minutes=16)
    await hass.config_entries.async_set_disabled_by(
        live_house.entry.entry_id, ConfigEntryDisabler.USER
    )
    assert issue(hass, live_house, CONNECTION_LOST) is None


async def test_a_moved_inverter_is_found_again_at_the_address_that_is_asked_for(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    live_house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, silent=True)
    await poll(live_house)
    await stay_away(hass, live_house, minutes=16)
    told = issue(hass, live_house, CONNECTION_LOST)
    assert told
    assert (told.translation_key, told.is_fixable) == ("away_timeout", True)
    asked, answer = await fix(hass, hass_client, live_house, CONNECTION_LOST)
    assert asked["step_id"] == "address"
    assert (answer["type"], answer["reason"]) == ("abort", "asked_for_address")
    kind, flow_id = answer["next_flow"]
    assert kind == "config_flow"
    assert issue(hass, live_house, CONNECTION_LOST)
    live_house.inverter.behaviour = DEFAULT_BEHAVIOUR
    async with serve(live_house.inverter) as elsewhere:
        typed = {"host": "127.0.0.1", "port": elsewhere.port, "unit_id": 85}
        form = hass.config_entries.flow.async_get(flow_id)
        assert form["step_id"] == "reconfigure"
        result = await hass.config_entries.flow.async_configure(flow_id, typed)
        assert result["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert live_house.entry.data["port"] == elsewhere.port
        assert live_house.state(hass, "modbus") == "on"
        assert issue(hass, live_house, CONNECTION_LOST) is None
        await hass.config_entries.async_unload(live_house.entry.entry_id)


async def test_an_inverter_that_was_removed_meanwhile_is_not_asked_for(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    live_house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, silent=True)
    await poll(live_house)
    await stay_away(hass, live_house, minutes=16)
    remove = partial(hass.config_entries.async_remove, live_house.entry.entry_id)
    _, answer = await fix(
        hass, hass_client, live_house, CONNECTION_LOST, meanwhile=remove
    )
    assert (answer["type"], answer["reason"]) == ("abort", "not_loaded")


@pytest.mark.parametrize("kind", sorted(set(ErrorKind) - {ErrorKind.INTERNAL}))
async def test_every_cause_has_its_words_and_a_way_to_mend_it_where_there_is_one(
    kind: ErrorKind,
) -> None:
    told = read_texts("en")["issues"][f"away_{kind}"]
    assert ("fix_flow" in told) == (kind in ADDRESS_MAY_HAVE_CHANGED)
    assert ("description" in told) == (kind not in ADDRESS_MAY_HAVE_CHANGED)
