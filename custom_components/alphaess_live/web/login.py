"""Who is there: for clients of the live feed that cannot set a header."""

import asyncio

from aiohttp import WSMsgType, web
from homeassistant.auth.models import RefreshToken
from homeassistant.components.http.auth_util import async_user_not_allowed_do_auth
from homeassistant.components.http.ban import process_success_login, process_wrong_login
from homeassistant.helpers.http import KEY_HASS

from .client import Client
from .commands import LogIn, MisunderstoodError, understand

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
