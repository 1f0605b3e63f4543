"""What all our addresses share: who may ask, in which method, how an answer looks."""

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
"""Every path is also found below this one, which is ours alone."""


@dataclass(frozen=True, kw_only=True)
class ApiRequest:
    """One request, who makes it, and the inverter that it is about."""

    request: web.Request
    hass: HomeAssistant
    user: User
    runtime: RuntimeData

    @property
    def inverter(self) -> InverterCoordinator:
        """What reads the inverter."""
        return self.runtime.coordinator


class ApiView(HomeAssistantView):
    """One path, in one method. A subclass says which, and answers."""

    method: ClassVar[str] = "GET"
    path: ClassVar[str]
    other_paths: ClassVar[tuple[str, ...]] = ()
    requires_modbus: ClassVar[bool] = False
    """Whether there is no answer while the inverter is away."""
    name: ClassVar[str]
    policy: ClassVar[str | None] = POLICY_READ
    """What the user must be permitted on the inverter's entities; None where less will do."""

    # Home Assistant's own refusal is no JSON; `_serve` refuses before anything else.
    requires_auth = False

    @override
    def __init_subclass__(cls) -> None:
        """Find the path's other names."""
        paths = (cls.path, *cls.other_paths)
        below = (
            PATH_PREFIX + p.removeprefix("/api/") for p in paths if PATH_PREFIX not in p
        )
        cls.url = cls.path
        cls.extra_urls = [*cls.other_paths, *below]
        cls.name = cls.path.strip("/").replace("/", ":")

    async def handle(self, call: ApiRequest) -> Json | bytes:
        """Make the body; as bytes where that is long work. Raises RefusalError."""
        raise NotImplementedError

    async def _respond(self, request: web.Request, **_: str) -> web.Response:
        require_auth(request)
        try:
            answer = await self.handle(self._resolve(request))
        except ApiError as refusal:
            return refusal.response
        return self.json(answer) if isinstance(answer, dict) else _json_response(answer)

    get = post = put = patch = delete = head = _respond

    def _resolve(self, request: web.Request) -> ApiRequest:
        if request.method != self.method:
            raise ApiError(
                HTTPStatus.METHOD_NOT_ALLOWED,
                "method_not_allowed",
                f"This address answers to {self.method}.",
                headers={ALLOW: self.method},
            )
        hass, user = request.app[KEY_HASS], request[KEY_HASS_USER]
        runtime = resolve_inverter(hass, request.query.get("serial"))
        if self.policy and not is_permitted(user, self.policy, runtime.coordinator):
            raise not_permitted(self.policy)
        return ApiRequest(request=request, hass=hass, user=user, runtime=runtime)


def _json_response(body: bytes) -> web.Response:
    """Answer with JSON that is written already; a long one is compressed in a thread."""
    response = web.Response(
        body=body, content_type="application/json", zlib_executor_size=32768
    )
    if len(body) > MIN_COMPRESSED_RESPONSE_SIZE:
        response.enable_compression()
    return response


def require_auth(request: web.Request) -> None:
    """Let nobody in who is not logged in. Raised as Home Assistant does, it counts for its ban."""
    if not request[KEY_AUTHENTICATED]:
        message = "This needs a valid access token: Authorization: Bearer <token>."
        body = {"error": "unauthorized", "message": message}
        raise web.HTTPUnauthorized(
            headers={WWW_AUTHENTICATE: "Bearer"},
            body=json_bytes(body),
            content_type="application/json",
        )
