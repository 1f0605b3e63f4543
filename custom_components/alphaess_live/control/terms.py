"""What the user lets us do with the battery: chosen in the options, or the contract's defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from ..const import CONF_CONTROLS, CONF_END_AT_TARGET, CONF_STOP_ON_UNLOAD


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What may be written, and when."""

    controls: bool
    """Whether anything may be written at all."""
    stop_on_unload: bool
    """Whether our dispatch ends with the entry; a restart of Home Assistant never ends it."""
    end_at_target: bool
    """Whether our dispatch ends at its target, instead of holding the battery there."""

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Take the user's choice, or the contract's defaults."""
        return cls(
            controls=options.get(CONF_CONTROLS, True),
            stop_on_unload=options.get(CONF_STOP_ON_UNLOAD, True),
            end_at_target=options.get(CONF_END_AT_TARGET, False),
        )
