"""Tells Home Assistant's own energy dashboard which of our entities to count."""

from collections.abc import Iterable, Mapping
from typing import Any

from .home import Conversation
from .registry import by_key


async def watch_energy(
    conversation: Conversation, entities: Iterable[Mapping[str, Any]]
) -> None:
    """Give it grid, panels and battery."""
    found = by_key(entities)
    sources = [
        {
            "type": "grid",
            "stat_energy_from": found["grid_import_energy_total"],
            "stat_energy_to": found["grid_export_energy_total"],
            "stat_rate": found["grid_power"],
            "cost_adjustment_day": 0,
        },
        {
            "type": "solar",
            "stat_energy_from": found["pv_energy_total"],
            "stat_rate": found["pv_power"],
        },
        {
            "type": "battery",
            "stat_energy_from": found["battery_discharge_energy_total"],
            "stat_energy_to": found["battery_charge_energy_total"],
            "stat_rate": found["battery_power"],
            "stat_soc": found["battery_soc"],
        },
    ]
    await conversation.ask(
        "energy/save_prefs", energy_sources=sources, device_consumption=[]
    )
