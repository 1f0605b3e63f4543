"""The live feed `/ws/power-data`: the door of its connections."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.hdrs import AUTHORIZATION, CONNECTION, RETRY_AFTER, UPGRADE
from homeassistant.components.http.auth import SIGN_QUERY_PARAM
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.helpers.http import KEY_AUTHENTICATED, KEY_HASS, HomeAssistantView

from .api_error import PAUSE, ApiError
from .clients import CLIENTS, ClientRegistry
from .feed_client import FeedClient
from .resolve import readable_inverters
from .session import WebSocketSession
from .view import require_auth

MAX_FRAME_BYTES = 64 * 1024
"""Bytes; what is longer than a message may be, but not longer than this, is answered in words."""

CLOSE_TIMEOUT_SECONDS = 1.0
"""Seconds that a client has to answer when the server closes."""


class FeedView(HomeAssistantView):
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
            require_auth(request)
        door = request.app[KEY_HASS].data[CLIENTS]
        ws = web.WebSocketResponse(
            autoping=False,
            timeout=CLOSE_TIMEOUT_SECONDS,
            compress=False,
            max_msg_size=MAX_FRAME_BYTES,
        )
        try:
            since = _validate_request(request, ws, door)
        except ApiError as refusal:
            return refusal.response
        return await _run_session(request, ws, since=since)


async def _run_session(
    request: web.Request, ws: web.WebSocketResponse, *, since: int | None
) -> web.WebSocketResponse:
    hass = request.app[KEY_HASS]
    door = hass.data[CLIENTS]
    try:
        writer = await ws.prepare(request)
    except ConnectionError:
        return ws  # It left before it was in.
    transport = request.transport
    if transport is None or writer is None:
        return ws
    client = FeedClient(
        hass,
        ws,
        transport=transport,
        writer=writer,
        follows_all="serial" not in request.query,
    )
    door.clients[client] = None
    try:
        await WebSocketSession(request, ws, client).run(since)
    finally:
        door.remove(client)
        await client.shut_down()
    return ws


def _validate_request(
    request: web.Request, ws: web.WebSocketResponse, door: ClientRegistry
) -> int | None:
    """Refuse what can be refused before there is a connection. Raises RefusalError."""
    if not ws.can_prepare(request):
        raise ApiError(
            HTTPStatus.UPGRADE_REQUIRED,
            "invalid_request",
            "This address speaks WebSocket.",
            headers={CONNECTION: "upgrade", UPGRADE: "websocket"},
        )
    if door.at_capacity(request.remote or ""):
        raise ApiError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "too_many_clients",
            "Too many clients are connected.",
            headers={RETRY_AFTER: PAUSE},
        )
    if user := request.get(KEY_HASS_USER):
        readable_inverters(door.hass, user, request.query.get("serial"))
    return _parse_since(request.query.get("since"))


def _parse_since(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 16:
        raise ApiError(
            HTTPStatus.BAD_REQUEST,
            "invalid_request",
            "since is the seq of the last message that you have seen.",
            field="since",
        )
    return int(text)
