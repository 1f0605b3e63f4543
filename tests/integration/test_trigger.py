"""Triggers of the automation editor: they fire for real changes, of the inverters in their target alone."""

from pathlib import Path
import re
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import Context, Event, HomeAssistant, ServiceCall, callback
from homeassistant.helpers import area_registry as ar, device_registry as dr
from homeassistant.setup import async_setup_component
import probatio
import pytest
from pytest_homeassistant_custom_component.common import (
    async_mock_service,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import yaml

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.monitor.bus_events import DISPATCH_EVENT_TYPE
from custom_components.alphaess_live.trigger import TRIGGERS

from .automations import automate, ids, own
from .conftest import House, bring_back, lose, poll
from .entities.test_fault_entities import set_faults
from .orders import charge, set_soc, write_app_order
from .repair_flows import backdate
from .service_calls import device_of

PAGE = Path(__file__).parents[2] / "docs" / "control.md"


@pytest.fixture
def options() -> dict[str, Any]:
    """Let dispatches run on over a reload."""
    return {"stop_on_unload": False, "message_spacing": 0}


async def test_connected_again_fires_after_an_outage_of_some_length(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await automate(hass, own(hass, live_house), "connected", outage={"minutes": 10})
    await lose(hass, live_house)
    backdate(hass, live_house, minutes=9)
    await bring_back(hass, live_house)
    assert fired == []
    await lose(hass, live_house)
    backdate(hass, live_house, minutes=11)
    await bring_back(hass, live_house)
    assert ids(fired) == ["connected"]
    assert fired[0].data["cause"]


@pytest.mark.parametrize(("warnings", "count"), [(False, 1), (True, 2)])
async def test_fault_fires_for_warnings_if_they_are_included(
    hass: HomeAssistant,
    live_house: House,
    fired: list[ServiceCall],
    *,
    warnings: bool,
    count: int,
) -> None:
    await automate(hass, own(hass, live_house), "fault_raised", warnings=warnings)
    await set_faults(live_house, "system_fault", 4)
    await set_faults(live_house, "inverter_warning_1", 11)
    await set_faults(live_house, "system_fault")
    await hass.async_block_till_done()
    assert len(fired) == count
    assert fired[0].data["code"] == "grid_meter_lost"


async def test_target_reached_fires_once_for_each_dispatch(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await automate(hass, own(hass, live_house), "target_reached")
    await set_soc(live_house, 40)
    await charge(live_house, target_soc=50)
    await hass.async_block_till_done()
    assert fired == []
    for soc in (50, 49.6, 50):
        await set_soc(live_house, soc)
    await orders.stop(live_house.controller)
    await hass.async_block_till_done()
    assert ids(fired) == ["target_reached"]
    # Its target is passed already.
    await charge(live_house, target_soc=45)
    await orders.stop(live_house.controller)
    await hass.async_block_till_done()
    assert ids(fired) == ["target_reached"] * 2


async def test_dispatch_of_a_program_that_is_not_chosen_does_not_fire(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    keys = ("target_reached", "dispatch_ended")
    await automate(hass, own(hass, live_house), *keys, controlled_by="other")
    await charge(live_house, target_soc=45)
    await orders.stop(live_house.controller)
    await hass.async_block_till_done()
    assert fired == []
    await set_soc(live_house, 60)
    write_app_order(live_house)
    await poll(live_house, full=True)
    live_house.inverter.write_as_app(0x0880, 0)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert ids(fired) == ["dispatch_ended"]


async def test_dispatch_ended_fires_for_its_reasons_but_not_for_a_change(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await automate(
        hass, own(hass, live_house), "dispatch_ended", reason=["stopped", "overwritten"]
    )
    await charge(live_house)
    await charge(live_house, power=2000)
    await hass.async_block_till_done()
    assert fired == []
    await orders.stop(live_house.controller)
    await charge(live_house)
    live_house.inverter.write_as_app(0x0880, 0)
    await poll(live_house, full=True)
    await charge(live_house)
    write_app_order(live_house)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert [call.data["reason"] for call in fired] == ["stopped", "overwritten"]


async def test_dispatch_of_another_program_fires_when_it_begins(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await automate(hass, own(hass, live_house), "foreign_dispatch_began")
    await charge(live_house)
    write_app_order(live_house)
    for _ in range(2):
        await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert ids(fired) == ["foreign_dispatch_began"]


async def test_restart_and_loss_of_the_entry_fire_nothing(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    await set_soc(live_house, 50)
    await charge(live_house, target_soc=50)
    await set_faults(live_house, "system_fault", 4)
    await hass.async_block_till_done()
    await automate(hass, own(hass, live_house))
    for _ in range(2):
        await hass.config_entries.async_reload(live_house.entry.entry_id)
        await hass.async_block_till_done()
        await poll(live_house, full=True)
    write_app_order(live_house)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert sorted(ids(fired)) == ["dispatch_ended", "foreign_dispatch_began"]
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert len(fired) == 2


async def test_event_of_an_inverter_outside_of_the_target_does_not_fire(
    hass: HomeAssistant,
    live_house: House,
    second_house: House,
    fired: list[ServiceCall],
) -> None:
    await automate(hass, own(hass, live_house))
    await lose(hass, second_house)
    await bring_back(hass, second_house)
    await charge(second_house)
    await orders.stop(second_house.controller)
    await hass.async_block_till_done()
    assert fired == []


async def test_area_means_the_inverters_that_are_in_it_now(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    area = ar.async_get(hass).async_create("Garage")
    keys = ("dispatch_ended", "disconnected")
    await automate(hass, {"area_id": area.id}, *keys)

    async def end() -> None:
        await charge(live_house)
        await orders.stop(live_house.controller)
        await lose(hass, live_house)
        await bring_back(hass, live_house)
        await poll(live_house, full=True)

    devices, device = dr.async_get(hass), device_of(hass, live_house)
    await end()
    assert fired == []
    devices.async_update_device(device, area_id=area.id)
    await end()
    assert ids(fired) == list(keys)
    devices.async_update_device(device, area_id=None)
    await end()
    assert len(fired) == 2


async def test_entity_means_its_inverter(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    target = {"entity_id": live_house.entity_id(hass, "battery_soc")}
    await automate(hass, target, "disconnected", "connected")
    await lose(hass, live_house)
    await bring_back(hass, live_house)
    assert ids(fired) == ["disconnected", "connected"]


@pytest.mark.parametrize(
    ("key", "config"),
    [
        ("connected", {}),
        ("connected", {"target": {}}),
        ("connected", {"options": {"outage": "long"}}),
        ("disconnected", {"options": {"for": -1}}),
        ("dispatch_ended", {"options": {"reason": "replaced"}}),
        ("target_reached", {"options": {"controlled_by": "none"}}),
        ("foreign_dispatch_began", {"options": {"reason": "stopped"}}),
    ],
)
async def test_wrong_trigger_is_refused(
    hass: HomeAssistant, key: str, config: dict[str, Any]
) -> None:
    default = {"target": {"device_id": "one"}} if "options" in config else {}
    complete = {"platform": f"{DOMAIN}.{key}"} | default | config
    with pytest.raises(probatio.Invalid):
        await TRIGGERS[key].async_validate_complete_config(hass, complete)


async def test_editor_offers_the_triggers_for_an_inverter(
    hass: HomeAssistant, live_house: House, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client()
    for kind in ("trigger", "condition"):
        await client.send_json_auto_id({"type": f"{kind}_platforms/subscribe"})
        assert (await client.receive_json())["success"]
        event = (await client.receive_json())["event"]
        described = {key: one for key, one in event.items() if key.startswith(DOMAIN)}
        await client.send_json_auto_id(
            {"type": f"get_{kind}s_for_target", "target": own(hass, live_house)}
        )
        answer = await client.receive_json()
        offered = {one for one in answer["result"] if one.startswith(f"{DOMAIN}.")}
        assert offered == set(described)
        assert all(described.values())


async def test_example_of_the_control_page_works_unchanged(
    hass: HomeAssistant,
    live_house: House,
    fired: list[ServiceCall],
    hass_admin_user: User,
) -> None:
    calls = async_mock_service(hass, "notify", "notify")
    [text] = re.findall(
        r"^```yaml\n(triggers:\n  - trigger: alphaess_live.*?)^```$",
        PAGE.read_text("utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    [device] = set(re.findall(r"device_id: (\w{32})", text))
    example = yaml.safe_load(text.replace(device, device_of(hass, live_house)))
    config = {"automation": [{"alias": "page", **example}]}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    await set_soc(live_house, 40)
    await charge(live_house, context=Context(user_id=hass_admin_user.id))
    live_house.inverter.write_as_app(0x0880, 0)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert [call.data["message"] for call in calls] == [
        "The dispatch of Mock User has ended: unknown"
    ]
    assert fired == []


async def test_end_of_a_dispatch_fires_after_the_entities_are_updated(
    hass: HomeAssistant, live_house: House, fired: list[ServiceCall]
) -> None:
    status = live_house.entity_id(hass, "dispatch_status")
    states: list[str] = []

    @callback
    def on_event(event: Event) -> None:
        state = hass.states.get(status)
        assert state
        states.append(f"{event.data['type']}: {state.state}")

    hass.bus.async_listen(DISPATCH_EVENT_TYPE, on_event)
    await set_soc(live_house, 40)
    await charge(live_house)
    live_house.inverter.write_as_app(0x0880, 0)
    # Another power is published before the entities are updated.
    live_house.inverter.advance(30)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert states == ["started: charging", "ended: idle"]
    assert fired == []
