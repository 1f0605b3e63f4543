"""Who may see or control an inverter, and whether anybody may control it."""

from homeassistant.auth.models import User
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er

from ..alphaess.errors import ControlsOffError
from ..coordinator import InverterCoordinator
from .terms import Terms


def has_controls(coordinator: InverterCoordinator) -> bool:
    """Whether the user lets this integration control the inverter at all."""
    return Terms.from_options(coordinator.config_entry.options).controls


def require_controls(coordinator: InverterCoordinator) -> None:
    """Raise ControlsOffError unless the user wants controls."""
    if not has_controls(coordinator):
        raise ControlsOffError


@callback
def may(user: User | None, policy: str, coordinator: InverterCoordinator) -> bool:
    """Whether a user is permitted this on every entity of an inverter. None is the system itself."""
    if user is None or user.permissions.access_all_entities(policy):
        return True
    registry = er.async_get(coordinator.hass)
    entities = er.async_entries_for_config_entry(
        registry, coordinator.config_entry.entry_id
    )
    return bool(entities) and all(
        user.permissions.check_entity(entity.entity_id, policy) for entity in entities
    )
