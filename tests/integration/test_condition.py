"""Conditions of the automation editor: what is not known is not so."""

from datetime import timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition
from homeassistant.util import dt as dt_util
import probatio
import pytest

from custom_components.alphaess_live.condition import CONDITIONS
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders

from .conftest import House, bring_back, lose, poll, set_up
from .orders import charge, write_app_order
from .service_calls import device_of


async def check(
    hass: HomeAssistant, key: str, target: dict[str, Any], **options: Any
) -> bool:
    """Test a condition as an automation does."""
    config = {
        "condition": f"{DOMAIN}.{key}",
        "target": target,
        **({"options": options} if options else {}),
    }
    valid = await condition.async_validate_condition_config(hass, config)
    checker = await condition.async_from_config(hass, valid)
    result = checker.async_check()
    checker.async_unload()
    return bool(result)


@pytest.fixture
def target(hass: HomeAssistant, live_house: House) -> dict[str, Any]:
    """Return the device of the inverter as a target."""
    return {"device_id": device_of(hass, live_house)}


async def test_is_connected_follows_the_connection(
    hass: HomeAssistant, live_house: House, target: dict[str, Any]
) -> None:
    assert await check(hass, "is_connected", target)
    await lose(hass, live_house)
    assert not await check(hass, "is_connected", target)
    await bring_back(hass, live_house)
    assert await check(hass, "is_connected", target)
    assert not await check(hass, "is_connected", target, **{"for": {"minutes": 5}})
    with freeze_time(dt_util.utcnow() + timedelta(minutes=6), real_asyncio=True):
        assert await check(hass, "is_connected", target, **{"for": {"minutes": 5}})


async def test_inverter_that_is_not_loaded_is_not_connected(
    hass: HomeAssistant, live_house: House, target: dict[str, Any]
) -> None:
    await charge(live_house)
    await hass.async_block_till_done()
    for key in CONDITIONS:
        assert await check(hass, key, target)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    for key in CONDITIONS:
        assert not await check(hass, key, target)
    await set_up(hass, live_house)
    assert await check(hass, "is_connected", target)


async def test_is_on_order_is_true_for_a_dispatch_of_ours_alone(
    hass: HomeAssistant, live_house: House, target: dict[str, Any]
) -> None:
    assert not await check(hass, "is_on_order", target)
    await charge(live_house)
    await hass.async_block_till_done()
    assert await check(hass, "is_on_order", target)
    await lose(hass, live_house)
    assert not await check(hass, "is_on_order", target)
    await bring_back(hass, live_house)
    await orders.stop(live_house.controller)
    write_app_order(live_house)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert not await check(hass, "is_on_order", target)


async def test_entity_and_device_select_one_of_two_inverters(
    hass: HomeAssistant, live_house: House, second_house: House
) -> None:
    await lose(hass, second_house)
    for house, connected in ((live_house, True), (second_house, False)):
        entity = {"entity_id": house.entity_id(hass, "battery_soc")}
        for target in (entity, {"device_id": device_of(hass, house)}):
            assert await check(hass, "is_connected", target) is connected
    both = [device_of(hass, house) for house in (live_house, second_house)]
    assert await check(hass, "is_connected", {"device_id": both})


@pytest.mark.parametrize(
    "options", [{"behavior": "all"}, {"behavior": "any", "color": "red"}, {"for": "x"}]
)
async def test_wrong_condition_is_refused(
    hass: HomeAssistant, options: dict[str, Any]
) -> None:
    with pytest.raises(probatio.Invalid):
        await check(hass, "is_connected", {"device_id": "one"}, **options)
