"""Knows an inverter again, and keeps what was learned of it for when it is away."""

from collections.abc import Iterator
from contextlib import contextmanager
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .alphaess.errors import CommunicationError, ErrorKind, NotAnInverterError
from .alphaess.identity import Identity, identify
from .alphaess.inverter import Inverter
from .alphaess.pv_meter_direction import DEFAULT_DIRECTION
from .alphaess.snapshot import Snapshot
from .const import (
    CONF_IDENTITY,
    CONF_PV_METER,
    CONF_REFUSED,
    CONF_SERVED,
    CONF_VARIANTS,
)


def refresh_identity(known: Identity, snapshot: Snapshot) -> Identity:
    """Say what the known inverter is now. Raises UnansweredError where it does not tell."""
    try:
        return known.merged_with(identify(snapshot))
    except NotAnInverterError as err:
        raise CommunicationError(ErrorKind.PROTOCOL, str(err)) from err


def persist_learned(
    hass: HomeAssistant, entry: ConfigEntry, identity: Identity, *, inverter: Inverter
) -> None:
    """Keep what was learned, so that the entry loads the same while the inverter is off."""
    learned: dict[str, Any] = {
        CONF_IDENTITY: identity.to_dict(),
        CONF_SERVED: sorted(block.name for block in inverter.served_blocks),
        CONF_REFUSED: sorted(block.name for block in inverter.refused_blocks),
        CONF_VARIANTS: sorted(variant.name for variant in inverter.profile),
    }
    course = inverter.plausibility.pv_meter_direction
    if course != DEFAULT_DIRECTION or CONF_PV_METER in entry.data:
        learned[CONF_PV_METER] = course.to_dict()
    hass.config_entries.async_update_entry(entry, data=entry.data | learned)


_LOGGER = logging.getLogger(__name__)

_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    HomeAssistantError,
    LookupError,
    NotImplementedError,
    TypeError,
    ValueError,
)
"""A newer release's file, a hand that slipped, or somebody else's words under our name."""


@contextmanager
def reset_if_unreadable(what: str) -> Iterator[None]:
    """Read something back; who takes nothing before it has understood all begins without it."""
    try:
        yield
    except _UNREADABLE as err:
        _LOGGER.warning("%s cannot be read, and is begun anew: %r", what, err)
