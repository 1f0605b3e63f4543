"""What is known of an inverter stays known, whatever the moment is at which it comes back."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.datasheet import (
    Battery,
    MoreStrings,
    Strings,
    System,
)

from .conftest import House, set_up
from .test_coordinator import bring_back, lose
from .test_sensor import with_words

CHARGE, DISCHARGE = (
    Battery.registers[f"{way}_power_limit"] for way in ("charge", "discharge")
)
NIGHT = dict.fromkeys((*Strings.addresses(), *MoreStrings.addresses()), 0)
COLD = CHARGE.encode(0) | DISCHARGE.encode(900)
VERSION = range(
    System.registers["version_high"].address, System.registers["version_low"].end
)
WAKING = dict.fromkeys(VERSION, 0) | dict.fromkeys(
    (Battery.registers["modules"].address, Battery.registers["capacity"].address), 0
)


@pytest.mark.parametrize(
    "words", [NIGHT, COLD, WAKING], ids=["night", "cold", "waking"]
)
async def test_an_inverter_that_hides_what_it_is_made_of_is_still_made_of_it(
    hass: HomeAssistant, live_house: House, words: dict[int, int]
) -> None:
    identity = live_house.coordinator.identity
    await lose(hass, live_house)
    live_house.inverter.behaviour = with_words(live_house, words)
    await bring_back(hass, live_house)
    assert live_house.coordinator.connection.connected
    assert live_house.coordinator.identity == identity
    assert live_house.entry.data["identity"] == identity.as_dict()


async def test_no_more_power_can_be_chosen_than_an_order_may_have(
    hass: HomeAssistant, house: House
) -> None:
    house.inverter.behaviour = with_words(house, CHARGE.encode(60_000))
    await set_up(hass, house)
    state = hass.states.get(house.entity_id(hass, "dispatch_power"))
    assert state
    assert state.attributes["max"] == 20_000
