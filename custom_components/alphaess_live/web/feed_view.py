"""The live feed `/ws/power-data`: the door of its connections."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.hdrs import AUTHORIZATION, CONNECTION, RETRY_AFTER, UPGRADE
from homeassistant.components.http.auth import SIGN_QUERY_PARAM
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.helpers.http import KEY_AUTHENTICATED, KEY_HASS, HomeAssistantView

from .api_error import PAUSE, RefusalError
from .clients import DOOR, Door
from .feed_client import Client
from .resolve import followed
from .session import Conversation
from .view import identify

LONGEST = 64 * 1024
"""Bytes; what is longer than a message may be, but not longer than this, is answered in words."""

GOODBYE = 1.0
"""Seconds that a client has to answer when the server closes."""


class PowerSocketView(HomeAssistantView):
    """Turns a request into a connection."""

    url = "/ws/power-data"
    name = "ws:power-data"
    # A browser cannot set a header: who comes without one says who it is by message.
    requires_auth = False

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Let a client in, and stay with it until it leaves."""
        credentials = (
            AUTHORIZATION in request.headers or SIGN_QUERY_PARAM in request.query
        )
        if credentials and not request[KEY_AUTHENTICATED]:
            identify(request)
        door = request.app[KEY_HASS].data[DOOR]
        ws = web.WebSocketResponse(
            autoping=False, timeout=GOODBYE, compress=False, max_msg_size=LONGEST
        )
        try:
            since = _check(request, ws, door)
        except RefusalError as refusal:
            return refusal.response
        return await _stay(request, ws, since=since)


async def _stay(
    request: web.Request, ws: web.WebSocketResponse, *, since: int | None
) -> web.WebSocketResponse:
    hass = request.app[KEY_HASS]
    door = hass.data[DOOR]
    try:
        writer = await ws.prepare(request)
    except ConnectionError:
        return ws  # It left before it was in.
    transport = request.transport
    if transport is None or writer is None:
        return ws
    client = Client(
        hass,
        ws,
        transport=transport,
        writer=writer,
        follows_all="serial" not in request.query,
    )
    door.clients[client] = None
    try:
        await Conversation(request, ws, client).hold(since)
    finally:
        door.leave(client)
        await client.leave()
    return ws


def _check(request: web.Request, ws: web.WebSocketResponse, door: Door) -> int | None:
    """Refuse what can be refused before there is a connection. Raises RefusalError."""
    if not ws.can_prepare(request):
        raise RefusalError(
            HTTPStatus.UPGRADE_REQUIRED,
            "invalid_request",
            "This address speaks WebSocket.",
            headers={CONNECTION: "upgrade", UPGRADE: "websocket"},
        )
    if door.is_full(request.remote or ""):
        raise RefusalError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "too_many_clients",
            "Too many clients are connected.",
            headers={RETRY_AFTER: PAUSE},
        )
    if user := request.get(KEY_HASS_USER):
        followed(door.hass, user, request.query.get("serial"))
    return _since(request.query.get("since"))


def _since(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 16:
        raise RefusalError(
            HTTPStatus.BAD_REQUEST,
            "invalid_request",
            "since is the seq of the last message that you have seen.",
            field="since",
        )
    return int(text)
