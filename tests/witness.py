"""Compares what was shown of an inverter with what it had, and counts what is left over."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
import gc
from pathlib import Path
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pymodbus.client.base import ModbusBaseClient

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import BLOCKS
from custom_components.alphaess_live.alphaess.snapshot import READINGS, Snapshot, Value
from custom_components.alphaess_live.feed.messages import Message, PowerMeasured
from custom_components.alphaess_live.runtime import AlphaEssConfigEntry
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

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
    has: dict[str, Value] = field(default_factory=dict)
    """What the inverter has since the last look."""
    polled: dict[str, Value] = field(default_factory=dict)
    """What it had when the last poll began; empty where nobody tells of polls."""
    taken: dict[str, Value] = field(default_factory=dict)
    """The same for the last poll that read everything: entities may show it until the next one."""
    shown: set[str] = field(default_factory=set)
    """Readings that were shown at all."""
    never_was: dict[str, set[str]] = field(default_factory=dict)
    """What was shown although the inverter did not have it when it was read, by reading."""
    fell: list[str] = field(default_factory=list)
    """Totals that were shown to fall, and how."""
    _held: dict[str, set[Value]] = field(default_factory=dict)
    """What each reading has been since the beginning: a total outlives its poll."""
    _totals: dict[str, float] = field(default_factory=dict)

    async def look(self) -> None:
        """Note what the inverter has now, by a way of its own."""
        snapshot = await Inverter(self.inverter).read()
        self.has = {reading.key: reading.of(snapshot) for reading in READINGS}
        for key, value in self.has.items():
            self._held.setdefault(key, set()).add(value)

    def note_poll(self) -> None:
        """Note that a poll begins, while which nothing changes."""
        self.polled = self.has

    def note_snapshot(self, snapshot: Snapshot) -> None:
        """Note what it read, also what no sensor shows: none of it was otherwise.

        What is read seldom or is a total may be older than the poll.
        """
        self.taken = self.polled
        older = {block.name for block in BLOCKS if block.slow}
        for reading in READINGS:
            value = reading.of(snapshot)
            if value is None:
                continue
            if reading.part in older or reading.key.endswith("_total"):
                self._judge_held(reading.key, value)
            else:
                self._judge(reading.key, value, self.polled)

    @callback
    def see(self, event: Event[EventStateChangedData]) -> None:
        """Note what an entity shows."""
        old, new = event.data["old_state"], event.data["new_state"]
        if new and (not old or old.state != new.state):
            self._look_at(new)

    def _look_at(self, new: State) -> None:
        key = self.keys.get(new.entity_id)
        if not key or new.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return
        if not key.endswith("_total"):
            self._judge(key, new.state, self.taken, self.polled)
            return
        before, now = self._totals.get(key, 0), float(new.state)
        if now < before:
            self.fell.append(f"{key}: {before} to {now}")
        self._totals[key] = now
        self._judge_held(key, now)

    @callback
    def hear(self, message: Message) -> None:
        """Note what the feed tells."""
        if isinstance(message.event, PowerMeasured):
            for key, name in POWER.items():
                value = getattr(message.event.power, name)
                if value is not None:  # Refused for now, and told so.
                    self._judge(key, value, self.polled)

    def _judge(self, key: str, value: Any, *moments: dict[str, Value]) -> None:
        """Take down whether this was there to be read at one of these moments."""
        self.shown.add(key)
        told = _told(value)
        if told not in {_told((then or self.has)[key]) for then in moments}:
            self.never_was.setdefault(key, set()).add(told)

    def _judge_held(self, key: str, value: Any) -> None:
        """Take down whether this was there at any time."""
        if (told := _told(value)) not in map(_told, self._held[key]):
            self.never_was.setdefault(key, set()).add(told)

    def check(self) -> None:
        """Make sure that nothing was shown that never was, and that no total fell."""
        assert len(self.shown) > len(POWER)
        assert not self.never_was, self.never_was
        assert not self.fell, self.fell

    def watch(self, hass: HomeAssistant, entry: AlphaEssConfigEntry) -> None:
        """Begin to look and to listen, at an entry that was just loaded."""
        prefix = f"{entry.unique_id}_"
        known = {reading.key for reading in READINGS}
        registry = er.async_get(hass)
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
            key = entity.unique_id.removeprefix(prefix)
            if entity.domain == "sensor" and key in known:
                self.keys[entity.entity_id] = key
                if self.taken and (shown := hass.states.get(entity.entity_id)):
                    self._look_at(shown)
        entry.async_on_unload(hass.bus.async_listen("state_changed", self.see))
        entry.async_on_unload(entry.runtime_data.coordinator.feed.subscribe(self.hear))


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
    if isinstance(value, datetime):  # The house's wall clock, which knows no zone.
        return dt_util.as_utc(value).isoformat()
    try:
        return repr(round(float(value), 6))
    except TypeError, ValueError:
        return str(value)
