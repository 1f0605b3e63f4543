"""Entities that the inverter does not serve any more are reported after a week, and removed by a repair."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.const import CONF_MISSING, DOMAIN

from ..conftest import House, bring_back, lose, poll

TOTALS_AT = 0x08D0
"""The block that is refused: a fault word and lifetime counters."""


def refuse(house: House) -> None:
    """Let the inverter refuse a block from now on."""
    model = house.inverter.model
    served = tuple(span for span in model.served if TOTALS_AT not in span)
    house.inverter.model = replace(model, served=served)


async def let_days_pass(hass: HomeAssistant, house: House, days: int) -> None:
    """Read a full snapshot once a day."""
    for _ in range(days):
        house.inverter.advance(60)
        await poll(house, full=True)
        await hass.async_block_till_done()
        missing = {
            key: one | {"last": "2020-01-01"}
            for key, one in house.entry.data.get(CONF_MISSING, {}).items()
        }
        hass.config_entries.async_update_entry(
            house.entry, data=house.entry.data | {CONF_MISSING: missing}
        )


def issue(hass: HomeAssistant, house: House) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, f"stale_{house.entry.entry_id}")


def is_registered(hass: HomeAssistant, house: House, key: str) -> bool:
    unique_id = f"{house.identity.serial}_{key}"
    registry = er.async_get(hass)
    return registry.async_get_entity_id("sensor", DOMAIN, unique_id) is not None


async def submit_repair(
    hass: HomeAssistant,
    client: ClientSessionGenerator,
    house: House,
    **user_input: bool,
) -> dict[str, Any]:
    """Submit the repair as the frontend does; return its form."""
    assert await async_setup_component(hass, "repairs", {})
    browser = await client()
    handler = {"handler": DOMAIN, "issue_id": f"stale_{house.entry.entry_id}"}
    response = await browser.post("/api/repairs/issues/fix", json=handler)
    assert response.status == HTTPStatus.OK
    form: dict[str, Any] = await response.json()
    path = f"/api/repairs/issues/fix/{form['flow_id']}"
    response = await browser.post(path, json=user_input)
    assert response.status == HTTPStatus.OK
    assert (await response.json())["type"] == "create_entry"
    await hass.async_block_till_done()
    return form


async def test_issue_needs_a_week_of_days_with_answers(
    hass: HomeAssistant, live_house: House
) -> None:
    refuse(live_house)
    await let_days_pass(hass, live_house, 6)
    await lose(hass, live_house)
    await let_days_pass(hass, live_house, 5)
    assert issue(hass, live_house) is None
    await bring_back(hass, live_house)
    await let_days_pass(hass, live_house, 1)
    assert issue(hass, live_house)


async def test_snapshots_of_one_day_count_once(
    hass: HomeAssistant, live_house: House
) -> None:
    refuse(live_house)
    for _ in range(3):
        live_house.inverter.advance(60)
        await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert live_house.entry.data[CONF_MISSING]["system_fault"]["days"] == 1


async def test_block_that_is_served_again_resets_its_days(
    hass: HomeAssistant, live_house: House
) -> None:
    model = live_house.inverter.model
    refuse(live_house)
    await let_days_pass(hass, live_house, 7)
    assert issue(hass, live_house)
    live_house.inverter.model = model
    await let_days_pass(hass, live_house, 1)
    assert issue(hass, live_house) is None
    refuse(live_house)
    await let_days_pass(hass, live_house, 6)
    assert issue(hass, live_house) is None


async def test_complete_inverter_has_no_missing_entities(
    hass: HomeAssistant, live_house: House
) -> None:
    await let_days_pass(hass, live_house, 8)
    assert issue(hass, live_house) is None
    assert not live_house.entry.data.get(CONF_MISSING)


async def test_repair_lists_and_removes_orphans_but_no_lifetime_counter(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    refuse(live_house)
    await let_days_pass(hass, live_house, 7)
    fault = live_house.entity_id(hass, "system_fault")
    total = live_house.entity_id(hass, "system_pv_energy_total")
    form = await submit_repair(hass, hass_client, live_house, totals=False)
    placeholders = form["description_placeholders"]
    assert fault in placeholders["entities"]
    assert total not in placeholders["entities"]
    assert total in placeholders["totals"]
    assert not is_registered(hass, live_house, "system_fault")
    assert is_registered(hass, live_house, "system_pv_energy_total")
    assert is_registered(hass, live_house, "grid_power")
    await let_days_pass(hass, live_house, 8)
    assert issue(hass, live_house) is None


async def test_repair_removes_lifetime_counters_if_selected(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    refuse(live_house)
    await let_days_pass(hass, live_house, 7)
    await submit_repair(hass, hass_client, live_house, totals=True)
    assert not is_registered(hass, live_house, "system_pv_energy_total")
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert not is_registered(hass, live_house, "system_fault")
    assert not is_registered(hass, live_house, "system_pv_energy_total")


async def test_entity_without_a_provider_is_orphaned(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    entry = er.async_get(hass).async_get_or_create(
        "select",
        DOMAIN,
        f"{live_house.identity.serial}_of_an_older_version",
        config_entry=live_house.entry,
    )
    hass.states.async_set(entry.entity_id, "unavailable", {"restored": True})
    await let_days_pass(hass, live_house, 7)
    await submit_repair(hass, hass_client, live_house)
    assert not er.async_get(hass).async_is_registered(entry.entity_id)


async def test_removed_entry_leaves_no_orphan_issue(
    hass: HomeAssistant, live_house: House
) -> None:
    refuse(live_house)
    await let_days_pass(hass, live_house, 7)
    assert issue(hass, live_house)
    await hass.config_entries.async_remove(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert issue(hass, live_house) is None


async def test_repair_of_an_unloaded_entry_removes_nothing(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    refuse(live_house)
    await let_days_pass(hass, live_house, 7)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert await async_setup_component(hass, "repairs", {})
    browser = await hass_client()
    handler = {"handler": DOMAIN, "issue_id": f"stale_{live_house.entry.entry_id}"}
    response = await browser.post("/api/repairs/issues/fix", json=handler)
    assert (await response.json())["reason"] == "not_loaded"
    assert is_registered(hass, live_house, "system_fault")
