"""PV off during our dispatch, and on again after it."""

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
from custom_components.alphaess_live.storage import EntryFile

from ..conftest import House, poll, set_behaviour, set_up
from ..orders import (
    PV_SWITCH_ADDRESS,
    charge,
    dispatch_status,
    pv_produces,
    read_order,
    read_pv_switch,
    write_app_order,
)


async def test_order_with_pv_off_switches_it_off_until_the_stop(
    live_house: House,
) -> None:
    live_house.inverter.journal.clear()
    outcome = await charge(live_house, pv=False)
    assert outcome.requested == outcome.applied
    assert outcome.applied["pv"] == "off"
    assert len(live_house.inverter.journal.requests) == 3
    assert len(live_house.inverter.journal.written) == 1
    assert not pv_produces(live_house)
    await orders.stop(live_house.controller)
    assert read_pv_switch(live_house) == 0
    assert pv_produces(live_house)


@pytest.mark.parametrize("pv", [True, False])
@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_pv_field_without_the_register_sends_no_request(
    live_house: House, *, pv: bool
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(UnsupportedFeatureError) as caught:
        await charge(live_house, pv=pv)
    assert caught.value.feature is Feature.PV_SWITCH
    assert not live_house.inverter.journal.requests


async def test_older_firmware_applies_orders_without_the_pv_field(
    live_house: House,
) -> None:
    live_house.inverter.model = replace(
        live_house.inverter.model, served=MODELS["ac_coupled"].served
    )
    outcome = await charge(live_house)
    assert "pv" not in outcome.applied
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    live_house.inverter.journal.clear()
    for order in (
        charge(live_house, pv=False),
        switch_pv(live_house.controller, on=False),
    ):
        with pytest.raises(UnsupportedFeatureError) as caught:
            await order
        assert caught.value.feature is Feature.PV_SWITCH
    assert not live_house.inverter.journal.writes
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_ignored_pv_switch_stops_the_order(live_house: House) -> None:
    set_behaviour(live_house, ignores_pv_switch=True)
    with pytest.raises(NotAppliedError) as caught:
        await charge(live_house, pv=False)
    assert caught.value.verdict is Verdict.PV_IGNORED
    assert (caught.value.requested["pv"], caught.value.applied["pv"]) == ("off", "on")
    assert dispatch_status(live_house) == ("idle", "none")
    assert not read_order(live_house).start


async def test_order_without_the_pv_field_switches_pv_on(
    live_house: House,
) -> None:
    await charge(live_house, pv=False)
    await charge(live_house, power=2000, pv=False)
    assert not pv_produces(live_house)
    outcome = await charge(live_house)
    assert outcome.applied["pv"] == "on"
    assert pv_produces(live_house)
    assert len(live_house.inverter.journal.written[-1].values) == 11
    await charge(live_house)
    assert len(live_house.inverter.journal.written[-1].values) == 9


async def test_take_over_of_a_dispatch_with_pv_off_switches_pv_on(
    live_house: House,
) -> None:
    write_app_order(live_house)
    live_house.inverter.write_as_app(PV_SWITCH_ADDRESS, 2)
    await charge(live_house, take_over=True)
    assert pv_produces(live_house)


async def test_stop_resets_a_pv_switch_that_the_inverter_keeps(
    live_house: House,
) -> None:
    set_behaviour(live_house, keeps_pv_switch=True)
    await charge(live_house, pv=False)
    await orders.stop(live_house.controller)
    assert read_pv_switch(live_house) == 1
    assert dispatch_status(live_house) == ("idle", "none")


async def test_pv_left_off_after_the_lease_is_switched_on_once(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(live_house, keeps_pv_switch=True)
    await charge(live_house, pv=False)
    live_house.inverter.advance(3601)
    live_house.inverter.journal.clear()
    assert read_pv_switch(live_house) == 2
    await poll(live_house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert read_pv_switch(live_house) == 1
    writes = live_house.inverter.journal.writes
    live_house.inverter.write_as_app(PV_SWITCH_ADDRESS, 2)
    await poll(live_house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert live_house.inverter.journal.writes == writes


async def test_pv_that_stays_off_is_logged_and_written_once(
    hass: HomeAssistant, live_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    set_behaviour(live_house, keeps_pv_switch=True)
    await charge(live_house, pv=False)
    set_behaviour(live_house, ignores_pv_switch=True)
    live_house.inverter.advance(3601)
    await poll(live_house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "did not end a dispatch as requested" in caplog.text
    live_house.inverter.journal.clear()
    await poll(live_house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not live_house.inverter.journal.writes


async def test_pv_left_off_before_a_restart_is_switched_on(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    key = f"{DOMAIN}.{house.entry.entry_id}"
    data = {"leases": [], "has_switched_off": True}
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    house.inverter.write_as_app(PV_SWITCH_ADDRESS, 2)
    await set_up(hass, house)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert read_pv_switch(house) == 1


async def test_pv_off_is_stored_before_it_is_written(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    set_behaviour(live_house, drops_link_after_write=True)
    with pytest.raises(CommunicationError):
        await charge(live_house, pv=False)
    await hass.async_block_till_done()
    kept = hass_storage[f"{DOMAIN}.{live_house.entry.entry_id}"]["data"]
    assert kept["has_switched_off"] is True
    set_behaviour(live_house, silent=False, drops_link_after_write=False)


async def test_switch_that_is_turned_off_is_on_disk_before_the_write(
    hass: HomeAssistant,
    live_house: House,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, stored = f"{DOMAIN}.{live_house.entry.entry_id}", []
    unit = live_house.coordinator.inverter.unit
    await charge(live_house)
    await hass.async_block_till_done()
    for name in ("write_register", "write_registers"):
        write = getattr(unit, name)

        async def record(*request: Any, write: Any = write) -> None:
            stored.append(hass_storage[key]["data"]["has_switched_off"])
            await write(*request)

        monkeypatch.setattr(unit, name, record)
    await switch_pv(live_house.controller, on=False)
    assert stored == [True]


async def test_switch_is_not_turned_off_by_an_entry_that_unloads_meanwhile(
    live_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await charge(live_house)
    controller, save = live_house.controller, EntryFile.save

    async def save_slowly(file: EntryFile, content: dict[str, Any]) -> None:
        controller.closed = True
        await save(file, content)

    monkeypatch.setattr(EntryFile, "save", save_slowly)
    with pytest.raises(CommunicationError):
        await switch_pv(controller, on=False)
    assert read_pv_switch(live_house) != 2
    controller.closed = False


@pytest.mark.parametrize(
    "options", [{"message_spacing": 0, "controls": False, "end_at_target": True}]
)
async def test_pv_left_off_with_controls_off_is_not_written(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    key = f"{DOMAIN}.{house.entry.entry_id}"
    data = {"leases": [], "has_switched_off": True}
    hass_storage[key] = {"version": 1, "minor_version": 1, "key": key, "data": data}
    house.inverter.write_as_app(PV_SWITCH_ADDRESS, 2)
    await set_up(hass, house)
    house.inverter.advance(60)
    await poll(house, full=True)
    await hass.async_block_till_done(wait_background_tasks=True)
    entities = er.async_entries_for_config_entry(
        er.async_get(hass), house.entry.entry_id
    )
    assert "switch" not in {one.domain for one in entities}
    assert not house.inverter.journal.writes
