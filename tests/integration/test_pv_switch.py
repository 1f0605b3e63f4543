"""Panels off while a dispatch of ours runs, and on again whatever happens."""

from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    Feature,
    NotAppliedError,
    UnsupportedFeatureError,
    Verdict,
)
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.orders import switch_pv
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, poll, set_up
from .test_control import app_orders, charge, misbehave, order_of, seen

PV_SWITCH = 0x088A


def word_of(house: House) -> int:
    """Say how the inverter's PV switch stands, at its source."""
    return house.inverter.words()[PV_SWITCH]


def has_sun(house: House) -> bool:
    """Let a second pass, and say whether the panels produce."""
    house.inverter.advance(1)
    return bool(house.inverter.house.flow.solar)


async def test_an_order_switches_the_panels_off_and_its_end_on(
    live_house: House,
) -> None:
    live_house.inverter.journal.clear()
    outcome = await charge(live_house, pv=False)
    assert outcome.requested == outcome.applied
    assert outcome.applied["pv"] == "off"
    assert len(live_house.inverter.journal.requests) == 3
    assert len(live_house.inverter.journal.written) == 1
    assert not has_sun(live_house)
    await orders.stop(live_house.controller)
    assert word_of(live_house) == 0
    assert has_sun(live_house)


@pytest.mark.parametrize("pv", [True, False])
@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_where_there_is_no_switch_nothing_is_asked_or_written(
    live_house: House, *, pv: bool
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(UnsupportedFeatureError) as caught:
        await charge(live_house, pv=pv)
    assert caught.value.feature is Feature.PV_SWITCH
    assert not live_house.inverter.journal.requests


async def test_older_firmware_in_its_place_takes_orders_and_knows_of_no_switch(
    live_house: House,
) -> None:
    live_house.inverter.model = replace(
        live_house.inverter.model, served=MODELS["ac_coupled"].served
    )
    outcome = await charge(live_house)
    assert "pv" not in outcome.applied
    assert seen(live_house) == ("charging", "alphaess_live")
    live_house.inverter.journal.clear()
    for order in (
        charge(live_house, pv=False),
        switch_pv(live_house.controller, on=False),
    ):
        with pytest.raises(UnsupportedFeatureError) as caught:
            await order
        assert caught.value.feature is Feature.PV_SWITCH
    assert not live_house.inverter.journal.writes
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_panels_that_stay_on_end_the_order(live_house: House) -> None:
    misbehave(live_house, ignores_pv_switch=True)
    with pytest.raises(NotAppliedError) as caught:
        await charge(live_house, pv=False)
    assert caught.value.verdict is Verdict.PV_IGNORED
    assert (caught.value.requested["pv"], caught.value.applied["pv"]) == ("off", "on")
    assert seen(live_house) == ("idle", "none")
    assert not order_of(live_house).start


async def test_the_next_order_has_the_panels_on_unless_it_says_otherwise(
    live_house: House,
) -> None:
    await charge(live_house, pv=False)
    await charge(live_house, power=2000, pv=False)
    assert not has_sun(live_house)
    outcome = await charge(live_house)
    assert outcome.applied["pv"] == "on"
    assert has_sun(live_house)
    assert len(live_house.inverter.journal.written[-1].values) == 11
    await charge(live_house)
    assert len(live_house.inverter.journal.written[-1].values) == 9


async def test_taking_over_from_somebody_who_switched_them_off_has_them_on(
    live_house: House,
) -> None:
    app_orders(live_house)
    live_house.inverter.write_as_app(PV_SWITCH, 2)
    await charge(live_house, take_over=True)
    assert has_sun(live_house)


async def test_a_stop_takes_the_switch_back_where_the_inverter_does_not(
    live_house: House,
) -> None:
    misbehave(live_house, keeps_pv_switch=True)
    await charge(live_house, pv=False)
    await orders.stop(live_house.controller)
    assert word_of(live_house) == 1
    assert seen(live_house) == ("idle", "none")


async def test_a_switch_that_is_left_off_at_the_end_of_a_lease_is_taken_back_once(
    hass: HomeAssistant, live_house: House
) -> None:
    misbehave(live_house, keeps_pv_switch=True)
    await charge(live_house, pv=False)
    live_house.inverter.advance(3601)
    live_house.inverter.journal.clear()
    assert word_of(live_house) == 2
    await poll(live_house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert word_of(live_house) == 1
    writes = live_house.inverter.journal.writes
    live_house.inverter.write_as_app(PV_SWITCH, 2)
    await poll(live_house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert live_house.inverter.journal.writes == writes


async def test_where_it_cannot_be_taken_back_that_is_said_and_tried_once(
    hass: HomeAssistant, live_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    misbehave(live_house, keeps_pv_switch=True)
    await charge(live_house, pv=False)
    misbehave(live_house, ignores_pv_switch=True)
    live_house.inverter.advance(3601)
    await poll(live_house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "did not end a dispatch as requested" in caplog.text
    live_house.inverter.journal.clear()
    await poll(live_house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not live_house.inverter.journal.writes


async def test_a_restart_does_not_forget_that_the_panels_are_off(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    key = f"{DOMAIN}.{house.entry.entry_id}"
    data = {"leases": [], "has_switched_off": True}
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    house.inverter.write_as_app(PV_SWITCH, 2)
    await set_up(hass, house)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert word_of(house) == 1


async def test_it_is_written_down_before_the_inverter_is_told(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    misbehave(live_house, drops_link_after_write=True)
    with pytest.raises(CommunicationError):
        await charge(live_house, pv=False)
    await hass.async_block_till_done()
    kept = hass_storage[f"{DOMAIN}.{live_house.entry.entry_id}"]["data"]
    assert kept["has_switched_off"] is True
    misbehave(live_house, silent=False, drops_link_after_write=False)


@pytest.mark.parametrize(
    "options", [{"message_spacing": 0, "controls": False, "end_at_target": True}]
)
async def test_without_controls_the_panels_are_left_as_they_are(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    key = f"{DOMAIN}.{house.entry.entry_id}"
    data = {"leases": [], "has_switched_off": True}
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    house.inverter.write_as_app(PV_SWITCH, 2)
    await set_up(hass, house)
    house.inverter.advance(60)
    await poll(house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    entities = er.async_entries_for_config_entry(
        er.async_get(hass), house.entry.entry_id
    )
    assert "switch" not in {one.domain for one in entities}
    assert not house.inverter.journal.writes
