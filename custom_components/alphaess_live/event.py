"""Event entities, for automations and the logbook: connection lost and restored, fault raised and cleared."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.faults import Severity
from .coordinator import InverterCoordinator
from .entity import AlphaEssEntity
from .feed.messages import LinkLost, LinkRestored, Message
from .monitor.bus_events import event_data
from .runtime import AlphaEssConfigEntry

PARALLEL_UPDATES = 0

EVENT_TYPES = {
    "modbus_connection": [LinkRestored.type, LinkLost.type],
    "fault": [
        f"{one}_{change}" for one in Severity for change in ("raised", "cleared")
    ],
}
"""The event types of each entity, by its key."""


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of one inverter."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(FeedEvent(coordinator, *event) for event in EVENT_TYPES.items())


class FeedEvent(AlphaEssEntity, EventEntity):
    """Events of one kind. Always available: the loss of the connection is an event, too."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _unrecorded_attributes = frozenset({"error_message"})

    def __init__(
        self, coordinator: InverterCoordinator, key: str, types: list[str]
    ) -> None:
        """Store the event types."""
        super().__init__(coordinator, key)
        self._attr_event_types = types

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the feed, which publishes after the other entities are updated."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.feed.subscribe(self._on_message))

    @property
    @override
    def available(self) -> bool:
        """Always."""
        return True

    @callback
    def _on_message(self, message: Message) -> None:
        if message.event.type in self.event_types:
            attributes = event_data(self.coordinator, message.event)
            self._trigger_event(message.event.type, attributes)
            self.async_write_ha_state()
