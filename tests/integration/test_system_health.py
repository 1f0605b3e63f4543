"""The figures on the system health page."""

import json
from pathlib import Path

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.alphaess_live import system_health
from custom_components.alphaess_live.const import DOMAIN

from .conftest import House, LoopClock, bring_back, lose, poll, set_up

FOLDER = Path(system_health.__file__).parent


async def test_figures_follow_a_lost_and_restored_connection(
    hass: HomeAssistant, live_house: House
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    info = await get_system_health_info(hass, DOMAIN)
    manifest = json.loads((FOLDER / "manifest.json").read_text("utf-8"))
    assert info["version"] == manifest["version"]
    assert info["inverters_connected"] == "1 / 1"
    assert info["requests"] == live_house.inverter.journal.reads
    assert info["reconnects"] == info["rejected_samples"] == 0
    assert info["last_snapshot"].endswith(" s")
    await lose(hass, live_house)
    info = await get_system_health_info(hass, DOMAIN)
    assert info["inverters_connected"] == "0 / 1"
    await bring_back(hass, live_house)
    info = await get_system_health_info(hass, DOMAIN)
    assert (info["inverters_connected"], info["reconnects"]) == ("1 / 1", 1)


async def test_last_snapshot_without_a_connection_is_none(
    hass: HomeAssistant, house: House
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await house.server.switch_off()
    await set_up(hass, house)
    info = await get_system_health_info(hass, DOMAIN)
    assert info["last_snapshot"] is None
    assert info["inverters_connected"] == "0 / 1"


@pytest.mark.parametrize("seconds", [-3600, 3600])
async def test_age_of_the_snapshot_ignores_a_clock_that_is_set(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    loop_clock: LoopClock,
    live_house: House,
    *,
    seconds: float,
) -> None:
    await poll(live_house, full=True)
    freezer.tick(seconds)
    loop_clock.skipped += 40
    info = await system_health.system_health_info(hass)
    assert info["last_snapshot"] == "40 s"


async def test_every_figure_has_a_translation(
    hass: HomeAssistant, live_house: House
) -> None:
    assert live_house.coordinator.connection.connected
    texts = json.loads((FOLDER / "translations" / "en.json").read_text("utf-8"))
    info = await system_health.system_health_info(hass)
    assert set(texts["system_health"]["info"]) == set(info)
