"""Actions on the inverters that a target selects, each with an answer or an error of its own."""

from dataclasses import replace
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.alphaess_live.alphaess.identity_detection import (
    IdentityDetector,
)
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.services import ACTIONS, ADMIN_ACTIONS

from ...translation_keys import read_texts
from ..conftest import House, set_behaviour
from ..orders import read_order, write_app_order
from ..service_calls import call_action, device_of

SHORT = {"power": 1000, "duration": 600}


def place(hass: HomeAssistant, area: str, *houses: House) -> str:
    """Put the devices of houses into an area; return its id."""
    area_id = ar.async_get(hass).async_get_or_create(area).id
    for house in houses:
        device = device_of(hass, house)
        dr.async_get(hass).async_update_device(device, area_id=area_id)
    return area_id


@pytest.fixture
def lamp(hass: HomeAssistant) -> er.RegistryEntry:
    """Register a lamp of another integration, with a device."""
    entry = MockConfigEntry(domain="lamps")
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("lamps", "1")}, name="Lamp"
    )
    return er.async_get(hass).async_get_or_create(
        "light",
        "lamps",
        "1",
        config_entry=entry,
        device_id=device.id,
        original_name="Light",
    )


@pytest.mark.parametrize("kind", ["device", "area", "entity", "config_entry"])
async def test_order_to_one_of_two_inverters_answers_as_for_a_single_one(
    hass: HomeAssistant, live_house: House, second_house: House, kind: str
) -> None:
    targets = {
        "device": {"device_id": device_of(hass, second_house)},
        "area": {"area_id": place(hass, "Garage", second_house)},
        "entity": {"entity_id": second_house.entity_id(hass, "modbus")},
        "config_entry": {"config_entry_id": second_house.entry.entry_id},
    }
    response = await call_action(hass, "charge", SHORT | targets[kind])
    assert response["applied"]["power"] == 1000
    assert read_order(second_house).power == -1000
    assert live_house.inverter.journal.writes == 0


async def test_sensor_in_an_area_does_not_put_its_inverter_there(
    hass: HomeAssistant, live_house: House, second_house: House
) -> None:
    cellar = place(hass, "Cellar", second_house)
    place(hass, "Attic", live_house)
    sensor = live_house.entity_id(hass, "grid_power")
    er.async_get(hass).async_update_entity(sensor, area_id=cellar)
    await call_action(hass, "charge", SHORT | {"area_id": cellar})
    assert read_order(second_house).power == -1000
    assert live_house.inverter.journal.writes == 0
    # Named by itself, the same sensor selects its inverter.
    await call_action(hass, "charge", SHORT | {"entity_id": sensor})
    assert read_order(live_house).power == -1000


async def test_order_to_several_inverters_answers_by_serial_number(
    hass: HomeAssistant, live_house: House, second_house: House
) -> None:
    both = [device_of(hass, house) for house in (live_house, second_house)]
    response = await call_action(hass, "discharge", {"device_id": both})
    serials = [house.identity.serial for house in (live_house, second_house)]
    assert sorted(response) == sorted(serials)
    powers = [response[serial]["applied"]["power"] for serial in serials]
    assert powers == [8000, 4960]
    assert all(one["verified"] for one in response.values())
    assert [read_order(house).duration for house in (live_house, second_house)] == [
        3600,
        3600,
    ]
    status = await call_action(hass, "get_status", {"device_id": both})
    assert [status[serial]["connected"] for serial in serials] == [True, True]


async def test_failure_of_one_of_several_inverters_names_both(
    hass: HomeAssistant, live_house: House, second_house: House
) -> None:
    hass.config.language = "de"
    set_behaviour(live_house, ignores_writes=True)
    area = place(hass, "Garage", live_house, second_house)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "charge", SHORT | {"area_id": area})
    assert caught.value.translation_key == "some_failed"
    texts = caught.value.translation_placeholders
    assert texts
    assert live_house.identity.serial in texts["failures"]
    german = read_texts("de")["exceptions"]["not_applied_ignored"]["message"]
    assert german.partition("{")[0] in texts["failures"]
    assert texts["others"] == f"AlphaESS ({second_house.identity.serial})"
    assert read_order(second_house).start


async def test_failure_of_all_inverters_for_one_reason_is_that_error(
    hass: HomeAssistant, live_house: House, second_house: House
) -> None:
    houses = (live_house, second_house)
    for house in houses:
        write_app_order(house)
    devices = [device_of(hass, house) for house in houses]
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "charge", SHORT | {"device_id": devices})
    assert caught.value.translation_key == "foreign_dispatch"


@pytest.mark.parametrize("kind", ["device_id", "entity_id"])
async def test_target_of_another_integration_is_refused_by_name(
    hass: HomeAssistant, live_house: House, lamp: er.RegistryEntry, kind: str
) -> None:
    foreign = {"device_id": lamp.device_id, "entity_id": lamp.entity_id}[kind]
    ours = {
        "device_id": device_of(hass, live_house),
        "entity_id": live_house.entity_id(hass, "modbus"),
    }[kind]
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "charge", SHORT | {kind: [ours, foreign]})
    expected = {
        "device_id": ("homeassistant", "service_device_wrong_domain"),
        "entity_id": (DOMAIN, "entity_of_no_inverter"),
    }
    key = (caught.value.translation_domain, caught.value.translation_key)
    assert key == expected[kind]
    assert caught.value.translation_placeholders
    assert {"Lamp", lamp.entity_id} & set(
        caught.value.translation_placeholders.values()
    )
    assert live_house.inverter.journal.writes == 0


@pytest.mark.parametrize(
    "target",
    [
        {"device_id": []},
        {"device_id": "none"},
        {"entity_id": "none"},
        {"label_id": ["sun"]},
        {"area_id": "kitchen"},
    ],
)
async def test_target_without_an_inverter_is_refused(
    hass: HomeAssistant,
    live_house: House,
    lamp: er.RegistryEntry,
    target: dict[str, Any],
) -> None:
    kitchen = ar.async_get(hass).async_get_or_create("Kitchen")
    er.async_get(hass).async_update_entity(lamp.entity_id, area_id=kitchen.id)
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "charge", SHORT | target)
    assert caught.value.translation_key == "target_without_inverter"
    assert live_house.inverter.journal.writes == 0


async def test_area_with_a_lamp_and_an_inverter_means_the_inverter(
    hass: HomeAssistant, live_house: House, lamp: er.RegistryEntry
) -> None:
    garage = place(hass, "Garage", live_house)
    er.async_get(hass).async_update_entity(lamp.entity_id, area_id=garage)
    await call_action(hass, "charge", SHORT | {"area_id": garage})
    assert read_order(live_house).start


async def test_device_that_is_not_loaded_is_refused_by_name(
    hass: HomeAssistant, live_house: House
) -> None:
    device = device_of(hass, live_house)
    entity = live_house.entity_id(hass, "modbus")
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    for target in ({"device_id": device}, {"entity_id": entity}):
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, "stop", target)
        assert caught.value.translation_key == "service_config_entry_not_loaded"


async def test_order_to_an_inverter_that_the_user_may_not_control_does_nothing(
    hass: HomeAssistant, live_house: House, second_house: House
) -> None:
    entities = er.async_entries_for_config_entry(
        er.async_get(hass), live_house.entry.entry_id
    )
    allowed = {entity.entity_id: True for entity in entities}
    user = MockUser(id="anna", name="Anna").add_to_hass(hass)
    user.mock_policy({"entities": {"entity_ids": allowed}})
    devices = [device_of(hass, house) for house in (live_house, second_house)]
    with pytest.raises(Unauthorized):
        await call_action(
            hass,
            "charge",
            SHORT | {"device_id": devices},
            context=Context(user_id=user.id),
        )
    for house in (live_house, second_house):
        assert house.inverter.journal.writes == 0


@pytest.mark.parametrize(("action", "target"), [("charge", 100), ("discharge", 10)])
async def test_order_without_fields_has_rated_power_and_one_hour(
    hass: HomeAssistant, live_house: House, action: str, target: int
) -> None:
    response = await call_action(hass, action, {})
    requested = response["requested"]
    assert requested == {
        "action": action,
        "power": 8000,
        "target_soc": target,
        "duration": 3600,
    }
    await call_action(hass, "hold", {})
    assert read_order(live_house).duration == 3600


async def test_order_up_to_the_rated_power_needs_a_confirmed_one(
    hass: HomeAssistant, live_house: House
) -> None:
    # As after a first set-up, when one reading has shown it.
    first = replace(live_house.identity, unconfirmed=frozenset({"rated_power"}))
    live_house.coordinator.inverter.identity_detector = IdentityDetector(first)
    for action, fields, missing in (
        ("charge", {}, "power"),
        ("discharge", {}, "power"),
        ("hold_grid", {"power": 0}, "max_power"),
        ("hold", {"block": "discharge"}, "block"),
    ):
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, action, fields)
        assert caught.value.translation_key == "no_rated_power"
        assert caught.value.translation_placeholders == {"field": missing}
    assert live_house.inverter.journal.writes == 0
    await call_action(hass, "hold_grid", {"power": 0, "max_power": 3000})
    assert live_house.inverter.journal.writes == 1


async def test_editor_offers_the_actions_for_an_inverter_only(
    hass: HomeAssistant,
    live_house: House,
    lamp: er.RegistryEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    client = await hass_ws_client()

    async def offered(target: dict[str, Any]) -> set[str]:
        await client.send_json_auto_id(
            {"type": "get_services_for_target", "target": target}
        )
        answer = await client.receive_json()
        return {one for one in answer["result"] if one.startswith(f"{DOMAIN}.")}

    actions = {f"{DOMAIN}.{name}" for name, *_ in ACTIONS}
    assert await offered({"device_id": [device_of(hass, live_house)]}) == actions
    soc = live_house.entity_id(hass, "battery_soc")
    assert await offered({"entity_id": [soc]}) == actions
    assert await offered({"entity_id": [lamp.entity_id]}) == set()
    assert not actions & {f"{DOMAIN}.{name}" for name, *_ in ADMIN_ACTIONS}
