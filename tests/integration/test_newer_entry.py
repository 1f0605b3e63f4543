"""Entries that a newer release stored: what is not known is ignored and logged, never a traceback."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from .conftest import House

NEWER_OPTIONS: Mapping[str, Any] = {
    "groups": ["backup", "wallbox"],
    "model_family": "smile_g9",
    "message_spacing": 0,
}


async def test_entry_of_a_newer_release_is_read_as_far_as_it_is_known(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    data: dict[str, Any] = dict(house.entry.data)
    data["identity"] |= {"colour": "red", "phases": "three"}
    data |= {
        "register_map": "v200",
        "served": [*data["served"], "wallbox"],
        "refused": ["heat_pump"],
        "variants": ["picovolts"],
        "confirmed_scales": ["picovolts"],
        "pv_meter": {"kind": 3},
        "limits": {"max_count": "few"},
        "telepathy": True,
    }
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        house.entry, data=data, options=NEWER_OPTIONS
    )
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.coordinator.connection.connected
    assert house.state(hass, "battery_soc") != "unavailable"
    assert house.coordinator.identity == house.identity
    assert house.entry.data["identity"]["colour"] == "red"
    assert house.entry.data["telepathy"] is True
    for key, name in (
        ("served", "wallbox"),
        ("refused", "heat_pump"),
        ("variants", "picovolts"),
        ("confirmed_scales", "picovolts"),
    ):
        assert name in house.entry.data[key]
    (line,) = (r for r in caplog.messages if "from a newer release" in r)
    for name in ("wallbox", "smile_g9", "colour", "v200"):
        assert name in line
    assert "Traceback" not in caplog.text


async def test_options_of_a_newer_release_can_be_changed(
    hass: HomeAssistant, live_house: House
) -> None:
    hass.config_entries.async_update_entry(live_house.entry, options=NEWER_OPTIONS)
    flow = await hass.config_entries.options.async_init(live_house.entry.entry_id)
    form = await hass.config_entries.options.async_configure(
        flow["flow_id"], {"next_step_id": "settings"}
    )
    assert form["data_schema"]
    suggested = {
        str(key): key.description["suggested_value"]
        for key in form["data_schema"].schema
        if key.description
    }
    assert suggested["groups"] == ["backup"]
    assert "model_family" not in suggested


async def test_transport_of_a_newer_release_fails_with_a_reason(
    hass: HomeAssistant, house: House
) -> None:
    data = dict(house.entry.data) | {"transport": "bluetooth"}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    assert house.entry.state is ConfigEntryState.SETUP_ERROR
    assert house.entry.error_reason_translation_key == "newer_entry"


async def test_entry_without_what_was_learned_is_learned_anew(
    hass: HomeAssistant, house: House
) -> None:
    learned = {"identity", "served", "refused", "variants"}
    data = {k: v for k, v in house.entry.data.items() if k not in learned}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.coordinator.connection.connected
    assert house.coordinator.identity.serial == house.identity.serial
    assert "battery" in house.entry.data["served"]
