"""The base of all REST views: authentication, permission, method, errors and the JSON response."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ClassVar, override

from aiohttp import web
from aiohttp.hdrs import ALLOW, WWW_AUTHENTICATE
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import (
    KEY_AUTHENTICATED,
    KEY_HASS,
    MIN_COMPRESSED_RESPONSE_SIZE,
    HomeAssistantView,
)
from homeassistant.helpers.json import json_bytes

from ..control.options import is_permitted
from ..coordinator import InverterCoordinator
from ..runtime import RuntimeData
from .api_error import ApiError, not_permitted
from .resolve import resolve_inverter

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
    runtime: RuntimeData

    @property
    def inverter(self) -> InverterCoordinator:
        """The coordinator of the inverter."""
        return self.runtime.coordinator


class ApiView(HomeAssistantView):
    """One path with one method. A subclass defines both, and `handle`."""

    method: ClassVar[str] = "GET"
    path: ClassVar[str] = ""
    """Empty for a base of other views."""
    other_paths: ClassVar[tuple[str, ...]] = ()
    requires_modbus: ClassVar[bool] = False
    """Whether the response is 503 while the inverter is disconnected."""
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
            body = await self.handle(self._resolve(http))
        except ApiError as err:
            return err.response
        return self.json(body) if isinstance(body, dict) else _json_response(body)

    get = post = put = patch = delete = head = _respond

    def _resolve(self, http: web.Request) -> ApiRequest:
        if http.method != self.method:
            raise ApiError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method_not_allowed",
                f"This path supports only {self.method}.",
                headers={ALLOW: self.method},
            )
        hass, user = http.app[KEY_HASS], http[KEY_HASS_USER]
        runtime = resolve_inverter(hass, http.query.get("serial"))
        if self.policy and not is_permitted(user, self.policy, runtime.coordinator):
            raise not_permitted(self.policy)
        return ApiRequest(http=http, hass=hass, user=user, runtime=runtime)


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
