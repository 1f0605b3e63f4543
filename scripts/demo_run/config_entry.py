"""Adds the inverter to Home Assistant through its config flow, as a user does."""

from typing import Any

from custom_components.alphaess_live.const import DOMAIN

from . import DemoError
from .ha_client import HomeAssistantClient, HomeAssistantWebSocket
from .options import Address

CONFIG_FLOW_PATH = "/api/config/config_entries/flow"
CONFIG_ENTRY_PATH = "/api/config/config_entries/entry"
DEFAULT_UNIT_ID = 85
"""The Modbus unit id of an AlphaESS inverter as it is delivered."""


async def has_inverter(web_socket: HomeAssistantWebSocket) -> bool:
    """Return whether an inverter has been added."""
    return bool(await web_socket.call("config_entries/get", domain=DOMAIN))


async def remove_inverters(
    client: HomeAssistantClient, web_socket: HomeAssistantWebSocket
) -> None:
    """Remove the inverters that an earlier demo added."""
    for entry in await web_socket.call("config_entries/get", domain=DOMAIN):
        await client.delete(f"{CONFIG_ENTRY_PATH}/{entry['entry_id']}")


async def add_inverter(client: HomeAssistantClient, address: Address) -> None:
    """Add the inverter at this address. Raises DemoError with the form's error text."""
    flow = await client.post(CONFIG_FLOW_PATH, {"handler": DOMAIN})
    step = f"{CONFIG_FLOW_PATH}/{flow['flow_id']}"
    await client.post(step, {"next_step_id": "network"})
    form = {"host": address.host, "port": address.port, "unit_id": DEFAULT_UNIT_ID}
    result = await client.post(step, form)
    if result["type"] != "create_entry":
        raise DemoError(await _error_text(client, result))


async def _error_text(client: HomeAssistantClient, result: dict[str, Any]) -> str:
    """Return the translated text of a flow's error or abort reason."""
    async with client.web_socket() as web_socket:
        translations = await web_socket.call(
            "frontend/get_translations",
            language="en",
            category="config",
            integration=DOMAIN,
        )
    kind, key = (
        ("error", next(iter(result["errors"].values())))
        if result["type"] == "form"
        else ("abort", result["reason"])
    )
    text: str = translations["resources"][f"component.{DOMAIN}.config.{kind}.{key}"]
    return text.format_map(result["description_placeholders"] or {})
