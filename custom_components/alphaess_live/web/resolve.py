"""Finds the inverters that a request refers to: which are set up, permitted, loaded and connected."""

from http import HTTPStatus

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..alphaess.snapshot import Snapshot
from ..const import DOMAIN
from ..control.options import is_permitted_on
from ..coordinator import InverterCoordinator
from ..feed.messages import OUTAGE_MESSAGES
from ..runtime import AlphaEssConfigEntry
from .api_error import ApiError, not_permitted, unavailable

_POLICIES = (POLICY_READ, POLICY_CONTROL)


def find_entries(
    hass: HomeAssistant, serial: str | None, user: User
) -> list[AlphaEssConfigEntry]:
    """Find all inverters that are set up, or the one with this serial number. Raises ApiError if there are none.

    The serial number of an inverter that a user has no permission for is unknown to this user.
    """
    entries = hass.config_entries.async_entries(
        DOMAIN, include_ignore=False, include_disabled=False
    )
    if not entries:
        raise ApiError(
            HTTPStatus.NOT_FOUND, "no_inverter", "No inverter has been set up."
        )
    if serial is None:
        return entries
    matching = [
        entry
        for entry in entries
        if entry.unique_id == serial
        and any(is_permitted_on(hass, entry, user, policy) for policy in _POLICIES)
    ]
    if not matching:
        raise ApiError(
            HTTPStatus.NOT_FOUND,
            "unknown_inverter",
            "No inverter with this serial number has been set up.",
        )
    return matching


def permitted_entries(
    hass: HomeAssistant,
    entries: list[AlphaEssConfigEntry],
    user: User,
    *,
    policy: str = POLICY_READ,
) -> list[AlphaEssConfigEntry]:
    """Return the inverters for which a user has this permission. Raises ApiError if there are none."""
    permitted = [one for one in entries if is_permitted_on(hass, one, user, policy)]
    if not permitted:
        raise not_permitted(policy)
    return permitted


def readable_first(
    hass: HomeAssistant, entries: list[AlphaEssConfigEntry], user: User
) -> list[AlphaEssConfigEntry]:
    """Sort inverters: what a user may read comes first, then those of which at least some entities."""

    def rank(entry: AlphaEssConfigEntry) -> int:
        if is_permitted_on(hass, entry, user, POLICY_READ):
            return 0
        entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        may_read = user.permissions.check_entity
        return 2 - any(may_read(one.entity_id, POLICY_READ) for one in entities)

    # Most houses have one: nothing is looked up for it.
    return sorted(entries, key=rank) if len(entries) > 1 else entries


def readable_entries(
    hass: HomeAssistant, user: User, serial: str | None
) -> list[AlphaEssConfigEntry]:
    """Find all inverters that a user may read. Raises ApiError if there are none."""
    return permitted_entries(hass, find_entries(hass, serial, user), user)


def only_entry(
    hass: HomeAssistant, entries: list[AlphaEssConfigEntry], user: User
) -> AlphaEssConfigEntry:
    """Return the only inverter. With several of them, raises ApiError with the serial numbers that the user may read."""
    if len(entries) > 1:
        readable = permitted_entries(hass, entries, user)
        raise ApiError(
            HTTPStatus.BAD_REQUEST,
            "ambiguous_inverter",
            "There are several inverters: select one with ?serial=.",
            serials=sorted(str(entry.unique_id) for entry in readable),
        )
    return entries[0]


def require_connection(inverter: InverterCoordinator) -> Snapshot:
    """Return the latest snapshot. Raises ApiError while the inverter is disconnected."""
    if not inverter.connection.connected or inverter.latest is None:
        message = OUTAGE_MESSAGES[inverter.connection.error_kind]
        raise unavailable(inverter.connection, message)
    return inverter.latest
