"""Builds the demo's dashboard: live card, battery control, power history, today's energy."""

from collections.abc import Iterable, Mapping
import hashlib
import json
from typing import Any

from custom_components.alphaess_live.totals.energy_dashboard import energy_sources

from .ha_client import HomeAssistantWebSocket, entity_ids_by_key

type Card = dict[str, Any]
type Tile = tuple[str, str, str, str]
"""Key, name, icon, colour."""

PATH = "alphaess-live"
TITLE = "AlphaESS Live"
ICON = "mdi:home-lightning-bolt"

LIVE_CARD = "custom:alphaess-live-card"
POWER_SERIES = (
    ("pv_power", "Solar"),
    ("load_power", "House"),
    ("battery_power", "Battery"),
    ("grid_power", "Grid"),
)
"""Key, name."""
INVERTER_TILES: tuple[Tile, ...] = (
    ("modbus", "Modbus", "mdi:lan-connect", "green"),
    ("inverter_work_mode", "Mode", "mdi:solar-power", "blue-grey"),
    ("problem", "Problem", "mdi:shield-check", "red"),
    ("faults", "Faults", "mdi:alert-outline", "blue-grey"),
    ("inverter_temperature", "Inverter", "mdi:thermometer", "orange"),
    ("battery_temperature_max", "Battery", "mdi:thermometer", "teal"),
)
DISPATCH_TILES = (("dispatch_status", "Dispatch", "mdi:calendar-clock", "teal"),)
DISPATCH_BUTTONS = (
    ("dispatch_charge", "Charge", "mdi:battery-charging"),
    ("dispatch_discharge", "Discharge", "mdi:battery-minus"),
    ("dispatch_hold", "Hold", "mdi:battery-lock"),
    ("dispatch_stop", "Stop", "mdi:stop"),
)
"""Key, name, icon."""
DISPATCH_SETPOINTS = (
    ("dispatch_power", "Power", "mdi:flash", "teal"),
    ("dispatch_duration", "Duration", "mdi:timer-outline", "teal"),
    ("dispatch_charge_target", "Charge to", "mdi:battery-arrow-up", "teal"),
    ("dispatch_discharge_target", "Discharge to", "mdi:battery-arrow-down", "teal"),
)
SOLAR_ENERGY = ("pv_energy", "Solar", "mdi:solar-power-variant", "amber")
OTHER_ENERGIES = (
    ("grid_import_energy", "Bought", "mdi:transmission-tower-import", "deep-purple"),
    ("grid_export_energy", "Sold", "mdi:transmission-tower-export", "deep-purple"),
    ("battery_charge_energy", "Charged", "mdi:battery-arrow-up", "teal"),
    ("battery_discharge_energy", "Discharged", "mdi:battery-arrow-down", "teal"),
)
"""Keys without their period (`_today`, `_total`)."""
ENERGIES_TODAY = (
    SOLAR_ENERGY,
    ("load_energy", "Used", "mdi:home-lightning-bolt", "blue"),
    *OTHER_ENERGIES,
)
BATTERY_HEALTH = ("battery_soh", "Battery health", "mdi:battery-heart-variant", "teal")
BATTERY_SOC = "battery_soc"


def build_dashboard(entities: Iterable[Mapping[str, Any]]) -> Card:
    """Return the dashboard's configuration, with cards for the entities that exist."""
    found = entity_ids_by_key(entities)
    now = _with_heading("Now", "mdi:home-lightning-bolt", [{"type": LIVE_CARD}])
    inverter = _with_heading("The inverter", "mdi:lan", _tiles(INVERTER_TILES, found))
    battery = _with_heading(
        "Battery control", "mdi:battery-sync", _dispatch_cards(found)
    )
    power = _with_heading("Power", "mdi:chart-line", _history_graphs(found))
    today = _with_heading(
        "Today",
        "mdi:calendar-today",
        _tiles(_for_period("today", ENERGIES_TODAY), found),
    )
    total = (*_for_period("total", (SOLAR_ENERGY, *OTHER_ENERGIES)), BATTERY_HEALTH)
    built = _with_heading("Since it was built", "mdi:counter", _tiles(total, found))
    view = {
        "title": "House",
        "type": "sections",
        "max_columns": 2,
        "sections": [
            _section(now),
            _section([*inverter, *battery]),
            # Below the fold, because the graphs are empty in the first minutes of a demo.
            _section(power),
            _section([*today, *built]),
        ],
    }
    return {"views": [view]}


def _section(cards: list[Card]) -> Card:
    return {"type": "grid", "cards": cards}


def fingerprint(dashboard: Card) -> str:
    """Return a short hash of a dashboard's configuration."""
    return hashlib.sha256(json.dumps(dashboard).encode()).hexdigest()[:16]


async def save_dashboard(web_socket: HomeAssistantWebSocket, dashboard: Card) -> None:
    """Save the dashboard and make it the default panel."""
    existing = await web_socket.call("lovelace/dashboards/list")
    if PATH not in {item["url_path"] for item in existing}:
        await web_socket.call(
            "lovelace/dashboards/create",
            url_path=PATH,
            mode="storage",
            title=TITLE,
            icon=ICON,
            show_in_sidebar=True,
            require_admin=False,
        )
    await web_socket.call("lovelace/config/save", url_path=PATH, config=dashboard)
    await web_socket.call(
        "frontend/set_system_data", key="core", value={"default_panel": PATH}
    )


async def save_energy_sources(
    web_socket: HomeAssistantWebSocket, entities: Iterable[Mapping[str, Any]]
) -> None:
    """Set the sources of the energy dashboard to those that the integration's action adds."""
    await web_socket.call(
        "energy/save_prefs",
        energy_sources=energy_sources(entity_ids_by_key(entities)),
        device_consumption=[],
    )


def _with_heading(heading: str, icon: str, cards: list[Card]) -> list[Card]:
    return [{"type": "heading", "heading": heading, "icon": icon}, *cards]


def _tiles(rows: Iterable[Tile], found: Mapping[str, str]) -> list[Card]:
    return [
        {
            "type": "tile",
            "entity": found[key],
            "name": name,
            "icon": icon,
            "color": color,
        }
        for key, name, icon, color in rows
        if key in found
    ]


def _for_period(period: str, rows: Iterable[Tile]) -> Iterable[Tile]:
    return ((f"{key}_{period}", name, icon, color) for key, name, icon, color in rows)


def _dispatch_cards(found: Mapping[str, str]) -> list[Card]:
    buttons = [
        {
            "type": "button",
            "entity": found[key],
            "name": name,
            "icon": icon,
            "icon_height": "28px",
            "tap_action": {
                "action": "perform-action",
                "perform_action": "button.press",
                "target": {"entity_id": found[key]},
            },
            "grid_options": {"columns": 3, "rows": 2},
        }
        for key, name, icon in DISPATCH_BUTTONS
        if key in found
    ]
    slider = {"features": [{"type": "numeric-input", "style": "slider"}]}
    wide = {"grid_options": {"columns": 12}}
    running = [tile | wide for tile in _tiles(DISPATCH_TILES, found)]
    setpoints = [tile | slider for tile in _tiles(DISPATCH_SETPOINTS, found)]
    return [*running, *buttons, *setpoints]


def _history_graphs(found: Mapping[str, str]) -> list[Card]:
    powers = [
        {"entity": found[key], "name": name}
        for key, name in POWER_SERIES
        if key in found
    ]
    charge = [{"entity": found[BATTERY_SOC], "name": "Battery"}]
    return [
        {
            "type": "history-graph",
            "entities": entities,
            "hours_to_show": 1,
            "grid_options": {"columns": 12, "rows": rows},
        }
        for entities, rows in ((powers, 5), (charge, 3))
    ]
