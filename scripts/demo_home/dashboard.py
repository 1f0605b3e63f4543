"""The demo's dashboard: the house at a glance and what can be ordered of it, then what it did today."""

from collections.abc import Iterable, Mapping
import hashlib
import json
from typing import Any

from .home import Conversation
from .registry import by_key

type Card = dict[str, Any]
type Tile = tuple[str, str, str, str]
"""Key, name, icon, colour."""

PATH = "alphaess-live"
TITLE = "AlphaESS Live"
ICON = "mdi:home-lightning-bolt"

CARD = "custom:alphaess-live-card"
FLOWS = (
    ("pv_power", "Solar"),
    ("load_power", "House"),
    ("battery_power", "Battery"),
    ("grid_power", "Grid"),
)
"""Key, name."""
INVERTER: tuple[Tile, ...] = (
    ("modbus", "Modbus", "mdi:lan-connect", "green"),
    ("inverter_work_mode", "Mode", "mdi:solar-power", "blue-grey"),
    ("problem", "Problem", "mdi:shield-check", "red"),
    ("faults", "Faults", "mdi:alert-outline", "blue-grey"),
    ("inverter_temperature", "Inverter", "mdi:thermometer", "orange"),
    ("battery_temperature_max", "Battery", "mdi:thermometer", "teal"),
)
DISPATCH = (("dispatch_status", "Dispatch", "mdi:calendar-clock", "teal"),)
ORDERS = (
    ("dispatch_charge", "Charge", "mdi:battery-charging"),
    ("dispatch_discharge", "Discharge", "mdi:battery-minus"),
    ("dispatch_hold", "Hold", "mdi:battery-lock"),
    ("dispatch_stop", "Stop", "mdi:stop"),
)
"""Key, name, icon."""
WISHES = (
    ("dispatch_power", "Power", "mdi:flash", "teal"),
    ("dispatch_duration", "Duration", "mdi:timer-outline", "teal"),
    ("dispatch_charge_target", "Charge to", "mdi:battery-arrow-up", "teal"),
    ("dispatch_discharge_target", "Discharge to", "mdi:battery-arrow-down", "teal"),
)
SOLAR = ("pv_energy", "Solar", "mdi:solar-power-variant", "amber")
OTHERS = (
    ("grid_import_energy", "Bought", "mdi:transmission-tower-import", "deep-purple"),
    ("grid_export_energy", "Sold", "mdi:transmission-tower-export", "deep-purple"),
    ("battery_charge_energy", "Charged", "mdi:battery-arrow-up", "teal"),
    ("battery_discharge_energy", "Discharged", "mdi:battery-arrow-down", "teal"),
)
"""Their keys lack the span."""
TODAY = (SOLAR, ("load_energy", "Used", "mdi:home-lightning-bolt", "blue"), *OTHERS)
HEALTH = ("battery_soh", "Battery health", "mdi:battery-heart-variant", "teal")
CHARGE = "battery_soc"


def compose(entities: Iterable[Mapping[str, Any]]) -> Card:
    """Lay out the cards of those entities that there are."""
    found = by_key(entities)
    now = _titled("Now", "mdi:home-lightning-bolt", [{"type": CARD}])
    inverter = _titled("The inverter", "mdi:lan", _tiles(INVERTER, found))
    battery = _titled("Battery control", "mdi:battery-sync", _orders(found))
    power = _titled("Power", "mdi:chart-line", _histories(found))
    today = _titled("Today", "mdi:calendar-today", _tiles(_over("today", TODAY), found))
    ever = (*_over("total", (SOLAR, *OTHERS)), HEALTH)
    built = _titled("Since it was built", "mdi:counter", _tiles(ever, found))
    view = {
        "title": "House",
        "type": "sections",
        "max_columns": 2,
        "sections": [
            _section(now),
            _section([*inverter, *battery]),
            # Below the fold: in the first minutes of a demo there is little to draw.
            _section(power),
            _section([*today, *built]),
        ],
    }
    return {"views": [view]}


def _section(cards: list[Card]) -> Card:
    return {"type": "grid", "cards": cards}


def fingerprint(dashboard: Card) -> str:
    """Tell two dashboards apart in one short word."""
    return hashlib.sha256(json.dumps(dashboard).encode()).hexdigest()[:16]


async def hang(conversation: Conversation, dashboard: Card) -> None:
    """Put it where Home Assistant begins."""
    present = await conversation.ask("lovelace/dashboards/list")
    if PATH not in {item["url_path"] for item in present}:
        await conversation.ask(
            "lovelace/dashboards/create",
            url_path=PATH,
            mode="storage",
            title=TITLE,
            icon=ICON,
            show_in_sidebar=True,
            require_admin=False,
        )
    await conversation.ask("lovelace/config/save", url_path=PATH, config=dashboard)
    await conversation.ask(
        "frontend/set_system_data", key="core", value={"default_panel": PATH}
    )


def _titled(heading: str, icon: str, cards: list[Card]) -> list[Card]:
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


def _over(span: str, rows: Iterable[Tile]) -> Iterable[Tile]:
    return ((f"{key}_{span}", name, icon, color) for key, name, icon, color in rows)


def _orders(found: Mapping[str, str]) -> list[Card]:
    buttons = [
        {
            "type": "button",
            "entity": found[key],
            "name": name,
            "icon": icon,
            "icon_height": "28px",
            "grid_options": {"columns": 3, "rows": 2},
        }
        for key, name, icon in ORDERS
        if key in found
    ]
    slider = {"features": [{"type": "numeric-input", "style": "slider"}]}
    wide = {"grid_options": {"columns": 12}}
    running = [tile | wide for tile in _tiles(DISPATCH, found)]
    wishes = [tile | slider for tile in _tiles(WISHES, found)]
    return [*running, *buttons, *wishes]


def _histories(found: Mapping[str, str]) -> list[Card]:
    powers = [
        {"entity": found[key], "name": name} for key, name in FLOWS if key in found
    ]
    charge = [{"entity": found[CHARGE], "name": "Battery"}]
    return [
        {
            "type": "history-graph",
            "entities": entities,
            "hours_to_show": 1,
            "grid_options": {"columns": 12, "rows": rows},
        }
        for entities, rows in ((powers, 5), (charge, 3))
    ]
