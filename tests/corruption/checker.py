"""Compares all that an entry shows, counts and stores with what its inverter really had."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.helpers import entity_registry as er

from custom_components.alphaess_live.alphaess.identity import PROPERTIES, Identity
from custom_components.alphaess_live.alphaess.registers import BLOCKS
from custom_components.alphaess_live.alphaess.snapshot import READINGS, Snapshot
from custom_components.alphaess_live.connection.intervals import Intervals
from custom_components.alphaess_live.const import CONF_IDENTITY, CONF_VARIANTS, DOMAIN
from custom_components.alphaess_live.feed.messages import Message, PowerMeasured

from .energy_sums import EnergySums
from .installation import Installation
from .oracle import ObservedInverter, untrue_values

SETTLED_SECONDS = 110
"""So long after the last wrong word all is shown again, and stored as it is: a scale takes a minute."""
COMPLETE_SECONDS = 500
"""So long after it the sums are complete: growth during a gap is confirmed by 21 snapshots, its end by 21 more.

Firmware and rated power are right again, too.
"""

_SLOWLY_CORRECTED = ("firmware", "rated_power")
"""Properties of which an odd value is replaced after 210 s."""

FIRST_SAMPLES = 3
"""Consistent numbers with which a counter begins: odd ones cannot be distinguished from the truth."""

_SHOWN_AS_READ = {
    reading.key: reading for reading in READINGS if not reading.key.endswith("_total")
}
"""Readings whose sensors show the snapshot; a total has a sensor of its own kind."""


def _is_total(key: str) -> bool:
    """Whether a key is of a lifetime total; a PV meter has two, which are numbered."""
    return "_energy_" in key and key.endswith("_total")


class Checker:
    """Collects what is wrong, as sentences; `undecidable` counts what no client could have detected."""

    def __init__(self, installation: Installation) -> None:
        """Follow the states of the entry; `attach` follows its feed."""
        self.findings: list[str] = []
        self.undecidable: Counter[str] = Counter()
        self.identity: Identity | None = None
        """What is to be stored; None while that is open."""
        self.odd_bases: set[str] = set()
        """Totals that began with an odd number, because it was read at least three times.

        Their sums must be right, but not their states.
        """
        self.states: list[tuple[datetime, str, str]] = []
        """All states of the totals: when, of which key, and what."""
        self._known_totals: set[str] = set()
        """Totals that were shown as they are."""
        self._installation = installation
        self._sums = EnergySums()
        self._keys: dict[str, str] = {}
        self._shown_blocks: set[str] = set()
        self._end_feed: Callable[[], None] = lambda: None
        self.close = installation.hass.bus.async_listen("state_changed", self._on_state)

    @property
    def _inverter(self) -> ObservedInverter:
        return self._installation.inverter

    def attach(self) -> None:
        """Follow the feed of the entry that was just loaded, or was not followed for a while."""
        coordinator = self._installation.coordinator
        self._end_feed = coordinator.feed.subscribe(self._on_message)
        if coordinator.intervals != (usual := Intervals.from_options({})):
            coordinator.set_intervals(usual)

    def detach(self) -> None:
        """Follow the feed no longer, so that only snapshots are read."""
        self._end_feed()
        coordinator = self._installation.coordinator
        usual = coordinator.intervals
        coordinator.set_intervals(replace(usual, idle=usual.snapshot))

    @callback
    def _on_state(self, event: Event[EventStateChangedData]) -> None:
        """Check a new state of a lifetime total."""
        new = event.data["new_state"]
        key = self._key(new.entity_id) if new else ""
        if not new or not _is_total(key):
            return
        self.states.append((new.last_updated, key, new.state))
        if new.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            value = float(new.state)
            if finding := self._sums.add(key, value, self._true_energies):
                self.findings.append(finding)
            if value == self._inverter.newest.energies.get(key):
                self._known_totals.add(key)
            elif key not in self._known_totals:
                self._may_be_odd(key)

    def _may_be_odd(self, key: str) -> bool:
        """Whether a total may have begun with an odd number."""
        if (
            _is_total(key)
            and key not in self._known_totals
            and self._inverter.odd_readings(key) >= FIRST_SAMPLES
        ):
            self.odd_bases.add(key)
            self._sums.begin_odd(key, min(self._true_energies(key)))
        return key in self.odd_bases

    def _true_energies(self, key: str) -> list[float]:
        """Return all numbers that a total should have had so far."""
        return [one.energies.get(key, 0.0) for one in self._inverter.instants]

    def _key(self, entity_id: str) -> str:
        """Return the key of a sensor of the entry; empty for any other entity."""
        if entity_id not in self._keys:
            hass = self._installation.hass
            entity = er.async_get(hass).async_get(entity_id)
            if not entity or entity.platform != DOMAIN or entity.domain != "sensor":
                return ""
            entry = hass.config_entries.async_get_entry(entity.config_entry_id or "")
            prefix = f"{entry.unique_id if entry else ''}_"
            self._keys[entity_id] = entity.unique_id.removeprefix(prefix)
        return self._keys[entity_id]

    @callback
    def _on_message(self, message: Message) -> None:
        """Check that a message of the feed has the powers of the newest snapshot."""
        if isinstance(message.event, PowerMeasured):
            latest = self._installation.coordinator.latest
            if latest is None or message.event.power != latest.power:
                self.findings.append(f"the feed sends {message.event.power}")

    def check_offsets(self, before: Mapping[str, float | None]) -> None:
        """Check that an entry that was loaded again has the offsets that it had before."""
        after = self._installation.coordinator.inverter.ledger.offsets
        for key, offset in before.items():
            if offset and after.get(key) != offset:
                text = f"{key} is loaded with the offset {after.get(key)}, not {offset}"
                self.findings.append(text)

    def check(self, *, quiet_seconds: float) -> None:
        """Check all, so long after the last wrong word or gap."""
        settled = quiet_seconds > SETTLED_SECONDS
        installation = self._installation
        if installation.entry.state is not ConfigEntryState.LOADED:
            return
        complete = quiet_seconds > COMPLETE_SECONDS
        self._check_stored(settled=settled, complete=complete)
        self.findings += self._sums.too_high(self._inverter.highest_energies)
        coordinator = installation.coordinator
        for error in coordinator.internal_errors.reported.values():
            self.findings.append(error.traceback)
        if coordinator.connection.connected and coordinator.latest and coordinator.data:
            self._check_snapshot(coordinator.latest)
            self._check_states(coordinator.data)
            if settled:
                self._check_shown_again(coordinator.latest)
            if complete:
                self.findings += self._incomplete_sums()
        elif settled:
            message = coordinator.connection.error_message
            self.findings.append(f"is not connected again: {message}")

    def _check_snapshot(self, snapshot: Snapshot) -> None:
        """Check the values of the newest snapshot, and what is computed from them."""
        for one in untrue_values(snapshot, self._inverter):
            if one.undecidable or self._may_be_odd(one.key):
                self.undecidable[one.key] += 1
            else:
                self.findings.append(str(one))
        self._shown_blocks |= {
            block.name for block in BLOCKS if getattr(snapshot, block.name) is not None
        }
        self._check_derived(snapshot)

    def _check_derived(self, snapshot: Snapshot) -> None:
        """Check the load: a sum of what is shown, or the median of three sums; unknown without a part."""
        power = snapshot.power
        sums = {power.balance, power.ac_balance, power.previous_balance}
        possible = {max(one, 0) for one in sums if one is not None}
        if power.load is not None and power.load not in possible:
            self.findings.append(f"load {power.load} W, but the sums are {sums}")

    def _check_states(self, snapshot: Snapshot) -> None:
        """Check that the sensors show the newest snapshot, or nothing."""
        for entity_id, key in self._keys.items():
            reading = _SHOWN_AS_READ.get(key)
            state = self._installation.hass.states.get(entity_id)
            if not reading or not state:
                continue
            if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
                continue
            value: Any = reading.of(snapshot)
            if isinstance(value, int | float) and float(state.state) != value:
                self.findings.append(f"{key} shows {state.state}, not {value}")

    def _check_stored(self, *, settled: bool, complete: bool) -> None:
        """Check the scales and the identity."""
        entry, true = (
            self._installation.entry,
            self._inverter.model.profile.alternatives,
        )
        used = self._installation.coordinator.inverter.profile
        for variant in used.alternatives - true:
            self.findings.append(f"uses the scale {variant.name}")
        for name in set(entry.data[CONF_VARIANTS]) - {variant.name for variant in true}:
            self.findings.append(f"stores the scale {name}")
        if settled:
            names = {*PROPERTIES}.difference(() if complete else _SLOWLY_CORRECTED)
            self.findings += self._wrong_properties(names)

    def _wrong_properties(self, names: Iterable[str]) -> list[str]:
        """Return what is wrong with the stored identity."""
        stored = self._installation.entry.data[CONF_IDENTITY]
        return [
            f"identity: {name} {found!r}, not {value!r}"
            for name in sorted(names)
            if self.identity
            if (found := stored.get(name)) != (value := getattr(self.identity, name))
        ]

    def _incomplete_sums(self) -> tuple[str, ...]:
        newest = self._inverter.newest.energies
        known = newest.keys() - self.odd_bases
        return tuple(self._sums.too_low({key: newest[key] for key in known}))

    @property
    def sums(self) -> dict[str, float]:
        """The sums of the totals, by key."""
        return self._sums.by_key

    @property
    def is_complete(self) -> bool:
        """Whether all sums contain all energy that flowed, and what is slowly corrected is right."""
        return not self._incomplete_sums() and not self._wrong_properties(
            _SLOWLY_CORRECTED
        )

    def _check_shown_again(self, snapshot: Snapshot) -> None:
        """Check that everything is shown again.

        A block that was refused from the beginning is requested again after a day, and
        a slow block when it is due. A meter that is not installed has nothing to show.
        """
        newest = self._inverter.newest
        for block in BLOCKS:
            is_shown = getattr(snapshot, block.name) is not None
            has_values = newest.true.get(block.name) != block.neutral()
            if block.name in self._shown_blocks and not (
                is_shown or block.slow or not has_values
            ):
                self.findings.append(f"{block.name} is not shown again")
