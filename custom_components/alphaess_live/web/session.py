"""The receiving side of one connection: who is there, what it says, when it is enough."""

import asyncio
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import assert_never

from aiohttp import WSMessage, WSMsgType, web
from homeassistant.auth.models import RefreshToken, User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http.auth_util import async_user_not_allowed_do_auth
from homeassistant.components.http.ban import process_success_login, process_wrong_login
from homeassistant.components.http.const import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.helpers.http import KEY_HASS

from ..control.options import is_permitted
from .api_error import ApiError, not_permitted
from .clients import CLIENTS
from .commands import (
    Authenticate,
    Command,
    InvalidCommandError,
    Ping,
    Refresh,
    RequestPower,
    RequestStatus,
    SetBatching,
    parse_command,
)
from .feed_client import CloseCode, FeedClient
from .feed_hub import InverterChannel
from .resolve import readable_inverters

MAX_ERRORS = 20
"""Messages that were not understood, in `ERRORS_WITHIN` seconds, before a client is closed."""
ERROR_WINDOW_SECONDS = 10.0

MAX_MESSAGES_PER_SECOND = 50
"""Messages that are read at once; whoever sends more is read more slowly."""

_CLIENT_MESSAGES = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG)


class WebSocketSession:
    """What one client says, and what comes of it."""

    def __init__(
        self, request: web.Request, ws: web.WebSocketResponse, client: FeedClient
    ) -> None:
        """Begin before the first message."""
        self._request = request
        self._ws = ws
        self._client = client
        self._hass = request.app[KEY_HASS]
        self._channels: list[InverterChannel] = []
        self._errors: deque[float] = deque(maxlen=MAX_ERRORS)
        self._window_start, self._received_in_window = 0.0, 0
        self._unregister_revocation: Callable[[], None] | None = None

    async def run(self, since: int | None) -> None:
        """Let the client in, and listen to it until one of the two has had enough."""
        try:
            await self._authenticate(since)
            await self._receive_messages()
        except AuthenticationError as err:
            self._client.send_json("auth_invalid", message=str(err))
            await self._close(CloseCode.UNAUTHENTICATED, str(err))
        except ApiError as refusal:
            code, message = refusal.body["error"], str(refusal)
            self._client.send_json("error", code=code, message=message)
            soon = refusal.status is HTTPStatus.SERVICE_UNAVAILABLE
            ending = CloseCode.GOING_AWAY if soon else CloseCode.NO_INVERTER
            await self._close(ending, message)
        finally:
            if self._unregister_revocation:
                self._unregister_revocation()

    async def _authenticate(self, since: int | None) -> None:
        """Find out who it is, where the request did not say, and what it may follow."""
        request = self._request
        user: User | None = request.get(KEY_HASS_USER)
        if user:
            self._close_on_revocation(request.get(KEY_HASS_REFRESH_TOKEN_ID))
        else:
            user = await self._authenticate_by_message()
        inverters = readable_inverters(self._hass, user, request.query.get("serial"))
        self._client.user = user
        door = self._hass.data[CLIENTS]
        self._channels = [door.channel(inverter) for inverter in inverters]
        for audience in self._channels:
            # A number is one inverter's: with several it says nothing.
            audience.subscribe(self._client, since if len(inverters) == 1 else None)

    async def _authenticate_by_message(self) -> User:
        strangers = self._hass.data[CLIENTS].unauthenticated
        address = self._request.remote or ""
        strangers[address] += 1
        try:
            self._client.send_json("auth_required")
            return await self._validate_token(
                await receive_auth(self._ws, self._client)
            )
        finally:
            strangers[address] -= 1
            if not strangers[address]:
                del strangers[address]

    async def _change_user(self, command: Authenticate) -> None:
        """Go on as somebody else, who has to be permitted all that the client follows."""
        self._client.user = user = await self._validate_token(command)
        if not all(
            is_permitted(user, POLICY_READ, one.inverter) for one in self._channels
        ):
            raise not_permitted(POLICY_READ)

    async def _validate_token(self, command: Authenticate) -> User:
        token = await validate_token(self._request, command)
        self._close_on_revocation(token.id)
        self._client.send_json("auth_ok")
        return token.user

    def _close_on_revocation(self, token_id: str | None) -> None:
        """Close when the token is revoked. The Supervisor has none."""
        if self._unregister_revocation:
            self._unregister_revocation()
        self._unregister_revocation = None
        if token_id:
            self._unregister_revocation = (
                self._hass.auth.async_register_revoke_token_callback(
                    token_id,
                    lambda: self._client.close(
                        CloseCode.UNAUTHENTICATED, "The access token was revoked."
                    ),
                )
            )

    async def _receive_messages(self) -> None:
        while (message := await self._ws.receive()).type in _CLIENT_MESSAGES:
            self._client.has_responded = True
            try:
                await self._on_message(message)
            except InvalidCommandError as err:
                self._client.send_json("error", code=err.code, message=str(err))
                if self._too_many_errors():
                    await self._close(CloseCode.TOO_MANY_ERRORS, "Too many errors.")
                    return
            # Who does not take the answers is not asked for more questions.
            await self._client.queue.wait_until_drained()
            await self._limit_rate()

    async def _on_message(self, message: WSMessage) -> None:
        match message.type:
            case WSMsgType.PING:
                self._client.pong(message.data)
            case WSMsgType.TEXT:
                await self._execute(parse_command(message.data))
            case WSMsgType.BINARY:
                raise InvalidCommandError(
                    "invalid_message", "A message is a text, not binary."
                )

    async def _execute(self, command: Command) -> None:
        match command:
            case Ping(fields):
                self._client.send_json("pong", **fields)
            case SetBatching(size, max_wait):
                self._client.set_batching(size, max_wait)
            case Authenticate():
                await self._change_user(command)
            case RequestStatus() | RequestPower() | Refresh():
                for audience in self._channels:
                    _execute_for_inverter(audience, self._client, command)
            case _:
                assert_never(command)

    def _too_many_errors(self) -> bool:
        now = asyncio.get_running_loop().time()
        full = len(self._errors) == MAX_ERRORS
        enough = full and now - self._errors[0] < ERROR_WINDOW_SECONDS
        self._errors.append(now)
        return enough

    async def _limit_rate(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._window_start >= 1:
            self._window_start, self._received_in_window = now, 0
        self._received_in_window += 1
        # Also a single message makes room for others: received ones cost no wait.
        enough = self._received_in_window >= MAX_MESSAGES_PER_SECOND
        await asyncio.sleep(self._window_start + 1 - now if enough else 0)

    async def _close(self, code: CloseCode, reason: str) -> None:
        # While somebody waits for messages, aiohttp closes at once and for good.
        loop = asyncio.get_running_loop()
        loop.call_soon(self._client.close, code, reason)
        while (await self._ws.receive()).type in _CLIENT_MESSAGES:
            pass


def _execute_for_inverter(
    audience: InverterChannel,
    client: FeedClient,
    command: RequestStatus | RequestPower | Refresh,
) -> None:
    match command:
        case RequestStatus():
            audience.send_status(client)
        case RequestPower():
            audience.send_power(client)
        case Refresh():
            audience.refresh(client)


AUTH_TIMEOUT_SECONDS = 10.0
"""Seconds that a stranger has to say who it is."""


class AuthenticationError(Exception):
    """Why somebody is not let in."""


async def receive_auth(ws: web.WebSocketResponse, client: FeedClient) -> Authenticate:
    """Wait for a client to say who it is. Raises NotLoggedInError."""
    try:
        async with asyncio.timeout(AUTH_TIMEOUT_SECONDS):
            message = await ws.receive()
            while message.type in (WSMsgType.PING, WSMsgType.PONG):
                client.has_responded = True
                if message.type is WSMsgType.PING:
                    client.pong(message.data)
                message = await ws.receive()
    except TimeoutError:
        raise AuthenticationError(
            f"No auth message came within {AUTH_TIMEOUT_SECONDS:g} s."
        ) from None
    if message.type is not WSMsgType.TEXT:
        raise AuthenticationError("The first message is no auth message.")
    try:
        command = parse_command(message.data)
    except InvalidCommandError as err:
        raise AuthenticationError(str(err)) from err
    if not isinstance(command, Authenticate):
        raise AuthenticationError("The first message is no auth message.")
    return command


async def validate_token(request: web.Request, command: Authenticate) -> RefreshToken:
    """Check an access token; a wrong one counts for Home Assistant's ban. Raises NotLoggedInError."""
    hass = request.app[KEY_HASS]
    token = hass.auth.async_validate_access_token(command.token)
    if token is None:
        await process_wrong_login(request)
        raise AuthenticationError("This is no valid access token.")
    if reason := async_user_not_allowed_do_auth(hass, token.user, request):
        await process_wrong_login(request)
        raise AuthenticationError(reason)
    process_success_login(request)
    return token
