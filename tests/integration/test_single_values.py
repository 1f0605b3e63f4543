"""Odd words of single registers do not reach a sensor, REST or an energy as a wrong number."""

from typing import Any

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.registers import (
    DispatchDetail,
    DispatchOrder,
)

from .conftest import House, poll, set_behaviour


async def rest_status(hass_client: ClientSessionGenerator) -> Any:
    """Return the answer of REST with all values."""
    client = await hass_client()
    return await (await client.get("/api/alphaess/complete-status")).json()


async def test_idle_dispatch_of_zeros_is_no_order_and_no_power(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    addresses = (*DispatchOrder.addresses(), *DispatchDetail.addresses())
    set_behaviour(live_house, word_overrides=dict.fromkeys(addresses, 0))
    await poll(live_house, full=True)
    status = await rest_status(hass_client)
    assert status["dispatch"]["active"] is False
    assert status["dispatch"]["power"] is None
    assert set(status["dispatch"]["raw"].values()) == {0}
    assert live_house.state(hass, "dispatch_status") == "idle"
    assert live_house.state(hass, "dispatch_controlled_by") == "none"
