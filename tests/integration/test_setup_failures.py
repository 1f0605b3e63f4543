"""A set-up that fails at any step, and a flow that fails at any step, leaves nothing open."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.connection import connector
from tests.setup_steps import STEPS, count_timers, explode, open_things

from .conftest import House, set_up


@pytest.fixture(autouse=True)
def short_reconnect_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect soon."""
    monkeypatch.setattr(connector, "MIN_RECONNECT_DELAY", timedelta(seconds=0.02))


async def fail_then_load(
    hass: HomeAssistant, house: House, fail: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Load once, fail a set-up, compare what is open, and load again."""
    await set_up(hass, house)
    await hass.config_entries.async_unload(house.entry.entry_id)
    await hass.async_block_till_done()
    await house.server.free()
    before, timers = open_things(hass), count_timers(hass)
    with pytest.MonkeyPatch.context() as patch:
        fail(patch)
        assert not await hass.config_entries.async_setup(house.entry.entry_id)
        await hass.async_block_till_done()
    await house.server.free()
    assert open_things(hass) == before
    # A timer of Home Assistant's own may have come to its end meanwhile.
    assert not count_timers(hass) - timers
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.entry.state is ConfigEntryState.LOADED
    assert house.coordinator.connection.connected
    assert float(house.state(hass, "battery_soc")) > 0


@pytest.mark.parametrize(
    ("owner", "name"), STEPS, ids=lambda one: getattr(one, "__name__", one)
)
async def test_set_up_that_fails_at_a_step_closes_everything(
    hass: HomeAssistant, house: House, owner: Any, name: str
) -> None:
    await fail_then_load(hass, house, lambda patch: patch.setattr(owner, name, explode))
