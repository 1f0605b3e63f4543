"""Serves the cards and makes every dashboard know them."""

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
    """Put the bundle behind its address; once, since an address cannot be taken back."""
    path = StaticPathConfig(CARD_URL, str(BUNDLE_PATH), cache_headers=True)
    await hass.http.async_register_static_paths([path])


async def register_resource(hass: HomeAssistant) -> None:
    """Have dashboards load the cards: by a resource, or where those are YAML, by an extra module.

    A resource is loaded before the cards are drawn. An extra module races them, and
    often loses: then a card shows "Custom element doesn't exist".
    """
    url = f"{CARD_URL}?v={await _version(hass)}"
    resources = _stored_resources(hass)
    if resources is None:
        if "frontend" in hass.config.components:
            add_extra_js_url(hass, url)
        return
    known = await _own_resources(resources)
    for extra in known[1:]:
        await resources.async_delete_item(extra["id"])
    if not known:
        await resources.async_create_item({"res_type": "module", "url": url})
    elif known[0]["url"] != url:
        await resources.async_update_item(known[0]["id"], {"url": url})


async def remove_resource(hass: HomeAssistant) -> None:
    """Take the resource out again: the last inverter is gone."""
    resources = _stored_resources(hass)
    if resources is not None:
        for resource in await _own_resources(resources):
            await resources.async_delete_item(resource["id"])


async def _version(hass: HomeAssistant) -> str:
    """Name the bundle by its release and its content: browsers keep it for a month."""
    integration = await async_get_integration(hass, DOMAIN)
    content = await hass.async_add_executor_job(BUNDLE_PATH.read_bytes)
    return f"{integration.version}-{sha256(content).hexdigest()[:8]}"


def _stored_resources(hass: HomeAssistant) -> ResourceStorageCollection | None:
    """Find the resources that dashboards load, unless they are written in YAML."""
    lovelace = hass.data.get(LOVELACE_DATA)
    resources = lovelace.resources if lovelace else None
    return resources if isinstance(resources, ResourceStorageCollection) else None


async def _own_resources(resources: ResourceStorageCollection) -> list[dict[str, Any]]:
    await resources.async_get_info()  # It is loaded when it is first asked.
    return [
        item
        for item in resources.async_items()
        if item["url"].partition("?")[0] == CARD_URL
    ]
