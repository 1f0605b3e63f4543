"""What a person sends along with a bug report: everything that helps, nothing that tells where it is from."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from enum import Enum
import re
from typing import Any

from homeassistant.components.diagnostics.const import REDACTED
from homeassistant.const import CONF_DEVICE, CONF_HOST
from homeassistant.core import HomeAssistant

from .alphaess.inverter import Inverter
from .alphaess.redact import redact_image, redact_serial
from .alphaess.snapshot import READINGS, Snapshot
from .const import CONF_TRANSPORT, CONF_UNIT_ID
from .control.controller import controller_of
from .coordinator import AlphaEssConfigEntry

_ADDRESS = re.compile(
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b"  # IPv4
    r"|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])"  # IPv6 and MAC
)


async def async_get_config_entry_diagnostics(
    _: HomeAssistant, entry: AlphaEssConfigEntry
) -> dict[str, Any]:
    """Tell what is known of one inverter. Nothing is asked for it.

    The image replays: `python -m custom_components.alphaess_live.simulator --image FILE`
    takes the downloaded file as it is.
    """
    coordinator = entry.runtime_data
    inverter = coordinator.inverter
    identity = coordinator.identity.to_dict()
    told = {
        "identity": identity | {"serial": redact_serial(coordinator.identity.serial)},
        "link": {key: entry.data[key] for key in (CONF_TRANSPORT, CONF_UNIT_ID)},
        "options": dict(entry.options),
        "intervals": asdict(coordinator.intervals),
        "watched": coordinator.has_live_clients,
        "connection": asdict(coordinator.connection),
        "counters": asdict(inverter.stats),
        "rejected": [one._asdict() for one in inverter.plausibility.rejections],
        "capability": _capability(inverter),
        "settings_written": controller_of(coordinator).flash_writes.to_dict(),
        "complaints": [
            {"code": fault.code, "source": fault.source, "since": since}
            for fault, since in coordinator.fault_tracker.since.items()
        ],
        "snapshot": _snapshot(coordinator.latest),
    }
    secrets = {entry.data.get(key) for key in (CONF_HOST, CONF_DEVICE)}
    secrets |= {coordinator.identity.serial, *_serials(coordinator.latest)}
    hidden: dict[str, Any] = _redact(told, tuple(filter(None, secrets)))
    return hidden | {
        "image": {"holding": redact_image(inverter.image, inverter.register_map)}
    }


def _capability(inverter: Inverter) -> dict[str, list[str]]:
    """Tell what the inverter serves, and in which scales."""
    return {
        "served": sorted(block.name for block in inverter.served_blocks),
        "refused": sorted(block.name for block in inverter.refused_blocks),
        "profile": sorted(variant.name for variant in inverter.profile),
    }


def _snapshot(snapshot: Snapshot | None) -> dict[str, Any] | None:
    """Lay out every value by its key."""
    if snapshot is None:
        return None
    values = {reading.key: reading.of(snapshot) for reading in READINGS}
    told = {"taken": snapshot.measured_at, "withheld": sorted(snapshot.unavailable)}
    return told | values


def _serials(snapshot: Snapshot | None) -> Iterator[str]:
    for part in (snapshot.system, snapshot.versions) if snapshot else ():
        if part:
            yield part.serial


def _redact(value: Any, secrets: tuple[str, ...]) -> Any:
    """Take names and addresses out of every text; write times and states as text."""
    match value:
        case Mapping():
            return {key: _redact(below, secrets) for key, below in value.items()}
        case list() | tuple():
            return [_redact(below, secrets) for below in value]
        case str() if not isinstance(value, Enum):
            return _redact_text(value, secrets)
        case _:
            return _plain(value)


def _redact_text(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return _ADDRESS.sub(REDACTED, text)


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Enum():
            return value.value
        case _:
            return value
