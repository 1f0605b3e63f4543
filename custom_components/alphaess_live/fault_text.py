"""Faults in the words of a person, in the language that Home Assistant speaks."""

from datetime import datetime

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .alphaess.faults import Fault
from .const import DOMAIN
from .wording import rfc3339

_TEXT = f"component.{DOMAIN}.entity.sensor.faults.state."


@callback
def spell(hass: HomeAssistant, fault: Fault, since: datetime) -> dict[str, str]:
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
