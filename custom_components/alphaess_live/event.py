"""Event entities, for automations and the logbook: connection, faults and dispatch."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.const import EntityCategory
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.faults import Severity
from .coordinator import InverterCoordinator
from .entity import AlphaEssEntity
from .feed.messages import LinkLost, LinkRestored, Message
from .monitor.bus_events import dispatch_payload, event_data
from .monitor.dispatch_record import DispatchChange, DispatchEvent
from .runtime import AlphaEssConfigEntry, RuntimeData

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
    async_add_entities([DispatchEventEntity(entry.runtime_data)])


class InverterEvent(AlphaEssEntity, EventEntity):
    """Events of one kind. Always available: the loss of the connection is an event, too."""

    @property
    @override
    def available(self) -> bool:
        """Always."""
        return True


class DispatchEventEntity(InverterEvent):
    """Beginning, change and end of a dispatch, and refused orders, with who has caused them."""

    _attr_entity_registry_enabled_default = False
    _attr_event_types: list[str] = [change.value for change in DispatchChange]  # noqa: RUF012 - Home Assistant's type

    def __init__(self, runtime: RuntimeData) -> None:
        """Show the changes that the log reports."""
        super().__init__(runtime.coordinator, "dispatch")
        self._log = runtime.dispatch_log

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to the log."""
        await super().async_added_to_hass()
        self.async_on_remove(self._log.subscribe(self._on_event))

    @callback
    def _on_event(self, event: DispatchEvent) -> None:
        self.async_set_context(event.context or Context())
        self._trigger_event(event.change.value, dispatch_payload(event))
        self.async_write_ha_state()


class FeedEvent(InverterEvent):
    """Events that the feed publishes, too."""

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

    @callback
    def _on_message(self, message: Message) -> None:
        if message.event.type in self.event_types:
            attributes = event_data(self.coordinator, message.event)
            self._trigger_event(message.event.type, attributes)
            self.async_write_ha_state()
