"""Tells Home Assistant's own energy dashboard which of our entities to count."""

from collections.abc import Iterable, Mapping
from typing import Any

from custom_components.alphaess_live.totals.energy_dashboard import sources

from .home import Conversation
from .registry import by_key


async def watch_energy(
    conversation: Conversation, entities: Iterable[Mapping[str, Any]]
) -> None:
    """Give it grid, panels and battery, as the integration's own action does."""
    await conversation.ask(
        "energy/save_prefs",
        energy_sources=sources(by_key(entities)),
        device_consumption=[],
    )
