"""Gives Home Assistant the inverter, through the same form that a person fills in."""

from typing import Any

from custom_components.alphaess_live.const import DOMAIN

from .errors import DemoError
from .home import Conversation, Home
from .options import Address

FLOW = "/api/config/config_entries/flow"
ENTRY = "/api/config/config_entries/entry"
UNIT_ID = 85
"""Where every AlphaESS answers that nobody changed."""


async def is_added(conversation: Conversation) -> bool:
    """Tell whether there is an inverter already."""
    return bool(await conversation.ask("config_entries/get", domain=DOMAIN))


async def remove_all(home: Home, conversation: Conversation) -> None:
    """Take away the inverters that another demo left."""
    for entry in await conversation.ask("config_entries/get", domain=DOMAIN):
        await home.delete(f"{ENTRY}/{entry['entry_id']}")


async def add(home: Home, address: Address) -> None:
    """Add the inverter at this address. Raises DemoError in the form's own words."""
    flow = await home.post(FLOW, {"handler": DOMAIN})
    step = f"{FLOW}/{flow['flow_id']}"
    await home.post(step, {"next_step_id": "network"})
    form = {"host": address.host, "port": address.port, "unit_id": UNIT_ID}
    result = await home.post(step, form)
    if result["type"] != "create_entry":
        raise DemoError(await _complaint(home, result))


async def _complaint(home: Home, result: dict[str, Any]) -> str:
    """Find the sentence that a person would read."""
    async with home.conversation() as conversation:
        sentences = await conversation.ask(
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
    sentence: str = sentences["resources"][f"component.{DOMAIN}.config.{kind}.{key}"]
    return sentence.format_map(result["description_placeholders"] or {})
