"""Odd words of single registers do not reach a sensor, REST or an energy as a wrong number."""

from datetime import timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    DispatchDetail,
    DispatchOrder,
    Grid,
    PvMeter,
    Strings,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.system_health import system_health_info

from .conftest import House, poll, set_behaviour, set_up


def words(block: type[Block], **values: float) -> dict[int, int]:
    """Encode values of a block."""
    encoded: dict[int, int] = {}
    for name, value in values.items():
        encoded |= block.registers[name].encode(value)
    return encoded


def grid_words(power: float) -> dict[int, int]:
    """Encode a grid power that its phases have, too."""
    phases = {f"power_l{n}": power / 3 for n in (1, 2, 3)}
    return words(Grid, power=power, **phases)


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


async def test_small_negative_string_at_night_is_no_generation(
    hass: HomeAssistant, house: House
) -> None:
    night = dict.fromkeys(Strings.addresses(), 0) | grid_words(600)
    night |= words(Battery, power=0, current=0) | {0x041F: 0xFFFF, 0x0420: 0xFFFD}
    set_behaviour(house, word_overrides=night)
    await set_up(hass, house)
    integrator = house.coordinator.load_integrator
    start = integrator.started_at
    assert start
    for step in range(1, 61):
        with freeze_time(start + step * timedelta(seconds=20), real_asyncio=True):
            await poll(house, full=step % 3 == 0)
            assert house.state(hass, "pv_power") == "0"
            assert house.state(hass, "load_power") == "600"
    assert integrator.energy == pytest.approx(0.2, abs=0.001)


@pytest.mark.parametrize("model", ["ac_coupled"])
@pytest.mark.parametrize(
    ("power", "grid", "pv", "load"),
    [(-16, 316, "0", "316"), (-7000, 7300, "0", "7300"), (3000, -2000, "3000", "1000")],
)
@pytest.mark.parametrize("counter", [1, 2])
async def test_pv_meter_has_the_sign_of_its_counter(
    hass: HomeAssistant,
    house: House,
    hass_client: ClientSessionGenerator,
    *,
    power: int,
    grid: int,
    pv: str,
    load: str,
    counter: int,
) -> None:
    sent = power if counter == 2 else -power
    values = {f"energy_{counter}_total": 3204.9, f"energy_{3 - counter}_total": 0.05}
    branch = words(PvMeter, power=sent, power_l1=sent, **values)
    house_words = words(Grid, power=grid, power_l1=grid) | words(Battery, power=0)
    set_behaviour(
        house, word_overrides=branch | house_words | words(Battery, current=0)
    )
    await set_up(hass, house)
    assert house.state(hass, "pv_power") == pv
    assert house.state(hass, "load_power") == load
    status = await rest_status(hass_client)
    assert status["pv"]["power"] == float(pv)


async def test_negative_load_that_lasts_is_shown(
    hass: HomeAssistant, house: House
) -> None:
    await set_up(hass, house)
    entity_id = house.entity_id(hass, "load_power")
    night = dict.fromkeys(Strings.addresses(), 0)
    night |= words(Battery, power=0, current=0)
    start = dt_util.utcnow() + timedelta(minutes=1)
    for minute in (0, 9, 10):
        set_behaviour(house, word_overrides=night | grid_words(-900 - 3 * minute))
        with freeze_time(start + timedelta(minutes=minute), real_asyncio=True):
            await poll(house, full=True)
        state = hass.states.get(entity_id)
        assert state
        assert state.state == "0"
        assert ("negative_since" in state.attributes) is (minute == 10)
    assert (await system_health_info(hass))["negative_load"] == 1
    set_behaviour(house, word_overrides=night | grid_words(-60))
    await poll(house, full=True)
    state = hass.states.get(entity_id)
    assert state
    assert "negative_since" not in state.attributes
    assert (await system_health_info(hass))["negative_load"] == 0
