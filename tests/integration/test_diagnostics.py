"""Diagnostics for a bug report: complete for the inverter, without serial numbers and addresses."""

from collections.abc import Iterator
from datetime import datetime
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import Grid
from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.diagnostics import _redact
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.replay import load, replay
from tests.alphaess.units import read_totals

from .conftest import House, lose, poll, set_behaviour, set_up


def all_texts(value: Any) -> Iterator[str]:
    """Yield every text and key, at any depth."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield key
            yield from all_texts(below)
    elif isinstance(value, list):
        for below in value:
            yield from all_texts(below)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("model", MODELS)
async def test_diagnostics_contain_no_serial_and_no_address(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    await lose(hass, live_house)
    diagnostics = await get_diagnostics_for_config_entry(
        hass, hass_client, live_house.entry
    )
    secrets = (
        live_house.identity.serial,
        live_house.inverter.model.inverter_serial,
        "127.0.0.1",
    )
    for text in all_texts(diagnostics):
        assert not [secret for secret in secrets if secret and secret in text]
    assert set(diagnostics) == {
        "identity",
        "link",
        "options",
        "intervals",
        "watched",
        "connection",
        "counters",
        "rejected",
        "rebased",
        "capability",
        "settings_written",
        "complaints",
        "internal_errors",
        "snapshot",
        "image",
    }


@pytest.mark.parametrize("state", ["unloaded", "disabled", "failed"])
async def test_diagnostics_of_an_entry_that_is_not_loaded_are_what_is_stored(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
    state: str,
) -> None:
    entry = live_house.entry
    await hass.config_entries.async_unload(entry.entry_id)
    if state == "disabled":
        by = ConfigEntryDisabler.USER
        await hass.config_entries.async_set_disabled_by(entry.entry_id, by)
    elif state == "failed":
        reason = f"no answer of {live_house.identity.serial} at 127.0.0.1:502"
        entry.mock_state(hass, ConfigEntryState.SETUP_RETRY, reason)
    diagnostics: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    assert diagnostics["state"] == entry.state.value
    if state == "failed":
        assert diagnostics["reason"] == "no answer of **REDACTED** at **REDACTED**:502"
    assert diagnostics["identity"]["serial"] == "AL0000000000000"
    assert diagnostics["identity"]["model"] == "hybrid inverter, three-phase"
    assert diagnostics["stored"]["unit_id"] == 85
    assert "battery" in diagnostics["stored"]["served"]
    assert diagnostics["options"] == dict(entry.options)
    for text in all_texts(diagnostics):
        for secret in (live_house.identity.serial, "127.0.0.1"):
            assert secret not in text
    if state == "failed":
        entry.mock_state(hass, ConfigEntryState.NOT_LOADED)


async def test_diagnostics_contain_identity_counters_and_values(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    set_behaviour(live_house, word_overrides=Grid.registers["power"].encode(2_000_000))
    await poll(live_house, full=True)
    requests = live_house.inverter.journal.reads
    diagnostics: Any = await get_diagnostics_for_config_entry(
        hass, hass_client, live_house.entry
    )
    assert live_house.inverter.journal.reads == requests
    assert diagnostics["identity"]["serial"] == "AL0000000000000"
    assert diagnostics["identity"]["model"] == "hybrid inverter, three-phase"
    assert diagnostics["link"] == {
        "transport": "tcp",
        "unit_id": 85,
        "stray_bytes": 0,
    }
    assert diagnostics["intervals"] == {
        "snapshot": 10,
        "live": 2,
        "idle": 5,
        "slow": 300,
        "power_update": 10,
    }
    assert diagnostics["connection"]["connected"] is True
    assert diagnostics["counters"]["rejected_samples"] == 1
    [rejected] = diagnostics["rejected"]
    assert rejected["key"] == "grid_power"
    assert (rejected["sample"], rejected["reason"]) == (2_000_000, "impossible")
    assert "battery" in diagnostics["capability"]["served"]
    assert diagnostics["capability"]["refused"] == ["echonet"]
    assert (
        diagnostics["snapshot"]["battery_soc"]
        == live_house.inverter.words()[0x0102] / 10
    )
    assert datetime.fromisoformat(diagnostics["snapshot"]["taken"])
    assert json.dumps(diagnostics)


async def test_diagnostics_list_the_active_faults(
    live_house: House, hass_client: ClientSessionGenerator
) -> None:
    live_house.inverter.set_faults("inverter_fault_1", 0)
    live_house.inverter.set_faults("inverter_warning_2", 8)
    await poll(live_house, full=True)
    diagnostics: Any = await get_diagnostics_for_config_entry(
        live_house.coordinator.hass, hass_client, live_house.entry
    )
    since = live_house.coordinator.fault_tracker.since.values()
    assert diagnostics["complaints"] == [
        {"code": code, "source": source, "since": first.isoformat()}
        for (code, source), first in zip(
            (
                ("grid_over_voltage", "inverter_fault_1"),
                ("no_pv_input", "inverter_warning_2"),
            ),
            since,
            strict=True,
        )
    ]


@pytest.mark.parametrize("model", MODELS)
async def test_downloaded_diagnostics_can_be_replayed(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
    tmp_path: Path,
) -> None:
    diagnostics = await get_diagnostics_for_config_entry(
        hass, hass_client, live_house.entry
    )
    path = tmp_path / "config_entry-alphaess_live.json"
    path.write_text(json.dumps({"home_assistant": {}, "data": diagnostics}))
    inverter = live_house.coordinator.inverter
    replayed = Inverter(replay(load(path)), inverter.profile)
    snapshot = await read_totals(replayed)
    now, before = (
        {reading.key: reading.of(one) for reading in READINGS}
        for one in (snapshot, live_house.coordinator.data)
        if one
    )
    differing = {key for key in now if now[key] != before[key]}
    assert differing == {
        key
        for key in ("ems_serial", "inverter_serial")
        if before[key] and before[key] != now[key]
    }
    assert replayed.served_blocks >= inverter.available_blocks
    assert replayed.profile == inverter.profile
    assert not inverter.profile.in_question


async def test_diagnostics_without_a_snapshot_are_available(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator
) -> None:
    await house.server.switch_off()
    await set_up(hass, house)
    diagnostics: Any = await get_diagnostics_for_config_entry(
        hass, hass_client, house.entry
    )
    assert diagnostics["snapshot"] is None
    assert diagnostics["image"] == {"holding": {}}
    assert diagnostics["connection"]["error_kind"] == "refused"


@pytest.mark.parametrize(
    ("message", "redacted"),
    [
        (
            "Connect call failed ('192.168.1.50', 502)",
            "Connect call failed ('**REDACTED**', 502)",
        ),
        (
            "no route to fe80::1a2b:3c4d, via 00:1a:2b:3c:4d:5e",
            "no route to **REDACTED**, via **REDACTED**",
        ),
        ("inverter.lan:502 refuses", "**REDACTED**:502 refuses"),
        ("version V1.23.4 at 12:30", "version V1.23.4 at 12:30"),
    ],
)
def test_address_in_a_message_is_redacted(message: str, redacted: str) -> None:
    assert _redact({"messages": [message]}, ("inverter.lan",)) == {
        "messages": [redacted]
    }


def test_enum_is_replaced_by_its_value() -> None:
    assert _redact((ErrorKind.BUSY, 3, None), ()) == ["busy", 3, None]
