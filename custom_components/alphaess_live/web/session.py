"""The receiving side of one feed client: authentication, commands, and limits."""

import asyncio
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import assert_never

from aiohttp import WSMessage, WSMsgType, web
from homeassistant.auth.models import RefreshToken, User
from homeassistant.components.http.auth_util import async_user_not_allowed_do_auth
from homeassistant.components.http.ban import process_success_login, process_wrong_login
from homeassistant.components.http.const import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.helpers.http import KEY_HASS

from .api_error import ApiError
from .clients import CLIENTS
from .commands import (
    Authenticate,
    Command,
    InvalidCommandError,
    Ping,
    SetBatching,
    Subscribe,
    ValueRequest,
    parse_command,
)
from .feed_client import CloseCode, FeedClient
from .resolve import permitted_entries, readable_entries
from .view import ended_credentials

AUTH_TIMEOUT_SECONDS = 10.0
"""Time in which a client without credentials has to authenticate by message."""

MAX_ERRORS = 20
"""Invalid messages within `ERROR_WINDOW_SECONDS` after which the connection is closed."""
ERROR_WINDOW_SECONDS = 10.0

MAX_MESSAGES_PER_SECOND = 50
"""Above this rate, the messages of a client are read more slowly."""

_CLIENT_MESSAGES = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG)


class AuthenticationError(Exception):
    """The reason why a client is not authenticated."""


class WebSocketSession:
    """Receives the messages of one client and executes its commands."""

    def __init__(
        self, request: web.Request, ws: web.WebSocketResponse, client: FeedClient
    ) -> None:
        """Prepare the session; `run` starts it."""
        self._request = request
        self._ws = ws
        self._client = client
        self._hass = request.app[KEY_HASS]
        self._registry = self._hass.data[CLIENTS]
        self._errors: deque[float] = deque(maxlen=MAX_ERRORS)
        self._window_start, self._received_in_window = 0.0, 0
        self._unregister_revocation: Callable[[], None] | None = None

    async def run(self, since: int | None) -> None:
        """Authenticate the client, subscribe it, and execute its commands until one side closes."""
        try:
            self._registry.require_running()
            await self._authenticate(since)
            await self._receive_messages()
        except AuthenticationError as err:
            self._client.send_json("auth_invalid", message=str(err))
            await self._close(CloseCode.UNAUTHENTICATED, str(err))
        except ApiError as err:
            code, message = err.body["error"], str(err)
            self._client.send_json("error", code=code, message=message)
            temporary = err.status is HTTPStatus.SERVICE_UNAVAILABLE
            close_code = CloseCode.GOING_AWAY if temporary else CloseCode.NO_INVERTER
            await self._close(close_code, message)
        finally:
            if self._unregister_revocation:
                self._unregister_revocation()

    async def _authenticate(self, since: int | None) -> None:
        """Find the user, by message if the request has no credentials, and subscribe to its inverters."""
        request = self._request
        user: User | None = request.get(KEY_HASS_USER)
        if user:
            if reason := ended_credentials(request, user):
                raise AuthenticationError(reason)  # During the handshake.
            self._close_on_revocation(request.get(KEY_HASS_REFRESH_TOKEN_ID))
        else:
            user = await self._authenticate_by_message()
        entries = readable_entries(self._hass, user, self._client.serial)
        self._registry.places.assign(self._client, user)
        self._client.user = user
        for entry in entries:
            # Numbers belong to one inverter, so with several of them they identify nothing.
            channel = self._registry.channel(entry)
            channel.subscribe(self._client, since if len(entries) == 1 else None)

    async def _authenticate_by_message(self) -> User:
        self._registry.places.add_unauthenticated(self._client)
        self._client.send_json("auth_required")
        command = await receive_auth(self._ws, self._client)
        return await self._validate_token(command)

    async def _change_user(self, command: Authenticate) -> None:
        """Continue as another user, who needs permission for all inverters of this session."""
        user = await self._validate_token(command)
        self._registry.places.assign(self._client, user)
        self._client.user = user
        for channel in self._registry.channels_of(self._client):
            permitted_entries(self._hass, [channel.entry], user)

    async def _validate_token(self, command: Authenticate) -> User:
        token = await validate_token(self._request, command)
        self._close_on_revocation(token.id)
        self._client.send_json("auth_ok")
        return token.user

    def _close_on_revocation(self, token_id: str | None) -> None:
        """Close when the token is revoked. The user of the Supervisor has no token."""
        if self._unregister_revocation:
            self._unregister_revocation()
        self._unregister_revocation = None
        if token_id:
            register = self._hass.auth.async_register_revoke_token_callback
            reason = "The access token was revoked."
            self._unregister_revocation = register(
                token_id, lambda: self._client.close(CloseCode.UNAUTHENTICATED, reason)
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
            # While a client does not read the answers, its next messages wait.
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
                    "invalid_message", "A message must be text, not binary."
                )

    async def _execute(self, command: Command) -> None:
        match command:
            case Ping(fields):
                self._client.send_json("pong", **fields)
            case SetBatching(size, max_wait_seconds):
                self._client.set_batching(size, max_wait_seconds)
            case Authenticate():
                await self._change_user(command)
            case ValueRequest():
                self._answer(command)
            case Subscribe(flows):
                self._client.flows = flows
                self._answer(ValueRequest.POWER)
            case _:
                assert_never(command)

    def _answer(self, request: ValueRequest) -> None:
        for channel in self._registry.channels_of(self._client):
            channel.answer(self._client, request)

    def _too_many_errors(self) -> bool:
        now = asyncio.get_running_loop().time()
        is_full = len(self._errors) == MAX_ERRORS
        too_many = is_full and now - self._errors[0] < ERROR_WINDOW_SECONDS
        self._errors.append(now)
        return too_many

    async def _limit_rate(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._window_start >= 1:
            self._window_start, self._received_in_window = now, 0
        self._received_in_window += 1
        over_limit = self._received_in_window >= MAX_MESSAGES_PER_SECOND
        # Also without a delay, so that other tasks run between two received messages.
        await asyncio.sleep(self._window_start + 1 - now if over_limit else 0)

    async def _close(self, code: CloseCode, reason: str) -> None:
        # aiohttp waits for the client's close frame only while `receive` is pending.
        loop = asyncio.get_running_loop()
        loop.call_soon(self._client.close, code, reason)
        while (await self._ws.receive()).type in _CLIENT_MESSAGES:
            pass


async def receive_auth(ws: web.WebSocketResponse, client: FeedClient) -> Authenticate:
    """Wait for the auth message, which has to be the first one. Raises AuthenticationError."""
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
            f"No auth message was received within {AUTH_TIMEOUT_SECONDS:g} s."
        ) from None
    if message.type is not WSMsgType.TEXT:
        raise AuthenticationError("The first message is not an auth message.")
    try:
        command = parse_command(message.data)
    except InvalidCommandError as err:
        raise AuthenticationError(str(err)) from err
    if not isinstance(command, Authenticate):
        raise AuthenticationError("The first message is not an auth message.")
    return command


async def validate_token(request: web.Request, command: Authenticate) -> RefreshToken:
    """Validate an access token. An invalid one counts for Home Assistant's ban. Raises AuthenticationError."""
    hass = request.app[KEY_HASS]
    token = hass.auth.async_validate_access_token(command.token)
    if token is None:
        await process_wrong_login(request)
        raise AuthenticationError("The access token is not valid.")
    if reason := async_user_not_allowed_do_auth(hass, token.user, request):
        await process_wrong_login(request)
        raise AuthenticationError(reason)
    process_success_login(request)
    return token
