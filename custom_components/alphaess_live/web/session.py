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

from ..control.options import may
from .api_error import RefusalError, not_permitted
from .clients import DOOR
from .commands import (
    Batch,
    Command,
    LogIn,
    MisunderstoodError,
    Ping,
    Refresh,
    RequestPower,
    RequestStatus,
    understand,
)
from .feed_client import Client, Ending
from .feed_hub import Audience
from .resolve import followed

MOST_ERRORS = 20
"""Messages that were not understood, in `ERRORS_WITHIN` seconds, before a client is closed."""
ERRORS_WITHIN = 10.0

MOST_PER_SECOND = 50
"""Messages that are read at once; whoever sends more is read more slowly."""

_HEARD = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG)


class Conversation:
    """What one client says, and what comes of it."""

    def __init__(
        self, request: web.Request, ws: web.WebSocketResponse, client: Client
    ) -> None:
        """Begin before the first message."""
        self._request = request
        self._ws = ws
        self._client = client
        self._hass = request.app[KEY_HASS]
        self._audiences: list[Audience] = []
        self._errors: deque[float] = deque(maxlen=MOST_ERRORS)
        self._second, self._read = 0.0, 0
        self._forget_token: Callable[[], None] | None = None

    async def hold(self, since: int | None) -> None:
        """Let the client in, and listen to it until one of the two has had enough."""
        try:
            await self._let_in(since)
            await self._listen()
        except NotLoggedInError as err:
            self._client.say("auth_invalid", message=str(err))
            await self._end(Ending.NOT_LOGGED_IN, str(err))
        except RefusalError as refusal:
            code, message = refusal.body["error"], str(refusal)
            self._client.say("error", code=code, message=message)
            soon = refusal.status is HTTPStatus.SERVICE_UNAVAILABLE
            ending = Ending.GOING_AWAY if soon else Ending.NO_SUCH_INVERTER
            await self._end(ending, message)
        finally:
            if self._forget_token:
                self._forget_token()

    async def _let_in(self, since: int | None) -> None:
        """Find out who it is, where the request did not say, and what it may follow."""
        request = self._request
        user: User | None = request.get(KEY_HASS_USER)
        if user:
            self._watch_token(request.get(KEY_HASS_REFRESH_TOKEN_ID))
        else:
            user = await self._ask_who()
        inverters = followed(self._hass, user, request.query.get("serial"))
        self._client.user = user
        door = self._hass.data[DOOR]
        self._audiences = [door.audience(inverter) for inverter in inverters]
        for audience in self._audiences:
            # A number is one inverter's: with several it says nothing.
            audience.join(self._client, since if len(inverters) == 1 else None)

    async def _ask_who(self) -> User:
        strangers = self._hass.data[DOOR].strangers
        address = self._request.remote or ""
        strangers[address] += 1
        try:
            self._client.say("auth_required")
            return await self._log_in(await first_message(self._ws, self._client))
        finally:
            strangers[address] -= 1
            if not strangers[address]:
                del strangers[address]

    async def _change_user(self, command: LogIn) -> None:
        """Go on as somebody else, who has to be permitted all that the client follows."""
        self._client.user = user = await self._log_in(command)
        if not all(may(user, POLICY_READ, one.inverter) for one in self._audiences):
            raise not_permitted(POLICY_READ)

    async def _log_in(self, command: LogIn) -> User:
        token = await log_in(self._request, command)
        self._watch_token(token.id)
        self._client.say("auth_ok")
        return token.user

    def _watch_token(self, token_id: str | None) -> None:
        """Close when the token is revoked. The Supervisor has none."""
        if self._forget_token:
            self._forget_token()
        self._forget_token = None
        if token_id:
            self._forget_token = self._hass.auth.async_register_revoke_token_callback(
                token_id,
                lambda: self._client.end(
                    Ending.NOT_LOGGED_IN, "The access token was revoked."
                ),
            )

    async def _listen(self) -> None:
        while (message := await self._ws.receive()).type in _HEARD:
            self._client.alive = True
            try:
                await self._hear(message)
            except MisunderstoodError as err:
                self._client.say("error", code=err.code, message=str(err))
                if self._has_enough():
                    await self._end(Ending.TOO_MANY_ERRORS, "Too many errors.")
                    return
            # Who does not take the answers is not asked for more questions.
            await self._client.outbox.flow()
            await self._slow_down()

    async def _hear(self, message: WSMessage) -> None:
        match message.type:
            case WSMsgType.PING:
                self._client.pong(message.data)
            case WSMsgType.TEXT:
                await self._obey(understand(message.data))
            case WSMsgType.BINARY:
                raise MisunderstoodError(
                    "invalid_message", "A message is a text, not binary."
                )

    async def _obey(self, command: Command) -> None:
        match command:
            case Ping(fields):
                self._client.say("pong", **fields)
            case Batch(size, max_wait):
                self._client.batch(size, max_wait)
            case LogIn():
                await self._change_user(command)
            case RequestStatus() | RequestPower() | Refresh():
                for audience in self._audiences:
                    _ask(audience, self._client, command)
            case _:
                assert_never(command)

    def _has_enough(self) -> bool:
        now = asyncio.get_running_loop().time()
        full = len(self._errors) == MOST_ERRORS
        enough = full and now - self._errors[0] < ERRORS_WITHIN
        self._errors.append(now)
        return enough

    async def _slow_down(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._second >= 1:
            self._second, self._read = now, 0
        self._read += 1
        # Also a single message makes room for others: received ones cost no wait.
        enough = self._read >= MOST_PER_SECOND
        await asyncio.sleep(self._second + 1 - now if enough else 0)

    async def _end(self, code: Ending, reason: str) -> None:
        # While somebody waits for messages, aiohttp closes at once and for good.
        loop = asyncio.get_running_loop()
        loop.call_soon(self._client.end, code, reason)
        while (await self._ws.receive()).type in _HEARD:
            pass


def _ask(
    audience: Audience, client: Client, command: RequestStatus | RequestPower | Refresh
) -> None:
    match command:
        case RequestStatus():
            audience.report_status(client)
        case RequestPower():
            audience.report_power(client)
        case Refresh():
            audience.refresh(client)


PATIENCE = 10.0
"""Seconds that a stranger has to say who it is."""


class NotLoggedInError(Exception):
    """Why somebody is not let in."""


async def first_message(ws: web.WebSocketResponse, client: Client) -> LogIn:
    """Wait for a client to say who it is. Raises NotLoggedInError."""
    try:
        async with asyncio.timeout(PATIENCE):
            message = await ws.receive()
            while message.type in (WSMsgType.PING, WSMsgType.PONG):
                client.alive = True
                if message.type is WSMsgType.PING:
                    client.pong(message.data)
                message = await ws.receive()
    except TimeoutError:
        raise NotLoggedInError(f"No auth message came within {PATIENCE:g} s.") from None
    if message.type is not WSMsgType.TEXT:
        raise NotLoggedInError("The first message is no auth message.")
    try:
        command = understand(message.data)
    except MisunderstoodError as err:
        raise NotLoggedInError(str(err)) from err
    if not isinstance(command, LogIn):
        raise NotLoggedInError("The first message is no auth message.")
    return command


async def log_in(request: web.Request, command: LogIn) -> RefreshToken:
    """Check an access token; a wrong one counts for Home Assistant's ban. Raises NotLoggedInError."""
    hass = request.app[KEY_HASS]
    token = hass.auth.async_validate_access_token(command.token)
    if token is None:
        await process_wrong_login(request)
        raise NotLoggedInError("This is no valid access token.")
    if reason := async_user_not_allowed_do_auth(hass, token.user, request):
        await process_wrong_login(request)
        raise NotLoggedInError(reason)
    process_success_login(request)
    return token
