"""Compares what was shown of an inverter with what it had, and counts what is left over."""

import asyncio
from dataclasses import dataclass, field
import gc
from pathlib import Path
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from pymodbus.client.base import ModbusBaseClient

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.coordinator import AlphaEssConfigEntry
from custom_components.alphaess_live.feed import Message, PowerMeasured
from custom_components.alphaess_live.simulator.inverter import SimulatedInverter

POWER = {"load_power": "load", "grid_power": "grid", "pv_power": "pv"} | {
    "battery_power": "battery",
    "battery_soc": "soc",
}
"""The readings that the feed tells, and what they are called there."""


@dataclass
class Witness:
    """Remembers what the inverter had, and what was shown of it."""

    inverter: SimulatedInverter
    keys: dict[str, str] = field(default_factory=dict)
    """By entity, the reading that it shows."""
    had: dict[str, set[str]] = field(default_factory=dict)
    shown: dict[str, set[str]] = field(default_factory=dict)
    fell: list[str] = field(default_factory=list)
    """Totals that were shown to fall, and how."""
    _totals: dict[str, float] = field(default_factory=dict)

    async def look(self) -> None:
        """Note what the inverter has now, by a way of its own."""
        snapshot = await Inverter(self.inverter).read()
        for reading in READINGS:
            self.had.setdefault(reading.key, set()).add(_told(reading.of(snapshot)))

    @callback
    def see(self, event: Event[EventStateChangedData]) -> None:
        """Note what an entity shows."""
        new = event.data["new_state"]
        key = self.keys.get(event.data["entity_id"])
        if not new or not key or new.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return
        self.shown.setdefault(key, set()).add(_told(new.state))
        if key.endswith("_total"):
            before, now = self._totals.get(key, 0), float(new.state)
            if now < before:
                self.fell.append(f"{key}: {before} to {now}")
            self._totals[key] = now

    @callback
    def hear(self, message: Message) -> None:
        """Note what the feed tells."""
        if isinstance(message.event, PowerMeasured):
            for key, name in POWER.items():
                value = getattr(message.event.power, name)
                if value is not None:  # Refused for now, and told so.
                    self.shown.setdefault(key, set()).add(_told(value))

    @property
    def never_was(self) -> dict[str, set[str]]:
        """What was shown although the inverter never had it, by reading."""
        invented = {key: self.shown[key] - self.had[key] for key in self.shown}
        return {key: values for key, values in invented.items() if values}

    def check(self) -> None:
        """Make sure that nothing was shown that never was, and that no total fell."""
        assert len(self.shown) > len(POWER)
        assert not self.never_was
        assert not self.fell

    def watch(self, hass: HomeAssistant, entry: AlphaEssConfigEntry) -> None:
        """Begin to look and to listen, at an entry that was just loaded."""
        prefix = f"{entry.unique_id}_"
        known = {reading.key for reading in READINGS}
        registry = er.async_get(hass)
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
            key = entity.unique_id.removeprefix(prefix)
            if entity.domain == "sensor" and key in known:
                self.keys[entity.entity_id] = key
        entry.async_on_unload(hass.bus.async_listen("state_changed", self.see))
        entry.async_on_unload(entry.runtime_data.feed.subscribe(self.hear))


def witness_of(
    hass: HomeAssistant, entry: AlphaEssConfigEntry, inverter: SimulatedInverter
) -> Witness:
    """Begin to look and to listen."""
    witness = Witness(inverter)
    witness.watch(hass, entry)
    return witness


def left_over() -> dict[str, int]:
    """Count what may be left over."""
    gc.collect()
    everything = gc.get_objects()
    open_files = [_target(one) for one in Path("/proc/self/fd").iterdir()]
    return {
        "clients": sum(isinstance(one, ModbusBaseClient) for one in everything),
        "sockets": sum(target.startswith("socket:") for target in open_files),
        "files": len(open_files),
        "tasks": len(asyncio.all_tasks()),
    }


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""  # The folder that is being listed.


def _told(value: Any) -> str:
    try:
        return f"{float(value):g}"
    except TypeError, ValueError:
        return str(value)
