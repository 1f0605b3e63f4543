"""News as events, for automations and the logbook: the connection lost and restored, a fault come and gone."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.faults import Severity
from .coordinator import AlphaEssConfigEntry, InverterCoordinator
from .entity import AlphaEssEntity
from .feed.messages import LinkLost, LinkRestored, Message
from .monitor.bus_events import story

PARALLEL_UPDATES = 0

EVENT_TYPES = {
    "modbus_connection": [LinkRestored.type, LinkLost.type],
    "fault": [f"{what}_{verb}" for what in Severity for verb in ("raised", "cleared")],
}
"""What each entity tells of."""


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of one inverter."""
    coordinator = entry.runtime_data
    async_add_entities(FeedEvent(coordinator, *event) for event in EVENT_TYPES.items())


class FeedEvent(AlphaEssEntity, EventEntity):
    """One kind of news. Always available: it tells of what happens to the inverter, too."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _unrecorded_attributes = frozenset({"error_message"})

    def __init__(
        self, coordinator: InverterCoordinator, key: str, types: list[str]
    ) -> None:
        """Tell of events of these types."""
        super().__init__(coordinator, key)
        self._attr_event_types = types

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the feed, which speaks when the other entities are up to date."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.feed.subscribe(self._hear))

    @property
    @override
    def available(self) -> bool:
        """It can always be said."""
        return True

    @callback
    def _hear(self, message: Message) -> None:
        if message.event.type in self.event_types:
            told = story(self.coordinator, message.event)
            self._trigger_event(message.event.type, told)
            self.async_write_ha_state()
