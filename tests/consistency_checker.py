"""Compares the published values of an inverter with its real ones, and counts open resources."""

import asyncio
from dataclasses import dataclass, field, replace
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

from custom_components.alphaess_live.alphaess.energy_ledger import COUNTERS
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import BLOCKS
from custom_components.alphaess_live.alphaess.snapshot import READINGS, Snapshot, Value
from custom_components.alphaess_live.feed.messages import Message, PowerMeasured
from custom_components.alphaess_live.runtime import AlphaEssConfigEntry
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

FEED_FIELDS = {"load_power": "load", "grid_power": "grid", "pv_power": "pv"} | {
    "battery_power": "battery",
    "battery_soc": "soc",
}
"""The readings in a power message, with their names there."""


@dataclass
class ConsistencyChecker:
    """Records the inverter's values, and every published value that it never had."""

    inverter: SimulatedInverter
    keys: dict[str, str] = field(default_factory=dict)
    """The key of the reading of each entity."""
    current: dict[str, Value] = field(default_factory=dict)
    """The inverter's values at the last call of `record_current`."""
    polled: dict[str, Value] = field(default_factory=dict)
    """Its values at the start of the last poll; empty without calls of `on_poll`."""
    snapshot_values: dict[str, Value] = field(default_factory=dict)
    """Its values at the start of the last full poll: entities may show them until the next one."""
    shown: set[str] = field(default_factory=set)
    """Keys of all published readings."""
    wrong_values: dict[str, set[str]] = field(default_factory=dict)
    """Published values that the inverter did not have when it was read, by reading."""
    decreased_totals: list[str] = field(default_factory=list)
    """Totals that decreased, with both values."""
    _past_values: dict[str, set[Value]] = field(default_factory=dict)
    """All values of each reading so far: a total is kept longer than until the next poll."""
    _totals: dict[str, float] = field(default_factory=dict)

    async def record_current(self) -> None:
        """Read the inverter's current values directly."""
        reader = Inverter(self.inverter)
        snapshot = _with_totals(await reader.read(), reader)
        self.current = {reading.key: reading.of(snapshot) for reading in READINGS}
        for key, value in self.current.items():
            self._past_values.setdefault(key, set()).add(value)

    def on_poll(self) -> None:
        """Record that a poll starts. The inverter must not change during it."""
        self.polled = self.current

    def on_snapshot(self, snapshot: Snapshot) -> None:
        """Check a snapshot, including the readings without a sensor.

        Values of slow blocks and totals may be older than the poll.
        """
        self.snapshot_values = self.polled
        older = {block.name for block in BLOCKS if block.slow}
        for reading in READINGS:
            value = reading.of(snapshot)
            if value is None:
                continue
            if reading.part in older or reading.key.endswith("_total"):
                self._compare_past(reading.key, value)
            else:
                self._compare(reading.key, value, self.polled)

    @callback
    def on_state_changed(self, event: Event[EventStateChangedData]) -> None:
        """Check the new state of an entity."""
        old, new = event.data["old_state"], event.data["new_state"]
        if new and (not old or old.state != new.state):
            self._check_state(new)

    def _check_state(self, new: State) -> None:
        key = self.keys.get(new.entity_id)
        if not key or new.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return
        if not key.endswith("_total"):
            self._compare(key, new.state, self.snapshot_values, self.polled)
            return
        before, now = self._totals.get(key, 0), float(new.state)
        if now < before:
            self.decreased_totals.append(f"{key}: {before} to {now}")
        self._totals[key] = now
        self._compare_past(key, now)

    @callback
    def on_message(self, message: Message) -> None:
        """Check a power message of the feed."""
        if isinstance(message.event, PowerMeasured):
            for key, name in FEED_FIELDS.items():
                value = getattr(message.event.power, name)
                if value is not None:
                    self._compare(key, value, self.polled)

    def _compare(self, key: str, value: Any, *moments: dict[str, Value]) -> None:
        """Record a value that the inverter had at none of these moments."""
        self.shown.add(key)
        text = _as_text(value)
        if text not in {_as_text((then or self.current)[key]) for then in moments}:
            self.wrong_values.setdefault(key, set()).add(text)

    def _compare_past(self, key: str, value: Any) -> None:
        """Record a value that the inverter never had."""
        if (text := _as_text(value)) not in map(_as_text, self._past_values[key]):
            self.wrong_values.setdefault(key, set()).add(text)

    def check(self) -> None:
        """Assert that no wrong value was published and no total decreased."""
        assert len(self.shown) > len(FEED_FIELDS)
        assert not self.wrong_values, self.wrong_values
        assert not self.decreased_totals, self.decreased_totals

    def attach(self, hass: HomeAssistant, entry: AlphaEssConfigEntry) -> None:
        """Subscribe to the entities and the feed of an entry that was just loaded."""
        prefix = f"{entry.unique_id}_"
        known = {reading.key for reading in READINGS}
        registry = er.async_get(hass)
        for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
            key = entity.unique_id.removeprefix(prefix)
            if entity.domain == "sensor" and key in known:
                self.keys[entity.entity_id] = key
                if self.snapshot_values and (
                    shown := hass.states.get(entity.entity_id)
                ):
                    self._check_state(shown)
        entry.async_on_unload(
            hass.bus.async_listen("state_changed", self.on_state_changed)
        )
        entry.async_on_unload(
            entry.runtime_data.coordinator.feed.subscribe(self.on_message)
        )


def _with_totals(snapshot: Snapshot, reader: Inverter) -> Snapshot:
    """Return a snapshot with the totals of the registers: the ledger shows none after one reading."""
    parts: dict[str, Any] = {}
    for block in reader.served_blocks:
        counted = [one.field for one in COUNTERS if one.part == block.name]
        shown: Any = getattr(snapshot, block.name)
        if counted and shown:
            read = block.decode(reader.image, reader.profile)
            totals = {name: getattr(read, name) for name in counted}
            parts[block.name] = replace(shown, **totals)
    snapshot = replace(snapshot, **parts)
    state, meter = snapshot.state, snapshot.pv_meter
    pv_energy = state.pv_energy_total if state else 0
    if meter:
        pv_energy += max(meter.energy_1_total, meter.energy_2_total)
    return replace(snapshot, pv_energy_total=round(pv_energy, 2))


def attach_checker(
    hass: HomeAssistant, entry: AlphaEssConfigEntry, inverter: SimulatedInverter
) -> ConsistencyChecker:
    """Create a checker for an entry."""
    checker = ConsistencyChecker(inverter)
    checker.attach(hass, entry)
    return checker


def resource_counts() -> dict[str, int]:
    """Count the resources of this process that may be left over, but not the recorder's files.

    Its pool opens a few files of the database for each question at the same time.
    """
    gc.collect()
    everything = gc.get_objects()
    open_files = [_target(path) for path in Path("/proc/self/fd").iterdir()]
    return {
        "clients": sum(isinstance(item, ModbusBaseClient) for item in everything),
        "sockets": sum(target.startswith("socket:") for target in open_files),
        "files": sum(".db" not in target for target in open_files),
        "tasks": len(asyncio.all_tasks()),
    }


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""  # The folder whose entries are listed.


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):  # The inverter's clock has no time zone.
        return dt_util.as_utc(value).isoformat()
    try:
        return repr(round(float(value), 6))
    except TypeError, ValueError:
        return str(value)
