"""The base of all REST views: authentication, permission, method, errors and the JSON response."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, override

from aiohttp import web
from aiohttp.hdrs import WWW_AUTHENTICATE
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http.auth_util import async_user_not_allowed_do_auth
from homeassistant.components.http.const import KEY_HASS_REFRESH_TOKEN_ID, KEY_HASS_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import (
    KEY_AUTHENTICATED,
    KEY_HASS,
    MIN_COMPRESSED_RESPONSE_SIZE,
    HomeAssistantView,
)
from homeassistant.helpers.json import json_bytes

from ..alphaess.identity import Identity
from ..control.options import is_permitted_on
from ..coordinator import InverterCoordinator
from ..feed.connection_state import Connection
from ..runtime import AlphaEssConfigEntry, RuntimeData, loaded_runtime
from ..storage import restore_identity
from .api_error import ApiError, not_permitted, unavailable, wrong_method
from .clients import CLIENTS
from .feed_hub import InverterChannel
from .resolve import find_entries, only_entry, permitted_entries, readable_first

type Json = dict[str, Any]

PATH_PREFIX = "/api/alphaess/"
"""Every path is also available below this prefix, which no other integration uses."""

MIN_BYTES_TO_COMPRESS_IN_THREAD = 32768


@dataclass(frozen=True, kw_only=True)
class ApiRequest:
    """A request of an authenticated user, with the inverter that it refers to."""

    http: web.Request
    hass: HomeAssistant
    user: User
    entry: AlphaEssConfigEntry
    used_entities: set[str] = field(default_factory=set)
    """The entities whose recorded values the response contains."""

    @property
    def loaded(self) -> RuntimeData | None:
        """The parts of the inverter; None while its entry is not loaded."""
        return loaded_runtime(self.entry)

    @property
    def runtime(self) -> RuntimeData:
        """The parts of the inverter. Raises ApiError while its entry is not loaded."""
        if loaded := self.loaded:
            return loaded
        raise unavailable(self.connection, str(self.connection.error_message))

    @property
    def inverter(self) -> InverterCoordinator:
        """The coordinator of the inverter. Raises ApiError while its entry is not loaded."""
        return self.runtime.coordinator

    @property
    def identity(self) -> Identity:
        """What is known of the inverter, also while its entry is not loaded."""
        loaded = self.loaded
        return loaded.coordinator.identity if loaded else restore_identity(self.entry)

    @property
    def connection(self) -> Connection:
        """The state of the connection, also while the entry is not loaded."""
        return self.hass.data[CLIENTS].connection(self.entry)

    def announce_connected(self) -> None:
        """Send `modbus_connected` once the inverter answers again, although it stays connected.

        A client of the followed system stops at any 503, and waits for that.
        """
        channel = self.hass.data[CLIENTS].find_channel(self.entry)
        if isinstance(channel, InverterChannel):
            channel.announce_connected()

    def require_authorized(self, policy: str | None) -> None:
        """Raise ApiError if the credentials or the permission of the request have ended since it began.

        Without a policy, that is the permission to read what was used.
        """
        if reason := ended_credentials(self.http, self.user):
            raise ApiError(
                HTTPStatus.UNAUTHORIZED,
                "unauthorized",
                reason,
                headers={WWW_AUTHENTICATE: "Bearer"},
            )
        if policy:
            permitted_entries(self.hass, [self.entry], self.user, policy=policy)
        may_read = self.user.permissions.check_entity
        if not all(may_read(one, POLICY_READ) for one in self.used_entities):
            raise not_permitted(POLICY_READ)

    @property
    def may_read(self) -> bool:
        """Whether the user may read all entities of the inverter."""
        return is_permitted_on(self.hass, self.entry, self.user, POLICY_READ)


class ApiView(HomeAssistantView):
    """One path with one method. A subclass defines both, and `handle`."""

    method: ClassVar[str] = "GET"
    path: ClassVar[str] = ""
    """Empty for a base of other views."""
    other_paths: ClassVar[tuple[str, ...]] = ()
    requires_modbus: ClassVar[bool] = False
    """Whether the response is 503 while the inverter is disconnected.

    Such a path is about one inverter; any other one answers for all inverters.
    """
    name: ClassVar[str]
    policy: ClassVar[str | None] = POLICY_READ
    """The permission that the user needs on the inverter's entities; None for every user."""

    # The error of Home Assistant is not JSON, so `_respond` checks this first.
    requires_auth = False

    @override
    def __init_subclass__(cls) -> None:
        """Derive the further paths and the name from the path."""
        paths = (cls.path, *cls.other_paths)
        prefixed = (
            PATH_PREFIX + path.removeprefix("/api/")
            for path in paths
            if PATH_PREFIX not in path
        )
        cls.url = cls.path
        cls.extra_urls = [*cls.other_paths, *prefixed]
        cls.name = cls.path.strip("/").replace("/", ":")

    async def handle(self, request: ApiRequest) -> Json | bytes:
        """Return the body; encoded already, if encoding takes long. Raises ApiError."""
        raise NotImplementedError

    async def _respond(self, http: web.Request, **_: str) -> web.Response:
        require_auth(http)
        try:
            first, *others = self.sorted_requests(self._resolve(http))
            body = await self._encode(first)
            if others:
                body = await self._with_others(body, (first, *others))
            if self.method == "GET":
                # A query may take long. What an order has done is answered in any case.
                first.require_authorized(self.policy)
        except ApiError as err:
            return err.response
        return _json_response(body)

    get = post = put = patch = delete = head = _respond

    async def refuse_method(self, _: web.Request, **__: str) -> web.Response:
        """Answer a method that no path has.

        Without a check of the token: a browser sends none with the preflight request of CORS,
        which would count for the ban.
        """
        return wrong_method(self.method).response

    def sorted_requests(self, requests: list[ApiRequest]) -> Iterable[ApiRequest]:
        """Return the requests, one for each inverter, in the order of the response."""
        return requests

    async def _encode(self, request: ApiRequest) -> bytes:
        body = await self.handle(request)
        return body if isinstance(body, bytes) else json_bytes(body)

    async def _with_others(self, body: bytes, requests: Iterable[ApiRequest]) -> bytes:
        """Add the bodies of all inverters that the user may read to that of the first one.

        A list of rows stays that of the first one.
        """
        if not body.startswith(b"{"):
            return body
        bodies = [
            (one, json_bytes({"serial": one.entry.unique_id}), await self._encode(one))
            for one in requests
            if one.may_read
        ]
        readable = (_join(*parts) for one, *parts in bodies if one.may_read)
        return _join(body, b'{"inverters":[%s]}' % b",".join(readable))

    def _resolve(self, http: web.Request) -> list[ApiRequest]:
        """Build a request for each inverter that is meant. Raises ApiError."""
        if http.method != self.method:
            raise wrong_method(self.method)
        hass, user = http.app[KEY_HASS], http[KEY_HASS_USER]
        entries = find_entries(hass, http.query.get("serial"), user)
        if self.requires_modbus:
            entries = [only_entry(hass, entries, user)]
        if self.policy:
            entries = permitted_entries(hass, entries, user, policy=self.policy)
        else:
            entries = readable_first(hass, entries, user)
        return [
            ApiRequest(http=http, hass=hass, user=user, entry=entry)
            for entry in entries
        ]


def ended_credentials(http: web.Request, user: User) -> str | None:
    """Return why the user of an authenticated request may not log in any more; None for one who may.

    The user of the Supervisor has no token.
    """
    hass, token_id = http.app[KEY_HASS], http.get(KEY_HASS_REFRESH_TOKEN_ID)
    if token_id and hass.auth.async_get_refresh_token(token_id) is None:
        return "The access token was revoked."
    return async_user_not_allowed_do_auth(hass, user, http)


def _join(*objects: bytes) -> bytes:
    """Join encoded JSON objects, one of which may be empty."""
    return b"{%s}" % b",".join(one[1:-1] for one in objects if one != b"{}")


def _json_response(body: bytes) -> web.Response:
    """Build a response of encoded JSON; a large one is compressed in a thread."""
    response = web.Response(
        body=body,
        content_type="application/json",
        zlib_executor_size=MIN_BYTES_TO_COMPRESS_IN_THREAD,
    )
    if len(body) > MIN_COMPRESSED_RESPONSE_SIZE:
        response.enable_compression()
    return response


def require_auth(http: web.Request) -> None:
    """Raise HTTPUnauthorized, as Home Assistant does, so that the request counts for its ban."""
    if not http[KEY_AUTHENTICATED]:
        message = "A valid access token is required: Authorization: Bearer <token>."
        body = {"error": "unauthorized", "message": message}
        raise web.HTTPUnauthorized(
            headers={WWW_AUTHENTICATE: "Bearer"},
            body=json_bytes(body),
            content_type="application/json",
        )
