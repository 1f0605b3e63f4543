"""The flows between the components of a house."""

from dataclasses import replace
from datetime import UTC, datetime
import json

import pytest

from custom_components.alphaess_live.alphaess.identity import Identity
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.snapshot import Power
from custom_components.alphaess_live.feed.feed import Feed
from custom_components.alphaess_live.feed.flows import (
    flow_targets,
    flows_to_json,
    solar_powers,
)
from custom_components.alphaess_live.feed.messages import LinkLost, PowerMeasured
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS

NOON = datetime(2025, 6, 15, 13, 0)  # noqa: DTZ001 - the house's own clock
EVENING = Power(soc=60, battery=1500, pv=300, grid=-200)
SOLAR = {"solar_1": 200.0, "solar_2": 100.0}


def currents(power: Power) -> dict[str, float | None]:
    """Return the power of each flow."""
    flows = flows_to_json(power, SOLAR)["flows"]
    return {name: flow["current"] for name, flow in flows.items()}


def test_flow_has_the_direction_of_its_power() -> None:
    assert currents(EVENING) == {
        "grid_to_backup_unit": 0,
        "backup_unit_to_grid": 200,
        "backup_unit_to_home_usage": 1600,
        "backup_unit_to_battery_1": 0,
        "battery_1_to_backup_unit": 1500,
        "solar_1_to_backup_unit": 200,
        "solar_2_to_backup_unit": 100,
    }
    night = replace(EVENING, battery=-1000, pv=0, grid=1400)
    assert currents(night) == {
        "grid_to_backup_unit": 1400,
        "backup_unit_to_grid": 0,
        "backup_unit_to_home_usage": 400,
        "backup_unit_to_battery_1": 1000,
        "battery_1_to_backup_unit": 0,
        "solar_1_to_backup_unit": 200,
        "solar_2_to_backup_unit": 100,
    }


def test_component_has_what_flows_in_and_out() -> None:
    content = flows_to_json(EVENING, SOLAR)
    assert content["batterySOC"] == 60
    assert content["components"] == {
        "grid": {"currentIn": 0, "currentOut": 200},
        "backup_unit": {"currentIn": 1800, "currentOut": 1800},
        "home_usage": {"currentIn": 1600},
        "battery_1": {"currentIn": 0, "currentOut": 1500},
        "solar_1": {"currentOut": 200},
        "solar_2": {"currentOut": 100},
    }


def test_unknown_power_has_unknown_flows() -> None:
    content = flows_to_json(replace(EVENING, grid=None, soc=None), {"solar_1": None})
    assert content["batterySOC"] is None
    flows = {name: flow["current"] for name, flow in content["flows"].items()}
    assert flows == {
        "grid_to_backup_unit": None,
        "backup_unit_to_grid": None,
        "backup_unit_to_home_usage": None,
        "backup_unit_to_battery_1": 0,
        "battery_1_to_backup_unit": 1500,
        "solar_1_to_backup_unit": None,
    }
    inverter = content["components"]["backup_unit"]
    assert inverter == {"currentIn": None, "currentOut": None}


@pytest.mark.parametrize("model", ["three_phase", "ac_coupled", "single_phase"])
async def test_solar_powers_of_each_model_add_up_to_its_power(model: str) -> None:
    inverter = Inverter(simulate(MODELS[model], NOON, speed=0))
    await inverter.read()
    inverter.unsupported.mark_refused(*inverter.refused_blocks, settled=True)
    snapshot = await inverter.read()
    identity = Identity(serial="AL", strings=6, ac_coupled=bool(snapshot.pv_meter))
    powers = solar_powers(snapshot, identity)
    assert sum(power or 0 for power in powers.values()) == snapshot.power.pv
    assert ("solar_ac" in powers) is bool(snapshot.pv_meter)


def test_each_flow_of_the_picture_has_a_value() -> None:
    flows = flows_to_json(EVENING, SOLAR)["flows"]
    names = {f"{source}_to_{target}" for source, target in flow_targets(SOLAR)}
    assert set(flows) == names


def test_message_with_flows_is_encoded_once_and_the_plain_one_stays() -> None:
    at = datetime(2025, 1, 6, tzinfo=UTC)
    event = PowerMeasured(power=EVENING, measured_at=at, solar=SOLAR)
    message = Feed("AL7011025000001").publish(event)
    plain, flows = json.loads(message.encoded), json.loads(message.with_flows.encoded)
    assert message.with_flows is message.with_flows
    assert set(flows["data"]) - set(plain["data"]) == {
        "batterySOC",
        "components",
        "flows",
    }
    assert flows | {"data": plain["data"]} == plain
    assert len(message.encoded) < 400 < len(message.with_flows.encoded)
    assert "flows" in json.loads(message.with_flows.batch_entry)


def test_message_that_is_no_power_has_no_flows() -> None:
    message = Feed("AL1").publish(LinkLost(kind="reset", message="x"))  # type: ignore[arg-type]
    assert message.with_flows is message
