"""Which inverter is meant, whether it is there, and who may see it."""

from http import HTTPStatus

from aiohttp.hdrs import RETRY_AFTER
from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from ..alphaess.snapshot import Snapshot
from ..const import DOMAIN
from ..control.options import is_permitted
from ..coordinator import InverterCoordinator
from ..runtime import AlphaEssConfigEntry, RuntimeData
from .api_error import PAUSE, ApiError, disconnected, not_permitted


def resolve_inverter(hass: HomeAssistant, serial: str | None) -> RuntimeData:
    """Find the one inverter that is meant. Raises RefusalError."""
    entries = _entries(hass, serial)
    if len(entries) > 1:
        serials = sorted(str(entry.unique_id) for entry in entries)
        raise ApiError(
            HTTPStatus.BAD_REQUEST,
            "ambiguous_inverter",
            "There are several inverters: say which one with ?serial=.",
            serials=serials,
        )
    return _loaded(entries)[0]


def resolve_all(hass: HomeAssistant, serial: str | None) -> list[InverterCoordinator]:
    """Find every inverter that is meant: at least one. Raises RefusalError."""
    return [runtime.coordinator for runtime in _loaded(_entries(hass, serial))]


def _entries(hass: HomeAssistant, serial: str | None) -> list[AlphaEssConfigEntry]:
    entries = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    if not entries:
        raise ApiError(
            HTTPStatus.NOT_FOUND, "no_inverter", "No inverter has been set up."
        )
    if serial is None:
        return entries
    meant = [entry for entry in entries if entry.unique_id == serial]
    if not meant:
        raise ApiError(
            HTTPStatus.NOT_FOUND,
            "unknown_inverter",
            "No inverter with this serial number has been set up.",
        )
    return meant


def _loaded(entries: list[AlphaEssConfigEntry]) -> list[RuntimeData]:
    loaded = [e for e in entries if e.state is ConfigEntryState.LOADED]
    if not loaded:
        raise ApiError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "not_loaded",
            "Home Assistant is setting this inverter up, or failed to.",
            headers={RETRY_AFTER: PAUSE},
        )
    return [entry.runtime_data for entry in loaded]


def readable_inverters(
    hass: HomeAssistant, user: User, serial: str | None
) -> list[InverterCoordinator]:
    """Find what a user may follow: at least one inverter. Raises RefusalError."""
    inverters = [
        inverter
        for inverter in resolve_all(hass, serial)
        if is_permitted(user, POLICY_READ, inverter)
    ]
    if not inverters:
        raise not_permitted(POLICY_READ)
    return inverters


def require_connection(inverter: InverterCoordinator) -> Snapshot:
    """Give the newest snapshot; refuse at once where the inverter is away. Raises RefusalError."""
    if not inverter.connection.connected or inverter.latest is None:
        raise disconnected(inverter, "The inverter does not answer.")
    return inverter.latest
