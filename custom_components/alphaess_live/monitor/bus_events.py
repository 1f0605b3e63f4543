"""Fires changes of the connection, the faults and the dispatch on Home Assistant's event bus, for automations."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import async_get_cached_translations

from ..alphaess.faults import Fault
from ..const import DOMAIN
from ..coordinator import InverterCoordinator
from ..feed.messages import (
    Event,
    FaultChanged,
    LinkLost,
    LinkRestored,
    Message,
    optional_rfc3339,
    rfc3339,
)
from .dispatch_log import DispatchLog
from .dispatch_record import DispatchEvent

EVENT_TYPE = f"{DOMAIN}_event"
DISPATCH_EVENT_TYPE = f"{DOMAIN}_dispatch"


def event_data(coordinator: InverterCoordinator, event: Event) -> dict[str, Any] | None:
    """Build the data of an event: duration (s) and cause of an outage, or the fault that changed.

    The duration is None while the outage lasts. Returns None for other messages.
    """
    connection = coordinator.connection
    match event:
        case LinkLost(kind=kind, message=message):
            return _connection_data(None, kind, message)
        case LinkRestored(outage_seconds=seconds):
            cause = connection.last_error_kind, connection.last_error_message
            return _connection_data(seconds, *cause)
        case FaultChanged(change=change):
            return fault_payload(coordinator.hass, change.fault, change.since)
        case _:
            return None


def _connection_data(
    seconds: float | None, kind: str | None, message: str | None
) -> dict[str, Any]:
    return {
        "outage_seconds": seconds,
        "error_kind": kind,
        "error_message": message,
    }


@callback
def fire_bus_events(coordinator: InverterCoordinator) -> Callable[[], None]:
    """Fire an event on the bus for each connection and fault message, until the result is called."""

    @callback
    def on_message(message: Message) -> None:
        if (data := event_data(coordinator, message.event)) is not None:
            source = _source(coordinator)
            data = {"type": message.event.type} | source | data
            coordinator.hass.bus.async_fire(EVENT_TYPE, data)

    return coordinator.feed.subscribe(on_message)


@callback
def fire_dispatch_events(
    coordinator: InverterCoordinator, log: DispatchLog
) -> Callable[[], None]:
    """Fire an event on the bus for each change of the dispatch, until the result is called."""

    @callback
    def on_event(event: DispatchEvent) -> None:
        data = {"type": event.change.value} | _source(coordinator)
        fire = partial(
            coordinator.hass.bus.async_fire,
            DISPATCH_EVENT_TYPE,
            data | dispatch_payload(event),
            context=event.context,
        )
        # A poll publishes on the feed before it updates the entities: an automation
        # would find the state before the event.
        coordinator.hass.loop.call_soon(fire)

    return log.subscribe(on_event)


def dispatch_payload(event: DispatchEvent) -> dict[str, Any]:
    """Describe a change of the dispatch for entities and automations."""
    values = event.values()
    return values | {"expires_at": optional_rfc3339(values["expires_at"])}


def _source(coordinator: InverterCoordinator) -> dict[str, str | None]:
    """Return the device of an event."""
    serial, entry = coordinator.identity.serial, coordinator.config_entry
    device = dr.async_get(coordinator.hass).async_get_device_by_identifier(
        (DOMAIN, serial), entry.entry_id
    )
    return {"device_id": device.id if device else None, "serial": serial}


_FAULT_TEXT_KEY = f"component.{DOMAIN}.entity.sensor.faults.state."


@callback
def fault_payload(hass: HomeAssistant, fault: Fault, since: datetime) -> dict[str, Any]:
    """Describe a fault or a warning for entities and automations, in Home Assistant's language."""
    # For a language without a translation Home Assistant returns the English texts.
    texts = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
    return {
        "code": fault.code,
        "source": fault.source,
        "severity": fault.severity.value,
        "text": texts.get(_FAULT_TEXT_KEY + fault.code, fault.text),
        "since": rfc3339(since),
        "bit": fault.bit,
        "probable": fault.is_probable,
    }
