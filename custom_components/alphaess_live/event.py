"""The connection as an event: lost and restored, for automations and the logbook."""

from typing import override

from homeassistant.components.event import EventEntity
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AlphaEssConfigEntry
from .entity import AlphaEssEntity
from .feed import LinkLost, LinkRestored, Message
from .news import story

PARALLEL_UPDATES = 0


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the events of one inverter."""
    async_add_entities((LinkEvent(entry.runtime_data, "modbus_connection"),))


class LinkEvent(AlphaEssEntity, EventEntity):
    """When the inverter was lost and came back. Always available: it tells of both."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_event_types: list[str] = [LinkRestored.type, LinkLost.type]  # noqa: RUF012 - Home Assistant's type
    _unrecorded_attributes = frozenset({"error_message"})

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
        told = story(self.coordinator, message.event)
        if told is not None:
            self._trigger_event(message.event.type, told)
            self.async_write_ha_state()
