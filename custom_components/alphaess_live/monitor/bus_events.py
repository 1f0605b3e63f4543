"""What automations hear of the connection and of faults: told on Home Assistant's event bus as on the feed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.translation import async_get_cached_translations

from ..alphaess.faults import Fault
from ..const import DOMAIN
from ..coordinator import InverterCoordinator
from ..feed.messages import Event, FaultChanged, LinkLost, LinkRestored, Message
from ..feed.serialize import rfc3339

EVENT_TYPE = f"{DOMAIN}_event"


def story(coordinator: InverterCoordinator, event: Event) -> dict[str, Any] | None:
    """Tell how long an outage was (s; None while it lasts) and why, or which fault came or went.

    None for what is no news.
    """
    connection = coordinator.connection
    match event:
        case LinkLost(kind=kind, message=message):
            return _told(None, kind, message)
        case LinkRestored(outage_seconds=seconds):
            why = connection.last_error_kind, connection.last_error_message
            return _told(seconds, *why)
        case FaultChanged(change=change):
            return fault_payload(coordinator.hass, change.fault, change.since)
        case _:
            return None


def _told(
    seconds: float | None, kind: str | None, message: str | None
) -> dict[str, Any]:
    return {
        "outage_seconds": seconds,
        "error_kind": kind,
        "error_message": message,
    }


@callback
def spread_news(coordinator: InverterCoordinator) -> Callable[[], None]:
    """Fire an event on the bus for each piece of news, until the answer is called."""
    hass, entry = coordinator.hass, coordinator.config_entry
    serial = coordinator.identity.serial

    @callback
    def hear(message: Message) -> None:
        told = story(coordinator, message.event)
        if told is None:
            return
        registry = dr.async_get(hass)
        device = registry.async_get_device_by_identifier(
            (DOMAIN, serial), entry.entry_id
        )
        about = {"device_id": device and device.id, "serial": serial}
        hass.bus.async_fire(EVENT_TYPE, {"type": message.event.type} | about | told)

    return coordinator.feed.subscribe(hear)


_TEXT = f"component.{DOMAIN}.entity.sensor.faults.state."


@callback
def fault_payload(hass: HomeAssistant, fault: Fault, since: datetime) -> dict[str, str]:
    """Tell of a fault or a warning what entities and automations know of it."""
    # A language that has no texts of ours gets the English ones from Home Assistant.
    texts = async_get_cached_translations(hass, hass.config.language, "entity", DOMAIN)
    return {
        "code": fault.code,
        "source": fault.source,
        "severity": fault.severity.value,
        "text": texts.get(_TEXT + fault.code, fault.text),
        "since": rfc3339(since),
    }
