"""The blueprint that tells when the inverter reports a fault, and when it is gone."""

from datetime import timedelta
from pathlib import Path
import re
import shutil
from typing import Any

from freezegun import freeze_time
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
import yaml

from custom_components.alphaess_live.const import DOMAIN

from ..conftest import House
from ..entities.test_fault_entities import complain

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "blueprints" / "automation" / DOMAIN
PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")


@pytest.fixture
def inputs() -> dict[str, Any]:
    """Say what the user chose; tests parametrize it."""
    return {}


@pytest.fixture
async def told(
    hass: HomeAssistant, live_house: House, tmp_path: Path, inputs: dict[str, Any]
) -> list[ServiceCall]:
    """Make the automation; collect what it tells."""
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(FOLDER, tmp_path / "blueprints" / "automation" / DOMAIN)
    calls = async_mock_service(hass, "persistent_notification", "create")
    use = {
        "path": f"{DOMAIN}/inverter_fault.yaml",
        "input": {"problem": live_house.entity_id(hass, "problem"), **inputs},
    }
    config = {"automation": [{"alias": "fault", "use_blueprint": use}]}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    return calls


async def test_a_fault_is_told_in_words_and_so_is_its_end(
    live_house: House, told: list[ServiceCall]
) -> None:
    await complain(live_house, "system_fault", 4)
    [raised] = told
    assert raised.data["title"] == "AlphaESS reports a fault"
    [since] = live_house.coordinator.fault_tracker.since.values()
    at = dt_util.as_local(since).strftime("%Y-%m-%d %H:%M")
    assert raised.data["message"] == f"Grid meter lost (system_fault), since {at}."
    with freeze_time(dt_util.utcnow() + timedelta(minutes=90), real_asyncio=True):
        await complain(live_house, "system_fault")
    gone = told[-1]
    assert len(told) == 2
    assert gone.data["title"] == "AlphaESS: fault cleared"
    assert gone.data["message"] == (
        "Grid meter lost (system_fault). It lasted 90 minutes."
    )
    assert gone.data["notification_id"] == raised.data["notification_id"]


async def test_faults_that_come_together_are_told_each(
    hass: HomeAssistant, live_house: House, told: list[ServiceCall]
) -> None:
    await complain(live_house, "inverter_fault_1", *range(12))
    await hass.async_block_till_done()
    assert len({call.data["notification_id"] for call in told}) == 12


async def test_a_warning_is_not_told(
    live_house: House, told: list[ServiceCall]
) -> None:
    await complain(live_house, "inverter_warning_1", 11)
    await complain(live_house, "inverter_warning_1")
    assert told == []


@pytest.mark.parametrize("inputs", [{"warnings": True}])
async def test_a_warning_is_told_to_who_wants_to_hear_of_it(
    live_house: House, told: list[ServiceCall]
) -> None:
    await complain(live_house, "inverter_warning_1", 11)
    await complain(live_house, "inverter_warning_1")
    assert [call.data["title"] for call in told] == [
        "AlphaESS reports a warning",
        "AlphaESS: warning cleared",
    ]


async def test_the_example_of_the_page_of_faults_works_as_it_stands(
    hass: HomeAssistant, live_house: House
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    [example] = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    config = {"automation": [{"alias": "page", **yaml.safe_load(example)}]}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    await complain(live_house, "battery_fault", 4)
    await complain(live_house, "battery_fault")
    [call] = calls
    assert re.fullmatch(r"Slave battery lost, since \d\d:\d\d", call.data["message"])


async def test_another_inverter_with_a_fault_is_not_meant(
    hass: HomeAssistant, told: list[ServiceCall]
) -> None:
    about = {
        "type": "fault_raised",
        "device_id": "other",
        "severity": "fault",
        "code": "grid_meter_lost",
        "source": "system_fault",
        "text": "Grid meter lost",
        "since": "2025-06-15T12:00:00.000Z",
    }
    hass.bus.async_fire("alphaess_live_event", about)
    await hass.async_block_till_done()
    assert told == []
