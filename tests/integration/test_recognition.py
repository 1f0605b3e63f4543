"""What is known of an inverter stays known, whatever the moment is at which it comes back."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.alphaess.pv_meter_direction import MeterDirection
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    Grid,
    InverterVersions,
    MoreStrings,
    Strings,
    System,
)
from custom_components.alphaess_live.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, bring_back, lose, set_up
from .test_dispatch_entities import entity_id
from .test_sensor import with_words

CHARGE, DISCHARGE = (
    Battery.registers[f"{way}_power_limit"] for way in ("charge", "discharge")
)
NIGHT = dict.fromkeys((*Strings.addresses(), *MoreStrings.addresses()), 0)
COLD = CHARGE.encode(0) | DISCHARGE.encode(900)
DECIVOLTS = Grid.registers["voltage_l1"].encode(2301)
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
    assert live_house.entry.data["identity"] == identity.to_dict()


async def test_no_more_power_can_be_chosen_than_an_order_may_have(
    hass: HomeAssistant, house: House
) -> None:
    house.inverter.behaviour = with_words(house, CHARGE.encode(60_000))
    await set_up(hass, house)
    state = hass.states.get(entity_id(hass, house, "number", "dispatch_power"))
    assert state
    assert state.attributes["max"] == 20_000


async def test_an_inverter_that_was_met_by_its_own_serial_number_is_known_by_it(
    hass: HomeAssistant, house: House
) -> None:
    own = InverterVersions.decode(house.inverter.words()).serial
    assert own not in ("", house.identity.serial)
    known = replace(house.identity, serial=own)
    data = house.entry.data | {"identity": known.to_dict()}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, unique_id=own, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.coordinator.connection.connected
    assert house.coordinator.identity == known
    sent = str(await async_get_config_entry_diagnostics(hass, house.entry))
    assert own not in sent
    assert house.identity.serial not in sent


async def test_nothing_is_learned_of_a_stranger_at_the_same_address(
    hass: HomeAssistant, live_house: House
) -> None:
    before = dict(live_house.entry.data)
    inverter, model = live_house.coordinator.inverter, live_house.inverter.model
    inverter.plausibility.restore_direction(MeterDirection(counter=2, offset=2960))
    served, profile = set(inverter.served_blocks), inverter.profile
    await lose(hass, live_house)
    live_house.inverter.model = replace(MODELS["ac_coupled"], serial="AL7019999999999")
    live_house.inverter.behaviour = with_words(live_house, DECIVOLTS)
    await bring_back(hass, live_house)
    assert live_house.coordinator.connection.error_kind is ErrorKind.PROTOCOL
    assert (inverter.served_blocks, inverter.profile) == (served, profile)
    live_house.inverter.model = model
    live_house.inverter.behaviour = with_words(live_house, {})
    await bring_back(hass, live_house)
    assert live_house.coordinator.connection.connected
    assert inverter.plausibility.pv_meter_direction == MeterDirection(
        counter=2, offset=2960
    )
    assert live_house.entry.data == before | {
        "pv_meter": {"counter": 2, "before": 2960}
    }
