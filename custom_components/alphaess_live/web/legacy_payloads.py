"""The fields of the followed system in REST responses, beside ours where they do not collide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..alphaess.identity import Identity
from ..alphaess.snapshot import Snapshot
from ..feed.flows import (
    AC_SOLAR,
    BATTERY,
    GRID,
    HOME,
    INVERTER,
    flow_targets,
    solar_names,
)
from ..monitor.dispatch_record import DispatchRecord
from .view import Json

type EnergyToday = Mapping[str, float | None]
"""What has flowed today in kWh, by the keys of the sensors; without those that the user may not read."""

_TODAY = {
    ("pv", "energyToday"): "pv_energy_today",
    ("pv", "dailyEnergy"): "pv_energy_today",
    ("grid", "dailyImport"): "grid_import_energy_today",
    ("grid", "dailyExport"): "grid_export_energy_today",
    ("battery", "dailyCharge"): "battery_charge_energy_today",
    ("battery", "dailyDischarge"): "battery_discharge_energy_today",
    ("load", "dailyEnergy"): "load_energy_today",
}
"""The names of the sensors of today in a complete status."""

TODAY_KEYS = frozenset(_TODAY.values())


def add_status_fields(content: Json, snapshot: Snapshot, today: EnergyToday) -> None:
    """Add the fields of a complete status: °C, W, kWh."""
    battery, output = snapshot.battery, snapshot.output
    content["battery"]["temperature"] = battery.temperature_max if battery else None
    content["load"]["inverterPower"] = output.power if output else None
    for string in content["pv"]["strings"]:
        content["pv"][f"pv{string['index']}Power"] = string["power"]
    for (group, name), key in _TODAY.items():
        content[group][name] = today.get(key)


def pv_details(snapshot: Snapshot, identity: Identity, *, today: float | None) -> Json:
    """Convert all values of PV generation: W, V, A, kWh.

    The currents are those of the PV meter: a hybrid inverter's also flow to the battery.
    """
    meter = snapshot.pv_meter if identity.ac_coupled else None
    source = meter or snapshot.output
    phases = {
        f"{name}L{phase}": getattr(part, f"{name}_l{phase}") if part else None
        for name, part in (("voltage", source), ("current", meter))
        for phase in (1, 2, 3)
    }
    return phases | {
        "activePower": snapshot.power.pv,
        "energyToday": today,
        "energyTotal": snapshot.derived.pv_energy_total,
    }


def dispatch(content: Json) -> Json:
    """Repeat the state of the dispatch: W, %, s."""
    power = content["power"]
    return {
        "watts": None if power is None else abs(power),
        "targetSOC": content["targetSoc"],
        "remainingSeconds": content["remaining"],
    }


def running_dispatch(records: tuple[DispatchRecord, ...]) -> int | None:
    """Return the number of our running dispatch: its start, in milliseconds of Unix time."""
    running = [one for one in records if one.ended_at is None and not one.is_foreign]
    return round(running[-1].started_at.timestamp() * 1000) if running else None


@dataclass(frozen=True, kw_only=True)
class Component:
    """A part of the house, and what is known of it."""

    key: str
    name: str
    type: str
    source: str
    """The path of its power in a complete status."""
    specs: Mapping[str, Any]
    devices: tuple[str, ...] = ()


def diagram(identity: Identity, *, export_allowed: bool | None) -> Json:
    """Convert the house to the levels and flows of a diagram: the grid, and the inverter with all that it connects."""
    grid, inverter, *parts = components = tuple(_components(identity))
    numbers = {one.key: number for number, one in enumerate(components, 1)}
    flows = tuple(flow_targets(solar_names(identity)))

    def to_json(component: Component, children: list[Json] | None = None) -> Json:
        key = component.key
        return {
            "id": numbers[key],
            "component_key": key,
            "name": component.name,
            "type": component.type,
            "category": "group" if children is None else "main",
            "dataSource": component.source,
            "specs": dict(component.specs),
            "subComponents": _devices(component) if children is None else children,
            "flowTo": [target for source, target in flows if source == key],
            "flowFrom": [source for source, target in flows if target == key],
        }

    levels = (
        ("external", "Grid", to_json(grid, [])),
        ("house", "House", to_json(inverter, [to_json(part) for part in parts])),
    )
    return {
        "levels": [
            {"level": number, "name": name, "label": label, "components": [component]}
            for number, (name, label, component) in enumerate(levels, 1)
        ],
        "flowRules": {
            "priority": ["solar", "battery", "grid"],
            "exportAllowed": export_allowed,
        },
    }


def _components(identity: Identity) -> Iterator[Component]:
    watts = {"maxPower": identity.rated_power, "unit": "W"}
    yield Component(key=GRID, name="Grid", type="grid", source="grid.power", specs={})
    yield Component(
        key=INVERTER,
        name=identity.model or "Inverter",
        type="inverter",
        source="load.inverterPower",
        specs={"phases": identity.phases, **(watts if identity.rated_power else {})},
    )
    for key in solar_names(identity):
        number = key.removeprefix("solar_")
        is_string = key != AC_SOLAR
        yield Component(
            key=key,
            name=f"PV {number}" if is_string else "AC-coupled PV",
            type="solar_system",
            source=f"pv.pv{number}Power" if is_string else "pv.power",
            specs={},
        )
    yield Component(
        key=HOME, name="Home", type="home_usage", source="load.power", specs={}
    )
    capacity = {"totalCapacity": identity.battery_capacity, "unit": "kWh"}
    yield Component(
        key=BATTERY,
        name="Battery",
        type="battery_system",
        source="battery.power",
        specs={"modules": identity.battery_modules, **capacity},
        devices=(identity.battery_model,) if identity.battery_model else (),
    )


def _devices(component: Component) -> list[Json]:
    return [
        {"name": name, "type": component.type, "category": "device", "specs": None}
        for name in component.devices
    ]
