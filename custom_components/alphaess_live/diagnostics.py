"""Diagnostics for a bug report, without names, addresses and serial numbers."""

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
from .alphaess.maps import CURRENT, RegisterMap
from .alphaess.registers.register import Memory
from .alphaess.snapshot import READINGS, Snapshot
from .const import (
    CONF_ENERGY_SOURCES,
    CONF_IDENTITY,
    CONF_SERIALS,
    CONF_TRANSPORT,
    CONF_UNIT_ID,
)
from .runtime import AlphaEssConfigEntry, RuntimeData, loaded_runtime
from .storage import restore_identity, restore_serials

NETWORK_ADDRESSES = range(0x0808, 0x0810)
"""IP addresses of the inverter, and its unit id [vendor]. They are not polled, and are removed from an image that contains them."""

_NAMES = (CONF_HOST, CONF_DEVICE, CONF_IDENTITY, CONF_SERIALS, CONF_ENERGY_SOURCES)
"""What is stored and left out, because it names the inverter, its place or its entities."""

_KEPT_CHARACTERS = 2
"""The characters of a serial number that name the product line, not the device."""

_ADDRESS = re.compile(
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b"  # IPv4
    r"|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:])"  # IPv6 and MAC
)


async def async_get_config_entry_diagnostics(
    _: HomeAssistant, entry: AlphaEssConfigEntry
) -> dict[str, Any]:
    """Return everything known about one inverter, without reading it; what is stored of one that is not loaded."""
    if runtime := loaded_runtime(entry):
        return _of_loaded(entry, runtime)
    identity = restore_identity(entry)
    content = {
        "state": entry.state,
        "reason": entry.reason,
        "identity": identity.to_dict() | {"serial": redact_serial(identity.serial)},
        "stored": {
            key: value for key, value in entry.data.items() if key not in _NAMES
        },
        "options": dict(entry.options),
    }
    redacted: dict[str, Any] = _redact(content, _secrets(entry))
    return redacted


def _of_loaded(entry: AlphaEssConfigEntry, runtime: RuntimeData) -> dict[str, Any]:
    """Return everything known about an inverter.

    The image can be replayed: `python -m custom_components.alphaess_live.simulator --image FILE`
    takes the downloaded file as it is.
    """
    coordinator = runtime.coordinator
    inverter = coordinator.inverter
    identity = coordinator.identity.to_dict()
    content = {
        "identity": identity | {"serial": redact_serial(coordinator.identity.serial)},
        "link": {key: entry.data[key] for key in (CONF_TRANSPORT, CONF_UNIT_ID)}
        | {"stray_bytes": coordinator.link.stray_bytes},
        "options": dict(entry.options),
        "intervals": asdict(coordinator.intervals),
        "watched": coordinator.has_live_clients,
        "connection": asdict(coordinator.connection),
        "counters": asdict(inverter.stats),
        "rejected": [one._asdict() for one in inverter.plausibility.rejections],
        "rebased": [
            {"key": key} | asdict(rebasing)
            for key, rebasing in inverter.ledger.rebasings
        ],
        "capability": _capability(inverter),
        "settings_written": runtime.controller.flash_writes.to_dict(),
        "complaints": [
            {"code": fault.code, "source": fault.source, "since": since}
            for fault, since in coordinator.fault_tracker.since.items()
        ],
        "internal_errors": [
            asdict(error) for error in coordinator.internal_errors.reported.values()
        ],
        "snapshot": _snapshot(coordinator.latest),
    }
    serials = (*inverter.serials, *_serials(coordinator.latest))
    redacted: dict[str, Any] = _redact(content, _secrets(entry, *serials))
    return redacted | {
        "image": {"holding": redact_image(inverter.image, inverter.register_map)}
    }


def _secrets(entry: AlphaEssConfigEntry, *serials: str) -> tuple[str, ...]:
    """Return the address and all known serial numbers, the longest first: one may contain another."""
    known = {entry.data.get(key) for key in (CONF_HOST, CONF_DEVICE)}
    known |= {*serials, *restore_serials(entry)}
    return tuple(sorted(filter(None, known), key=len, reverse=True))


def _capability(inverter: Inverter) -> dict[str, Any]:
    """Return what the inverter serves and refuses, its scales, and its register map."""
    profile = inverter.profile
    return {
        "served": sorted(block.name for block in inverter.served_blocks),
        "refused": sorted(block.name for block in inverter.refused_blocks),
        "profile": sorted(one.name for one in profile.alternatives),
        "in_question": sorted(one.name for one in profile.in_question),
        "confirmed": sorted(one.name for one in profile.confirmed),
        "limits": inverter.limits.to_dict(),
        "register_map": inverter.register_map.name,
        "probable": inverter.register_map.probable,
    }


def _snapshot(snapshot: Snapshot | None) -> dict[str, Any] | None:
    """Return every value by its key."""
    if snapshot is None:
        return None
    values = {reading.key: reading.of(snapshot) for reading in READINGS}
    state = {"taken": snapshot.measured_at, "withheld": sorted(snapshot.unavailable)}
    return state | values


def _serials(snapshot: Snapshot | None) -> Iterator[str]:
    for part in (snapshot.system, snapshot.versions) if snapshot else ():
        if part:
            yield part.serial


def _redact(value: Any, secrets: tuple[str, ...]) -> Any:
    """Redact every text; convert times and enums to texts."""
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


def redact_image(memory: Memory, register_map: RegisterMap = CURRENT) -> dict[int, int]:
    """Return an image that decodes to the same values, but without serial numbers and network addresses."""
    image = {at: word for at, word in memory.items() if at not in NETWORK_ADDRESSES}
    for register in register_map.serial_registers:
        if image.keys() >= set(range(register.address, register.end)):
            image |= register.encode(redact_serial(register.decode(image)))
    return image


def redact_serial(serial: str) -> str:
    """Replace all of a serial number but the product line by zeros."""
    return serial[:_KEPT_CHARACTERS] + "0" * (len(serial) - _KEPT_CHARACTERS)
