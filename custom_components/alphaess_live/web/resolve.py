"""Finds the inverter that a request refers to, if it is loaded, permitted and connected."""

from http import HTTPStatus

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from ..alphaess.snapshot import Snapshot
from ..const import DOMAIN
from ..control.options import is_permitted
from ..coordinator import InverterCoordinator
from ..runtime import AlphaEssConfigEntry, RuntimeData
from .api_error import RETRY_HEADERS, ApiError, not_permitted, unavailable


def resolve_inverter(hass: HomeAssistant, serial: str | None) -> RuntimeData:
    """Find one inverter, by serial number if there are several. Raises ApiError."""
    entries = _entries(hass, serial)
    if len(entries) > 1:
        serials = sorted(str(entry.unique_id) for entry in entries)
        raise ApiError(
            HTTPStatus.BAD_REQUEST,
            "ambiguous_inverter",
            "There are several inverters: select one with ?serial=.",
            serials=serials,
        )
    return _loaded(entries)[0]


def resolve_all(hass: HomeAssistant, serial: str | None) -> list[InverterCoordinator]:
    """Find all loaded inverters, or the one with this serial number. Raises ApiError if there are none."""
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
    matching = [entry for entry in entries if entry.unique_id == serial]
    if not matching:
        raise ApiError(
            HTTPStatus.NOT_FOUND,
            "unknown_inverter",
            "No inverter with this serial number has been set up.",
        )
    return matching


def _loaded(entries: list[AlphaEssConfigEntry]) -> list[RuntimeData]:
    loaded = [e for e in entries if e.state is ConfigEntryState.LOADED]
    if not loaded:
        raise ApiError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "not_loaded",
            "Home Assistant is setting this inverter up, or failed to.",
            headers=RETRY_HEADERS,
        )
    return [entry.runtime_data for entry in loaded]


def readable_inverters(
    hass: HomeAssistant, user: User, serial: str | None
) -> list[InverterCoordinator]:
    """Find all inverters that a user may read. Raises ApiError if there are none."""
    inverters = [
        inverter
        for inverter in resolve_all(hass, serial)
        if is_permitted(user, POLICY_READ, inverter)
    ]
    if not inverters:
        raise not_permitted(POLICY_READ)
    return inverters


def require_connection(inverter: InverterCoordinator) -> Snapshot:
    """Return the latest snapshot. Raises ApiError while the inverter is disconnected."""
    if not inverter.connection.connected or inverter.latest is None:
        raise unavailable(inverter, "The inverter does not answer.")
    return inverter.latest
