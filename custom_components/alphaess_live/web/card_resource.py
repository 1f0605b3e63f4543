"""Serves the file of the cards and adds it to the resources of all dashboards."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from homeassistant.components.frontend import add_extra_js_url
from homeassistant.components.http.server import StaticPathConfig
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.resources import ResourceStorageCollection
from homeassistant.core import HomeAssistant
from homeassistant.loader import async_get_integration

from ..const import DOMAIN

CARD_URL = f"/{DOMAIN}/alphaess-live.js"
BUNDLE_PATH = Path(__file__).parent.parent / "frontend" / "alphaess-live.js"


async def register_static_path(hass: HomeAssistant) -> None:
    """Serve the bundle, once: Home Assistant cannot remove a static path."""
    path = StaticPathConfig(CARD_URL, str(BUNDLE_PATH), cache_headers=True)
    await hass.http.async_register_static_paths([path])


async def register_resource(hass: HomeAssistant) -> None:
    """Make all dashboards load the cards: as a resource, or as an extra module where resources are YAML.

    A resource is loaded before the cards are drawn. An extra module is loaded at the
    same time; a card that is drawn first shows "Custom element doesn't exist".
    """
    url = f"{CARD_URL}?v={await _version(hass)}"
    resources = _stored_resources(hass)
    if resources is None:
        if "frontend" in hass.config.components:
            add_extra_js_url(hass, url)
        return
    existing = await _own_resources(resources)
    for duplicate in existing[1:]:
        await resources.async_delete_item(duplicate["id"])
    if not existing:
        await resources.async_create_item({"res_type": "module", "url": url})
    elif existing[0]["url"] != url:
        await resources.async_update_item(existing[0]["id"], {"url": url})


async def remove_resource(hass: HomeAssistant) -> None:
    """Remove the resource, after the last inverter was removed."""
    resources = _stored_resources(hass)
    if resources is not None:
        for resource in await _own_resources(resources):
            await resources.async_delete_item(resource["id"])


async def _version(hass: HomeAssistant) -> str:
    """Return the release and a hash of the content, because browsers cache the file for a month."""
    integration = await async_get_integration(hass, DOMAIN)
    content = await hass.async_add_executor_job(BUNDLE_PATH.read_bytes)
    return f"{integration.version}-{sha256(content).hexdigest()[:8]}"


def _stored_resources(hass: HomeAssistant) -> ResourceStorageCollection | None:
    """Return the resources of all dashboards; None if they are defined in YAML."""
    lovelace = hass.data.get(LOVELACE_DATA)
    resources = lovelace.resources if lovelace else None
    return resources if isinstance(resources, ResourceStorageCollection) else None


async def _own_resources(resources: ResourceStorageCollection) -> list[dict[str, Any]]:
    await resources.async_get_info()  # Loads the collection on the first call.
    items = resources.async_items()
    return [item for item in items if item["url"].partition("?")[0] == CARD_URL]
