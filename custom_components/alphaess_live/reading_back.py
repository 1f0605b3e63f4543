"""What was written down before a restart: where it cannot be read, it is begun anew instead of staying away."""

from collections.abc import Iterator
from contextlib import contextmanager
import logging

from homeassistant.exceptions import HomeAssistantError

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
def begun_anew(what: str) -> Iterator[None]:
    """Read something back; who takes nothing before it has understood all begins without it."""
    try:
        yield
    except _UNREADABLE as err:
        _LOGGER.warning("%s cannot be read, and is begun anew: %r", what, err)
