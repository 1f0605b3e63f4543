"""Conditions for the automation editor: whether an inverter is connected, and whether an order runs."""

from typing import ClassVar, cast, override

from homeassistant.const import CONF_OPTIONS, STATE_ON, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import (
    ATTR_BEHAVIOR,
    BEHAVIOR_ANY,
    Condition,
    ConditionConfig,
    make_entity_state_condition,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .control.dispatch_status import DispatchOwner
from .control.targets import entities_with_key


class InverterCondition(Condition):
    """A condition about one entity of an inverter, which its device and any of its entities select."""

    key: ClassVar[str]
    """The key of the entity."""

    @classmethod
    @override
    async def async_validate_complete_config(
        cls, hass: HomeAssistant, complete_config: ConfigType
    ) -> ConfigType:
        """Check the target and the options."""
        config = await super().async_validate_complete_config(hass, complete_config)
        if config[CONF_OPTIONS][ATTR_BEHAVIOR] != BEHAVIOR_ANY:
            # Home Assistant leaves out unavailable entities: no inverter at all would be enough.
            raise probatio.Invalid("use one condition for each inverter")
        return config

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Store Home Assistant."""
        super().__init__(hass, config)
        self.hass = hass
        self.target = config.target or {}

    def entity_filter(self, _: set[str]) -> set[str]:
        """Return the entities that the condition is about, instead of those in its target."""
        return entities_with_key(self.hass, self.target, self.key)


def _has_state(platform: Platform, key: str, state: str) -> type[Condition]:
    """Return a condition that an entity has a state. An unavailable one has none."""
    base = make_entity_state_condition(platform, state, primary_entities_only=False)
    bases = (InverterCondition, base)
    return cast(type[Condition], type("InverterState", bases, {"key": key}))


CONDITIONS: dict[str, type[Condition]] = {
    "is_connected": _has_state(Platform.BINARY_SENSOR, "modbus", STATE_ON),
    "is_on_order": _has_state(
        Platform.SENSOR, "dispatch_controlled_by", DispatchOwner.OURS
    ),
}


async def async_get_conditions(_: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by their keys."""
    return CONDITIONS
