"""The blueprint that notifies of a long outage and of its end."""

from datetime import timedelta

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from ..conftest import House, bring_back, lose
from ..repair_flows import backdate
from .automations import automate


@pytest.fixture
async def notifications(hass: HomeAssistant, live_house: House) -> list[ServiceCall]:
    """Create the automation, and collect its notifications."""
    calls = async_mock_service(hass, "persistent_notification", "create")
    await automate(hass, live_house, "inverter_away", minutes=10)
    return calls


async def wait(hass: HomeAssistant, house: House, *, minutes: float) -> None:
    """Let an outage last for some minutes."""
    backdate(hass, house, minutes=minutes)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=minutes))
    await hass.async_block_till_done()


async def test_outage_and_its_end_are_notified_with_the_cause(
    hass: HomeAssistant, live_house: House, notifications: list[ServiceCall]
) -> None:
    await lose(hass, live_house)
    await wait(hass, live_house, minutes=9)
    assert notifications == []
    await wait(hass, live_house, minutes=11)
    [away] = notifications
    assert away.data["title"] == "AlphaESS is disconnected"
    assert away.data["message"].startswith("It has not answered for 10 minutes: ")
    assert "unknown" not in away.data["message"]
    await bring_back(hass, live_house)
    back = notifications[-1]
    assert len(notifications) == 2
    assert back.data["title"] == "AlphaESS is connected again"
    assert back.data["message"].startswith("It was disconnected for 20 minutes: ")
    assert "unknown" not in back.data["message"]
    assert back.data["notification_id"] == away.data["notification_id"]


async def test_short_outage_is_not_notified(
    hass: HomeAssistant, live_house: House, notifications: list[ServiceCall]
) -> None:
    await lose(hass, live_house)
    await wait(hass, live_house, minutes=5)
    await bring_back(hass, live_house)
    assert notifications == []


async def test_reconnect_of_another_inverter_is_not_notified(
    hass: HomeAssistant, notifications: list[ServiceCall]
) -> None:
    about = {"type": "modbus_connected", "device_id": "other", "outage_seconds": 9999}
    hass.bus.async_fire("alphaess_live_event", about)
    await hass.async_block_till_done()
    assert notifications == []
