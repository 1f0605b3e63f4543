"""docs/asyncapi.yaml against recorded traffic of the live feed, in both directions."""

import asyncio
from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType
from homeassistant.core import HomeAssistant
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT7
import yaml

from custom_components.alphaess_live.web.commands import COMMANDS

from ..conftest import House, poll
from .conftest import Client, Clients, Sockets, bring_back, create_token, lose
from .rest_client import CHARGE_PATH, ORDER, send_order
from .test_commands import INVALID_MESSAGES
from .ws_client import PATH, publish_power

DOCS = Path(__file__).parents[3] / "docs"
SPEC: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text("utf-8"))
OPENAPI: dict[str, Any] = yaml.safe_load((DOCS / "openapi.yaml").read_text("utf-8"))
CHANNEL = SPEC["channels"]["powerData"]
MESSAGES: dict[str, Any] = SPEC["components"]["messages"]
REGISTRY: Registry[Any] = Registry().with_resources(
    [
        ("asyncapi.yaml", DRAFT7.create_resource(SPEC)),
        ("openapi.yaml", DRAFT7.create_resource(OPENAPI)),
    ]
)

ALLOWED_KEYS = {
    "root": {
        *("asyncapi", "info", "defaultContentType", "servers"),
        *("channels", "operations", "components"),
    },
    "info": {"title", "version", "description", "license"},
    "server": {"host", "protocol", "description", "security"},
    "channel": {"address", "description", "servers", "messages", "bindings"},
    "ws": {"method", "query", "headers", "bindingVersion"},
    "operation": {"action", "summary", "channel", "messages"},
    "components": {"securitySchemes", "messages", "schemas"},
    "message": {"summary", "payload"},
}
"""The fields of AsyncAPI 3.0 that the document uses, by the kind of object."""


def resolve(reference: str) -> Any:
    """Return what a reference points to."""
    document, _, pointer = reference.partition("#")
    content: Any = OPENAPI if document == "openapi.yaml" else SPEC
    for name in pointer.strip("/").split("/"):
        content = content[name]
    return content


def references(content: Any) -> Iterator[str]:
    """Yield all references in a part of the document."""
    if isinstance(content, dict):
        if "$ref" in content:
            assert set(content) == {"$ref"}
            yield content["$ref"]
        for value in content.values():
            yield from references(value)
    elif isinstance(content, list):
        for value in content:
            yield from references(value)


def names_in(operation: str) -> set[str]:
    """Return the messages of an operation."""
    prefix = "#/channels/powerData/messages/"
    listed = [one["$ref"] for one in SPEC["operations"][operation]["messages"]]
    assert all(one.startswith(prefix) for one in listed)
    names = {one.removeprefix(prefix) for one in listed}
    assert len(names) == len(listed)
    return names


def documented_fields(schema: Any) -> set[str]:
    """Return the fields of a payload."""
    if "$ref" in schema:
        return documented_fields(resolve(schema["$ref"]))
    parts = [documented_fields(one) for one in schema.get("allOf", ())]
    return set(schema.get("properties", ())).union(*parts)


def validate(message: dict[str, Any], operation: str) -> str:
    """Validate a message of an operation; return its type."""
    name: str = message["type"]
    assert name in names_in(operation)
    reference = {"$ref": f"asyncapi.yaml#/components/messages/{name}/payload"}
    Draft7Validator(reference, registry=REGISTRY).validate(message)
    undocumented = set(message) - documented_fields(MESSAGES[name]["payload"])
    assert not undocumented, name
    return name


def test_document_has_only_the_fields_of_asyncapi_3() -> None:
    assert SPEC["asyncapi"] == "3.0.0"
    objects = {
        "root": [SPEC],
        "info": [SPEC["info"]],
        "server": SPEC["servers"].values(),
        "channel": SPEC["channels"].values(),
        "ws": [CHANNEL["bindings"]["ws"]],
        "operation": SPEC["operations"].values(),
        "components": [SPEC["components"]],
        "message": MESSAGES.values(),
    }
    assert objects.keys() == ALLOWED_KEYS.keys()
    for kind, found in objects.items():
        for one in found:
            assert set(one) <= ALLOWED_KEYS[kind], kind
    assert {one["action"] for one in SPEC["operations"].values()} == {"send", "receive"}
    assert CHANNEL["address"] == PATH
    assert SPEC["info"]["version"] == OPENAPI["info"]["version"]


def test_references_of_the_document_are_complete_and_used() -> None:
    used = set(references(SPEC))
    for reference in used:
        assert isinstance(resolve(reference), dict)
    for kind, components in SPEC["components"].items():
        for name in components:
            assert f"#/components/{kind}/{name}" in used
    assert {one["$ref"] for one in CHANNEL["messages"].values()} == {
        f"#/components/messages/{name}" for name in CHANNEL["messages"]
    }
    assert set(CHANNEL["messages"]) == names_in("command") | names_in("feed")
    assert not names_in("command") & names_in("feed")


def test_schemas_of_the_document_are_valid() -> None:
    schemas = [one["payload"] for one in MESSAGES.values()]
    for schema in (*schemas, *SPEC["components"]["schemas"].values()):
        Draft7Validator.check_schema(schema)
    Draft7Validator.check_schema(CHANNEL["bindings"]["ws"]["query"])
    for name, message in MESSAGES.items():
        payload = message["payload"]
        parts = [payload, *payload.get("allOf", ())]
        kinds = [one.get("properties", {}).get("type") for one in parts]
        assert {"const": name} in kinds


def test_commands_of_the_document_are_those_of_the_feed() -> None:
    assert names_in("command") == set(COMMANDS)


@pytest.mark.parametrize(("message", "code"), INVALID_MESSAGES)
def test_invalid_message_is_invalid_by_the_document_too(
    message: str | bytes, code: str
) -> None:
    if code in ("invalid_json", "too_large") or isinstance(message, bytes):
        return
    content = json.loads(message)
    with pytest.raises((AssertionError, KeyError, TypeError, ValidationError)):
        validate(content, "command")


class Recording:
    """A connection that validates all messages in both directions, and records their types."""

    def __init__(self, ws: ClientWebSocketResponse, seen: set[str]) -> None:
        self._ws, self._seen = ws, seen

    async def send(self, kind: str, **fields: Any) -> None:
        """Send a valid message."""
        self._seen.add(validate({"type": kind} | fields, "command"))
        await self._ws.send_json({"type": kind} | fields)

    async def receive(self, *kinds: str) -> None:
        """Receive until there was a message of each of these types."""
        missing = set(kinds)
        async with asyncio.timeout(20):
            while missing:
                message = await self._ws.receive()
                assert message.type is WSMsgType.TEXT, (message, missing)
                name = validate(json.loads(message.data), "feed")
                self._seen.add(name)
                missing.discard(name)


async def test_recorded_traffic_of_every_type_is_as_documented(
    hass: HomeAssistant,
    home: House,
    client: Client,
    sockets: Sockets,
    hass_client_no_auth: Clients,
) -> None:
    seen: set[str] = set()
    await record_authentication(hass, hass_client_no_auth, seen)
    ws = await sockets("?flows=1")
    feed = Recording(ws, seen)
    await feed.receive("connection_status", "modbus_connected", "power_update")
    await record_commands(feed, home)
    await ws.send_str("?")
    await feed.receive("error")
    await record_events(feed, home, client)
    await lose(hass, home)
    await feed.receive("modbus_disconnected", "connection_status")
    await feed.send("request_power_data")
    await bring_back(hass, home)
    await feed.receive("modbus_connected", "power_update")
    await hass.config_entries.async_unload(home.entry.entry_id)
    feed = Recording(await sockets(), seen)
    await feed.receive("connection_status")
    await hass.config_entries.async_setup(home.entry.entry_id)
    await feed.receive("modbus_connected", "power_update")
    assert seen == set(MESSAGES)


async def record_authentication(
    hass: HomeAssistant, clients: Clients, seen: set[str]
) -> None:
    """Authenticate by message: without success, with it, and without permission."""
    client = await clients()
    for tried, answer in (
        ("wrong", "auth_invalid"),
        (await create_token(hass, {"entities": True}), "power_update"),
        (await create_token(hass, {}), "error"),
    ):
        ws = await client.ws_connect(PATH)
        feed = Recording(ws, seen)
        await feed.receive("auth_required")
        await feed.send("auth", token=tried)
        await feed.receive(answer)
        await ws.close()


async def record_commands(feed: Recording, home: House) -> None:
    """Send each command, and receive its answer."""
    await feed.send("request_status")
    await feed.receive("connection_status")
    for flows in (True, False):
        await feed.send("subscribe", flows=flows)
        await feed.receive("power_update")
        await feed.send("request_power_data")
        await feed.receive("power_update")
        await feed.send("batch", size=2, maxWait=30)
        await feed.send("ping", id=7)
        await feed.receive("pong")
        publish_power(home, grid=1)
        publish_power(home, grid=None, soc=None)
        await feed.receive("power_batch")
        await feed.send("batch", size=1)
    await feed.send("refresh")
    await feed.receive("power_update")


async def record_events(feed: Recording, home: House, client: Client) -> None:
    """Run dispatches, and raise and clear a fault and a warning."""
    for order in (ORDER, ORDER | {"power": 2000}):
        await send_order(client, CHARGE_PATH, order)
    await send_order(client, "/api/alphaess/stop")
    await feed.receive("dispatch_started", "dispatch_changed", "dispatch_ended")
    for source, bit in (("battery_fault", 3), ("inverter_warning_1", 11)):
        for bits in ((bit,), ()):
            home.inverter.set_faults(source, *bits)
            await poll(home, full=True)
    await feed.receive("fault_raised", "fault_cleared")
    await feed.receive("warning_raised", "warning_cleared")
