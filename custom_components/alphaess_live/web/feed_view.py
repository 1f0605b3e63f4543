"""The path of the live feed, `/ws/power-data`: validates a request and runs its WebSocket session."""

from http import HTTPStatus

from aiohttp import web
from aiohttp.hdrs import AUTHORIZATION, CONNECTION, METH_GET, UPGRADE
from homeassistant.components.http.auth import SIGN_QUERY_PARAM
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.helpers.http import KEY_AUTHENTICATED, KEY_HASS, HomeAssistantView

from .api_error import ApiError, invalid_request, wrong_method
from .clients import CLIENTS, ClientRegistry
from .feed_client import FeedClient
from .resolve import readable_entries
from .session import WebSocketSession
from .view import require_auth

MAX_FRAME_BYTES = 64 * 1024
"""A message above `commands.MAX_MESSAGE_BYTES` gets an error message; one above this ends the connection."""

CLOSE_TIMEOUT_SECONDS = 1.0
"""Time in which a client has to answer the close frame."""

MAX_SEQ_DIGITS = 16


class FeedView(HomeAssistantView):
    """Upgrades requests to WebSocket connections."""

    url = "/ws/power-data"
    name = "ws:power-data"
    # A browser cannot set a header. A client without one authenticates by message.
    requires_auth = False

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Validate the request, then run the session until it ends."""
        has_credentials = (
            AUTHORIZATION in request.headers or SIGN_QUERY_PARAM in request.query
        )
        if has_credentials and not request[KEY_AUTHENTICATED]:
            require_auth(request)
        clients = request.app[KEY_HASS].data[CLIENTS]
        ws = web.WebSocketResponse(
            autoping=False,
            timeout=CLOSE_TIMEOUT_SECONDS,
            compress=False,
            max_msg_size=MAX_FRAME_BYTES,
        )
        try:
            since = _validate_request(request, ws, clients)
        except ApiError as err:
            return err.response
        return await _run_session(request, ws, since=since)

    async def refuse_method(self, _: web.Request) -> web.Response:
        """Answer any other method."""
        return wrong_method(METH_GET).response

    post = put = patch = delete = head = refuse_method


async def _run_session(
    request: web.Request, ws: web.WebSocketResponse, *, since: int | None
) -> web.WebSocketResponse:
    hass = request.app[KEY_HASS]
    registry = hass.data[CLIENTS]
    try:
        writer = await ws.prepare(request)
    except ConnectionError:
        return ws  # The client left during the handshake.
    transport = request.transport
    if transport is None or writer is None:
        return ws
    client = FeedClient(
        hass,
        ws,
        transport=transport,
        writer=writer,
        request=request,
    )
    registry.clients[client] = None
    try:
        await WebSocketSession(request, ws, client).run(since)
    finally:
        registry.remove(client)
        await client.shut_down()
    return ws


def _validate_request(
    request: web.Request, ws: web.WebSocketResponse, clients: ClientRegistry
) -> int | None:
    """Return the value of `since`. Raises ApiError where the connection can be refused at once."""
    if not ws.can_prepare(request):
        raise ApiError(
            HTTPStatus.UPGRADE_REQUIRED,
            "invalid_request",
            "This path requires a WebSocket connection.",
            headers={CONNECTION: "upgrade", UPGRADE: "websocket"},
        )
    clients.require_running()
    user = request.get(KEY_HASS_USER)
    clients.places.require_place(user, request.remote or "")
    if user:
        readable_entries(clients.hass, user, request.query.get("serial"))
    return _parse_since(request.query.get("since"))


def _parse_since(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > MAX_SEQ_DIGITS:
        raise invalid_request("since", "since must be the seq of a received message.")
    return int(text)
