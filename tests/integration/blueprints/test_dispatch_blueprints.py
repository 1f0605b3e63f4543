"""The blueprints that dispatch, run against the simulated inverter; all blueprints are validated."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from freezegun import freeze_time
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import load_yaml_dict
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.const import DOMAIN

from ..conftest import House, bring_back, lose
from ..orders import charge, dispatch_status, read_order, set_soc
from .automations import FOLDER, automate, change, is_waiting, until

BLUEPRINTS = sorted(FOLDER.glob("*.yaml"))
PRICE = "input_number.price"
WARNING = "input_boolean.warning"


@pytest.fixture(autouse=True)
def helpers(hass: HomeAssistant) -> None:
    """Add the entities that automations read."""
    hass.states.async_set(PRICE, "0.30")
    hass.states.async_set(WARNING, "off")


async def advance_to_the_next_hour(hass: HomeAssistant) -> None:
    """Advance the time to the next full hour, when orders are renewed."""
    hour = (dt_util.utcnow() + timedelta(hours=1)).replace(minute=0, second=0)
    with freeze_time(hour, real_asyncio=True):
        async_fire_time_changed(hass, hour)
        await hass.async_block_till_done()


@pytest.mark.parametrize("path", BLUEPRINTS, ids=lambda path: path.stem)
def test_every_blueprint_is_valid(path: Path) -> None:
    blueprint = Blueprint(
        load_yaml_dict(path),
        path=path.name,
        expected_domain="automation",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )
    assert blueprint.validate() is None
    assert blueprint.metadata["source_url"].endswith(f"/{DOMAIN}/{path.name}")
    assert "entity" not in blueprint.inputs["inverter"]["selector"]


def test_blueprints_are_complete() -> None:
    assert [path.stem for path in BLUEPRINTS] == [
        "cheap_tariff_charge",
        "evening_discharge",
        "inverter_away",
        "inverter_fault",
        "negative_price_charge",
        "night_tariff_charge",
        "storm_reserve",
        "weekly_plan",
    ]


async def test_cheap_tariff_charges_up_to_the_target(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_soc(live_house, 40)
    await automate(hass, live_house, "cheap_tariff_charge", price=PRICE, limit=0.2)
    assert dispatch_status(live_house) == ("idle", "none")
    await change(hass, PRICE, "0.12")
    order = read_order(live_house)
    assert (order.power, order.target_soc, order.duration) == (-3000, 80, 2100)
    await change(hass, PRICE, "0.25")
    assert dispatch_status(live_house) == ("idle", "none")


async def test_cheap_tariff_above_the_target_orders_nothing(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_soc(live_house, 90)
    await automate(hass, live_house, "cheap_tariff_charge", price=PRICE, limit=0.2)
    await change(hass, PRICE, "0.12")
    assert live_house.inverter.journal.writes == 0


async def test_order_is_renewed_every_hour(
    hass: HomeAssistant, live_house: House
) -> None:
    await automate(hass, live_house, "negative_price_charge", price=PRICE)
    await change(hass, PRICE, "-0.05")
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    live_house.inverter.advance(2101)
    assert not read_order(live_house).start
    await advance_to_the_next_hour(hass)
    assert read_order(live_house).start


async def test_negative_price_charges_the_battery(
    hass: HomeAssistant, live_house: House
) -> None:
    await automate(hass, live_house, "negative_price_charge", price=PRICE, power=8000)
    await change(hass, PRICE, "-0.05")
    order = read_order(live_house)
    assert (order.power, order.target_soc) == (-8000, 100)
    await change(hass, PRICE, "0.01")
    assert dispatch_status(live_house) == ("idle", "none")


@pytest.mark.parametrize(("inputs", "sun"), [({}, True), ({"panels_off": True}, False)])
async def test_negative_price_switches_pv_off_if_chosen(
    hass: HomeAssistant, live_house: House, inputs: dict[str, Any], *, sun: bool
) -> None:
    await automate(hass, live_house, "negative_price_charge", price=PRICE, **inputs)
    await change(hass, PRICE, "-0.05")
    live_house.inverter.advance(1)
    assert bool(live_house.inverter.house.flow.solar) is sun
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    written = live_house.inverter.journal.written
    assert [len(one.values) for one in written] == [9 if sun else 11]
    await change(hass, PRICE, "0.01")
    live_house.inverter.advance(1)
    assert live_house.inverter.house.flow.solar


PRICE_BLUEPRINTS = pytest.mark.parametrize(
    ("blueprint", "inputs", "cheap", "dear"),
    [
        ("cheap_tariff_charge", {"limit": 0.2}, "0.12", "0.2"),
        ("negative_price_charge", {}, "-0.05", "0.00"),
    ],
)


@PRICE_BLUEPRINTS
async def test_price_at_its_limit_ends_the_charge(
    hass: HomeAssistant,
    live_house: House,
    *,
    blueprint: str,
    inputs: dict[str, Any],
    cheap: str,
    dear: str,
) -> None:
    await set_soc(live_house, 40)
    await automate(hass, live_house, blueprint, price=PRICE, **inputs)
    await change(hass, PRICE, cheap)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    await change(hass, PRICE, "unavailable")
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    await change(hass, PRICE, dear)
    assert dispatch_status(live_house) == ("idle", "none")


@PRICE_BLUEPRINTS
async def test_price_that_is_known_again_leaves_other_orders_alone(
    hass: HomeAssistant,
    live_house: House,
    *,
    blueprint: str,
    inputs: dict[str, Any],
    cheap: str,
    dear: str,
) -> None:
    await set_soc(live_house, 60)
    await automate(hass, live_house, blueprint, price=PRICE, **inputs)
    await charge(live_house, power=1000)
    for value in ("unavailable", dear, "0.35"):
        await change(hass, PRICE, value)
        assert read_order(live_house).power == -1000
        assert dispatch_status(live_house) == ("charging", "alphaess_live")
    assert float(cheap) < float(dear)


@PRICE_BLUEPRINTS
async def test_reloaded_price_automation_orders_at_once(
    hass: HomeAssistant,
    live_house: House,
    *,
    blueprint: str,
    inputs: dict[str, Any],
    cheap: str,
    dear: str,
) -> None:
    await set_soc(live_house, 40)
    hass.states.async_set(PRICE, cheap)
    await automate(hass, live_house, blueprint, price=PRICE, **inputs)
    assert dispatch_status(live_house) == ("idle", "none")
    hass.bus.async_fire("automation_reloaded")
    await hass.async_block_till_done()
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    await change(hass, PRICE, dear)
    assert dispatch_status(live_house) == ("idle", "none")


async def test_end_of_a_storm_leaves_other_orders_alone(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_soc(live_house, 40)
    hass.states.async_set(WARNING, "on")
    await automate(hass, live_house, "storm_reserve", warning=WARNING)
    await charge(live_house, power=1000)
    await change(hass, WARNING, "off")
    assert read_order(live_house).power == -1000
    assert dispatch_status(live_house)[1] == "alphaess_live"


async def test_storm_warning_charges_the_reserve_and_holds_it(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_soc(live_house, 70)
    await automate(hass, live_house, "storm_reserve", warning=WARNING)
    await change(hass, WARNING, "on")
    order = read_order(live_house)
    assert (order.power, order.target_soc) == (-3000, 90)
    await set_soc(live_house, 91)
    await hass.async_block_till_done()
    assert dispatch_status(live_house) == ("holding", "alphaess_live")
    await change(hass, WARNING, "off")
    assert dispatch_status(live_house) == ("idle", "none")


async def test_foreign_dispatch_is_an_error_in_the_log(
    hass: HomeAssistant, live_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    live_house.inverter.write_as_app(0x0880, 1, 0, 27000, 0, 32000, 2, 250, 0, 5580)
    await automate(hass, live_house, "negative_price_charge", price=PRICE)
    hass.states.async_set(PRICE, "-0.05")
    await until(lambda: "dispatch is running" in caplog.text)
    assert read_order(live_house).power == -5000


@pytest.mark.parametrize(
    ("blueprint", "inputs"),
    [
        ("cheap_tariff_charge", {"price": PRICE, "limit": 0.2}),
        ("negative_price_charge", {"price": PRICE}),
        ("storm_reserve", {"warning": WARNING}),
    ],
)
async def test_inverter_that_was_away_gets_its_order_when_it_is_back(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    blueprint: str,
    inputs: dict[str, Any],
) -> None:
    await set_soc(live_house, 40)
    await automate(hass, live_house, blueprint, **inputs)
    await lose(hass, live_house)
    hass.states.async_set(PRICE, "-0.05")
    hass.states.async_set(WARNING, "on")
    await until(lambda: is_waiting(hass, blueprint))
    assert "Error executing script" not in caplog.text
    await bring_back(hass, live_house)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
