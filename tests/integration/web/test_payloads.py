"""The JSON of readings, faults and PV details."""

from dataclasses import replace
import json
from typing import Any

from custom_components.alphaess_live.alphaess.registers import PvMeter
from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.feed.messages import rfc3339
from custom_components.alphaess_live.web.payloads import pv_details

from ..conftest import House, poll
from .conftest import Client


async def test_complete_status_contains_every_reading_in_camel_case(
    client: Client, home: House
) -> None:
    status = await (await client.get("/api/alphaess/status")).json()
    latest = home.coordinator.latest
    assert latest
    assert latest.battery
    assert status["battery"]["soc"] == latest.power.soc
    assert status["grid"]["power"] == latest.power.grid
    assert status["load"]["power"] == latest.power.load
    assert status["battery"]["chargeEnergyTotal"] == latest.battery.charge_energy_total
    assert status["pv"]["energyTotal"] == latest.derived.pv_energy_total
    assert [string["index"] for string in status["pv"]["strings"]] == [1, 2]
    assert status["inverter"]["workMode"] == "online"
    body = json.dumps(status)
    for reading in READINGS:
        elsewhere = reading.key.startswith(("pv", "dispatch"))
        if reading.of(latest) is not None and not elsewhere:
            name = "".join(w.capitalize() for w in reading.key.split("_")[1:])
            assert f'"{name[0].lower()}{name[1:]}"' in body


async def test_fault_contains_the_time_of_its_first_reading(
    client: Client, home: House
) -> None:
    home.inverter.set_faults("battery_fault", 3)
    home.inverter.set_faults("inverter_warning_2", 8)
    await poll(home, full=True)
    [first] = {rfc3339(at) for at in home.coordinator.fault_tracker.since.values()}
    await poll(home, full=True)
    status = await (await client.get("/api/alphaess/status")).json()
    assert status["timestamp"] > first
    assert status["faults"] == [
        {
            "code": "battery_dial_switch_mode_mismatch",
            "source": "battery_fault",
            "text": "Battery dial switch mode mismatch",
            "since": first,
            "bit": 3,
            "probable": True,
        }
    ]
    assert [warning["code"] for warning in status["warnings"]] == ["no_pv_input"]


async def test_unknown_energy_of_a_pv_meter_is_null(home: House) -> None:
    latest = home.coordinator.latest
    assert latest
    counters: Any = {"energy_1_total": None, "energy_2_total": 3000.0}
    meter = replace(PvMeter.neutral(), power=0, **counters)
    identity = replace(home.coordinator.identity, ac_coupled=True)
    details = pv_details(replace(latest, pv_meter=meter), identity, today=None)
    assert details["acCoupled"] == {"power": 0, "energy": None}
    meter = replace(meter, energy_1_total=0.05)
    details = pv_details(replace(latest, pv_meter=meter), identity, today=None)
    assert details["acCoupled"] == {"power": 0, "energy": 3000.0}


async def test_pv_details_contain_each_string(client: Client) -> None:
    details = await (await client.get("/api/alphaess/pv-details")).json()
    strings = details["strings"]
    assert details["power"] == sum(string["power"] for string in strings)
    assert set(strings[0]) == {"index", "voltage", "current", "power"}
    assert details["acCoupled"] is None
    assert details["energy"]["total"] > 0
