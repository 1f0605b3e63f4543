"""The blueprint that notifies of a fault and of its end."""

from datetime import timedelta
from pathlib import Path
import re
from typing import Any

from freezegun import freeze_time
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
import yaml

from ..conftest import House
from ..entities.test_fault_entities import set_faults
from .automations import automate

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")


@pytest.fixture
def inputs() -> dict[str, Any]:
    """Return the inputs of the blueprint; tests parametrize them."""
    return {}


@pytest.fixture
async def notifications(
    hass: HomeAssistant, live_house: House, inputs: dict[str, Any]
) -> list[ServiceCall]:
    """Create the automation, and collect its notifications."""
    calls = async_mock_service(hass, "persistent_notification", "create")
    await automate(hass, live_house, "inverter_fault", **inputs)
    return calls


async def test_fault_and_its_end_are_notified_with_their_text(
    live_house: House, notifications: list[ServiceCall]
) -> None:
    await set_faults(live_house, "system_fault", 4)
    [raised] = notifications
    assert raised.data["title"] == "AlphaESS reports a fault"
    [since] = live_house.coordinator.fault_tracker.since.values()
    at = dt_util.as_local(since).strftime("%Y-%m-%d %H:%M")
    assert raised.data["message"] == f"Grid meter lost (system_fault), since {at}."
    with freeze_time(dt_util.utcnow() + timedelta(minutes=90), real_asyncio=True):
        await set_faults(live_house, "system_fault")
    gone = notifications[-1]
    assert len(notifications) == 2
    assert gone.data["title"] == "AlphaESS: fault cleared"
    assert gone.data["message"] == (
        "Grid meter lost (system_fault). It lasted 90 minutes."
    )
    assert gone.data["notification_id"] == raised.data["notification_id"]


async def test_simultaneous_faults_are_notified_separately(
    hass: HomeAssistant, live_house: House, notifications: list[ServiceCall]
) -> None:
    await set_faults(live_house, "inverter_fault_1", *range(12))
    await hass.async_block_till_done()
    assert len({call.data["notification_id"] for call in notifications}) == 12


async def test_warning_is_not_notified_by_default(
    live_house: House, notifications: list[ServiceCall]
) -> None:
    await set_faults(live_house, "inverter_warning_1", 11)
    await set_faults(live_house, "inverter_warning_1")
    assert notifications == []


@pytest.mark.parametrize("inputs", [{"warnings": True}])
async def test_warning_is_notified_if_enabled(
    live_house: House, notifications: list[ServiceCall]
) -> None:
    await set_faults(live_house, "inverter_warning_1", 11)
    await set_faults(live_house, "inverter_warning_1")
    assert [call.data["title"] for call in notifications] == [
        "AlphaESS reports a warning",
        "AlphaESS: warning cleared",
    ]


async def test_example_of_the_faults_page_works_unchanged(
    hass: HomeAssistant, live_house: House
) -> None:
    calls = async_mock_service(hass, "notify", "mobile_app_phone")
    [example] = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    config = {"automation": [{"alias": "page", **yaml.safe_load(example)}]}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    await set_faults(live_house, "battery_fault", 4)
    await set_faults(live_house, "battery_fault")
    [call] = calls
    assert re.fullmatch(r"Slave battery lost, since \d\d:\d\d", call.data["message"])


async def test_fault_of_another_inverter_is_not_notified(
    hass: HomeAssistant, notifications: list[ServiceCall]
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
    assert notifications == []
