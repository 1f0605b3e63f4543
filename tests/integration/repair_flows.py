"""Issues of an inverter and their repair flows, as the frontend runs them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.registers import Clock
from custom_components.alphaess_live.const import DOMAIN

from .conftest import House, poll

CLOCK_AT = range(0x0740, 0x0743)


def backdate(hass: HomeAssistant, house: House, **by: float) -> None:
    """Move what is stored about the connection and the clock into the past."""
    ago = timedelta(**by)
    publisher = house.coordinator._publisher  # noqa: SLF001 - time, not behaviour
    since = publisher.connection.since - ago
    publisher._connection = replace(publisher.connection, since=since)  # noqa: SLF001
    publisher._last_status_at -= ago.total_seconds()  # noqa: SLF001 - time, not behaviour
    if record := house.entry.data.get("clock_set"):
        at = datetime.fromisoformat(record["at"]) - ago
        record = record | {"at": at.isoformat()}
        hass.config_entries.async_update_entry(
            house.entry, data=house.entry.data | {"clock_set": record}
        )


def find_issue(hass: HomeAssistant, house: House, kind: str) -> ir.IssueEntry | None:
    """Find the issue of a kind for an inverter."""
    registry = ir.async_get(hass)
    return registry.async_get_issue(DOMAIN, f"{kind}_{house.entry.entry_id}")


async def stay_disconnected(
    hass: HomeAssistant, house: House, *, minutes: float
) -> None:
    """Poll an inverter that has been disconnected for longer by this time."""
    backdate(hass, house, minutes=minutes)
    await poll(house)
    await hass.async_block_till_done()


async def run_fix_flow(
    hass: HomeAssistant,
    client: ClientSessionGenerator,
    house: House,
    kind: str,
    *,
    meanwhile: Callable[[], Awaitable[object]] | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run a repair flow as the frontend does; return its first form and its result."""
    assert await async_setup_component(hass, "repairs", {})
    browser = await client()
    about = {"handler": DOMAIN, "issue_id": f"{kind}_{house.entry.entry_id}"}
    response = await browser.post("/api/repairs/issues/fix", json=about)
    assert response.status == HTTPStatus.OK
    form = await response.json()
    if meanwhile:
        await meanwhile()
    path = f"/api/repairs/issues/fix/{form['flow_id']}"
    response = await browser.post(path, json={})
    assert response.status == HTTPStatus.OK
    return form, await response.json()


async def read_clock(
    hass: HomeAssistant, house: House, *, hours_ahead: float | None
) -> None:
    """Read the clock, after a datalogger has set it ahead by these hours (None: unchanged)."""
    if hours_ahead is not None:
        words = Clock(time=clock_time(hours_ahead)).encode()
        house.inverter.write_as_app(0x0740, *(words[at] for at in CLOCK_AT))
    house.coordinator.inverter.expire_slow_blocks()
    await poll(house, full=True)
    await hass.async_block_till_done()


def clock_time(hours: float) -> datetime:
    """Return the local time of a clock that is ahead by these hours."""
    local = dt_util.now().replace(tzinfo=None, microsecond=0)
    return local + timedelta(hours=hours)
