"""Knows an inverter again, and keeps what was learned of it for when it is away."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .alphaess.errors import ErrorKind, NotAnInverterError, UnansweredError
from .alphaess.identity import Identity, identify
from .alphaess.inverter import Inverter
from .alphaess.meter_course import UNTURNED
from .alphaess.snapshot import Snapshot
from .const import (
    CONF_IDENTITY,
    CONF_PV_METER,
    CONF_REFUSED,
    CONF_SERVED,
    CONF_VARIANTS,
)


def recognise(known: Identity, snapshot: Snapshot) -> Identity:
    """Make sure that the known inverter answers; say what it is now.

    Raises UnansweredError where another one answers at its address: a router may
    have given that away, and a stranger's values must not be shown.
    """
    try:
        identity = identify(snapshot)
    except NotAnInverterError as err:
        raise UnansweredError(ErrorKind.PROTOCOL, str(err)) from err
    if identity.serial != known.serial:
        message = "another inverter answers at this address"
        raise UnansweredError(ErrorKind.PROTOCOL, message)
    return known.grown(identity)


def remember(
    hass: HomeAssistant, entry: ConfigEntry, identity: Identity, *, inverter: Inverter
) -> None:
    """Keep what was learned, so that the entry loads the same while the inverter is off."""
    learned: dict[str, Any] = {
        CONF_IDENTITY: identity.as_dict(),
        CONF_SERVED: sorted(block.name for block in inverter.served),
        CONF_REFUSED: sorted(block.name for block in inverter.refused),
        CONF_VARIANTS: sorted(variant.name for variant in inverter.profile),
    }
    course = inverter.screen.course
    if course != UNTURNED or CONF_PV_METER in entry.data:
        learned[CONF_PV_METER] = course.as_dict()
    hass.config_entries.async_update_entry(entry, data=entry.data | learned)
