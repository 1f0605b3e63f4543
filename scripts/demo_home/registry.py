"""Finds our entities by what they tell, whatever Home Assistant called them."""

from collections.abc import Iterable, Mapping
from typing import Any

from custom_components.alphaess_live.const import DOMAIN


def by_key(entities: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Read the registry: which entity shows a key such as `battery_soc`."""
    return {
        entity["unique_id"].partition("_")[2]: entity["entity_id"]
        for entity in entities
        if entity["platform"] == DOMAIN and not entity["disabled_by"]
    }
