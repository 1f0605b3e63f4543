"""The figures on Home Assistant's own page about its health."""

import json
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.alphaess_live import system_health
from custom_components.alphaess_live.const import DOMAIN

from .conftest import House, bring_back, lose, set_up

FOLDER = Path(system_health.__file__).parent


async def test_it_counts_what_has_happened(
    hass: HomeAssistant, live_house: House
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    told = await get_system_health_info(hass, DOMAIN)
    manifest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    assert told["version"] == manifest["version"]
    assert told["inverters_connected"] == "1 / 1"
    assert told["requests"] == live_house.inverter.journal.reads
    assert told["reconnects"] == told["rejected_samples"] == 0
    assert told["last_snapshot"].endswith(" s")
    await lose(hass, live_house)
    told = await get_system_health_info(hass, DOMAIN)
    assert told["inverters_connected"] == "0 / 1"
    await bring_back(hass, live_house)
    told = await get_system_health_info(hass, DOMAIN)
    assert (told["inverters_connected"], told["reconnects"]) == ("1 / 1", 1)


async def test_an_inverter_that_was_never_there_has_no_snapshot(
    hass: HomeAssistant, house: House
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await house.server.switch_off()
    await set_up(hass, house)
    told = await get_system_health_info(hass, DOMAIN)
    assert told["last_snapshot"] is None
    assert told["inverters_connected"] == "0 / 1"


async def test_every_figure_has_its_words(
    hass: HomeAssistant, live_house: House
) -> None:
    assert live_house.coordinator.connection.connected
    texts = json.loads((FOLDER / "translations" / "en.json").read_text("utf-8"))
    told = await system_health.system_health_info(hass)
    assert set(texts["system_health"]["info"]) == set(told)
