"""The demo's dashboard: the house at a glance, then what it did today."""

from collections.abc import Iterable, Mapping
import hashlib
import json
from typing import Any

from .home import Conversation
from .registry import by_key

type Card = dict[str, Any]

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
TOTALS = (
    ("pv_energy_total", "Solar", "mdi:solar-power-variant", "amber"),
    (
        "grid_import_energy_total",
        "Bought",
        "mdi:transmission-tower-import",
        "deep-purple",
    ),
    (
        "grid_export_energy_total",
        "Sold",
        "mdi:transmission-tower-export",
        "deep-purple",
    ),
    ("battery_charge_energy_total", "Charged", "mdi:battery-arrow-up", "teal"),
    ("battery_discharge_energy_total", "Discharged", "mdi:battery-arrow-down", "teal"),
)
"""Key, name, icon, colour."""
LINK = (
    ("modbus", "Modbus", "mdi:lan-connect", "green"),
    ("inverter_work_mode", "Mode", "mdi:solar-power", "blue-grey"),
    ("inverter_temperature", "Temperature", "mdi:thermometer", "orange"),
    ("dispatch_status", "Dispatch", "mdi:calendar-clock", "blue-grey"),
)
CHARGE = "battery_soc"


def compose(entities: Iterable[Mapping[str, Any]]) -> Card:
    """Lay out the cards of those entities that there are."""
    found = by_key(entities)
    now = _titled("Now", "mdi:home-lightning-bolt", [{"type": CARD}])
    built = _titled("Since it was built", "mdi:counter", _tiles(TOTALS, found))
    inverter = _titled("The inverter", "mdi:lan", _tiles(LINK, found))
    power = _titled("Power", "mdi:chart-line", _histories(found))
    view = {
        "title": "House",
        "type": "sections",
        "max_columns": 2,
        "sections": [
            _section(now),
            _section([*built, *inverter]),
            # Below the fold: in the first minutes of a demo there is little to draw.
            _section(power) | {"column_span": 2},
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


def _tiles(
    rows: Iterable[tuple[str, str, str, str]], found: Mapping[str, str]
) -> list[Card]:
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
