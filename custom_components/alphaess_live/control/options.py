"""What the options and the user's permissions allow: control, and what ends a dispatch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from ..const import CONF_CONTROLS, CONF_END_AT_TARGET, CONF_STOP_ON_UNLOAD
from ..coordinator import InverterCoordinator
from ..exceptions import ControlsOffError, ControlsUnsupportedError


@dataclass(frozen=True, kw_only=True)
class ControlOptions:
    """What may be written, and what ends our dispatch."""

    controls: bool
    """Whether anything may be written at all."""
    stop_on_unload: bool
    """Whether our dispatch ends with the entry; a restart of Home Assistant never ends it."""
    end_at_target: bool
    """Whether our dispatch ends at its target, instead of holding the battery there."""

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Read the options; the defaults where they are not set."""
        return cls(
            controls=options.get(CONF_CONTROLS, True),
            stop_on_unload=options.get(CONF_STOP_ON_UNLOAD, True),
            end_at_target=options.get(CONF_END_AT_TARGET, False),
        )


def has_controls(coordinator: InverterCoordinator) -> bool:
    """Whether control is enabled in the options, and the inverter's registers are certain."""
    enabled = ControlOptions.from_options(coordinator.config_entry.options).controls
    return enabled and not coordinator.inverter.register_map.probable


def require_controls(coordinator: InverterCoordinator) -> None:
    """Raise ControlsOffError unless control is enabled, and possible with this firmware."""
    if coordinator.inverter.register_map.probable:
        raise ControlsUnsupportedError
    if not has_controls(coordinator):
        raise ControlsOffError


@callback
def is_permitted(
    user: User | None, policy: str, coordinator: InverterCoordinator
) -> bool:
    """Whether a user has this permission on every entity of an inverter; None is the system."""
    return is_permitted_on(coordinator.hass, coordinator.config_entry, user, policy)


@callback
def is_permitted_on(
    hass: HomeAssistant, entry: ConfigEntry, user: User | None, policy: str
) -> bool:
    """Whether `is_permitted`, also while the entry is not loaded."""
    if user is None or user.permissions.access_all_entities(policy):
        return True
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, entry.entry_id)
    return bool(entities) and all(
        user.permissions.check_entity(entity.entity_id, policy) for entity in entities
    )
