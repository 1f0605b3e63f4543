"""What a simulated inverter really had, what it sent, and which of the two may be shown."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, override

from custom_components.alphaess_live.alphaess.field_subset import FieldSubset
from custom_components.alphaess_live.alphaess.registers import BLOCKS, Installation
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.registers.register import (
    Quantity as Q,
    Register,
)
from custom_components.alphaess_live.alphaess.scales import ScaleProfile
from custom_components.alphaess_live.alphaess.snapshot import (
    PV_ENERGY_KEY,
    Snapshot,
)
from custom_components.alphaess_live.simulator.corruption import (
    Corruption,
    sent_words,
)
from custom_components.alphaess_live.simulator.models import Model
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

from .energy_sums import SPIKE_KWH, STEP_KWH, TOLERANCE_KWH

type Words = dict[int, int]

SAMPLES_HELD = timedelta(seconds=45)
"""Three snapshots of ten seconds, the one before them, and the power values that are read between two."""
READINGS_HELD = 5
"""Readings of a block, of which a value may be: the last good one, three held ones, and one of live values alone."""
SAMPLE_TIME = timedelta(seconds=8)
"""Readings within it are one sample: a doubtful block is read again, and the live values twice as often."""
MAX_POWER_FACTOR = 10
"""No house with a battery of this power has more than ten times as much."""
MIN_RATED_POWER = 5000
MAX_INSTALLED_POWER = 200_000
"""W; what may be set as the peak power of the panels."""
NEGATIVE_NOISE = 100
"""W, A; a flow in one direction that is below 0 by less is 0."""
MAX_CHARGE = 101
POWERS = (Q.POWER, Q.REACTIVE_POWER, Q.APPARENT_POWER)
RANGES: dict[Q, tuple[float, float]] = {
    Q.POWER_FACTOR: (-1.1, 1.1),
    Q.CAPACITY: (0, 1000),
    Q.VOLTAGE: (0, 1500),
    Q.CURRENT: (-1000, 1000),
    Q.FREQUENCY: (0, 70),
    Q.TEMPERATURE: (-50, 150),
    Q.CHARGE: (0, 100),
    Q.SHARE: (0, 110),
    Q.MINUTES: (0, 0xFFFE),
}
"""What a device of this kind can have; a value outside is wrong, whatever the true one is."""

COUNTERS: tuple[tuple[str, type[Block], str], ...] = tuple(
    (block.prefix + name, block, name)
    for block in BLOCKS
    for name, register in block.registers.items()
    if register.quantity is Q.ENERGY
)
"""The key, block and field of each total that is a register."""
PARTS_OF_PV = (
    "inverter_pv_energy_total",
    "pv_meter_energy_1_total",
    "pv_meter_energy_2_total",
)
"""The keys of the totals that the PV energy is computed from."""

_COMPARED_WITH_PARTS = (
    PV_ENERGY_KEY,
    "system_pv_energy_total",
    "system_pv_meter_energy_total",
)
"""Totals that depend on these parts; those of the system by their scale."""

_ADDRESSES = {block: tuple(block.addresses()) for block in BLOCKS}
_DECODED: dict[object, Block] = {}
"""Blocks by their words: most of them are the same at the next moment."""
_MAX_DECODED = 2000


def _decode(words: Words, profile: ScaleProfile) -> dict[str, Any]:
    """Decode the blocks that a model serves, by name."""
    blocks: dict[str, Any] = {}
    for block, addresses in _ADDRESSES.items():
        if not words.keys() >= set(addresses):
            continue
        key = (block, profile, *map(words.__getitem__, addresses))
        if key not in _DECODED:
            if len(_DECODED) > _MAX_DECODED:
                _DECODED.clear()
            _DECODED[key] = block.decode(words, profile)
        blocks[block.name] = _DECODED[key]
    return blocks


_FIELD_ADDRESSES = {
    (block, name): frozenset(FieldSubset(block, (name,)).addresses())
    for block in BLOCKS
    for name in block.registers
}


@dataclass(frozen=True)
class Instant:
    """One moment at which the inverter was read."""

    at: datetime
    true_words: Words
    words: Words
    """As they were sent; the same object where nothing was corrupted."""
    profile: ScaleProfile
    shifts: Mapping[str, float]
    """By how much exchanged counters differ from the energy that flowed, in kWh, by key."""
    read: set[int] = field(default_factory=set)
    """The addresses that were answered."""

    @cached_property
    def true(self) -> dict[str, Any]:
        """The blocks by name, as they really were."""
        return _decode(self.true_words, self.profile)

    @cached_property
    def sent(self) -> dict[str, Any]:
        """The blocks by name, as they were sent."""
        same = self.words is self.true_words
        return self.true if same else _decode(self.words, self.profile)

    @cached_property
    def energies(self) -> dict[str, float]:
        """The lifetime totals as they should be, in kWh, by the key of their sensor."""
        return self._energies_of(self.true)

    @cached_property
    def sent_energies(self) -> dict[str, float]:
        """The lifetime totals as they were sent."""
        return self._energies_of(self.sent)

    def _energies_of(self, blocks: Mapping[str, Any]) -> dict[str, float]:
        found: dict[str, float] = {
            key: value
            for key, block, name in COUNTERS
            if block.name in blocks
            and (value := getattr(blocks[block.name], name)) is not None
        }
        meter = [found.get(part, 0.0) for part in PARTS_OF_PV[1:]]
        found[PV_ENERGY_KEY] = round(found[PARTS_OF_PV[0]] + max(meter), 2)
        for key, shift in self.shifts.items():
            found[key] = round(found[key] - shift, 2)
        return found


class ObservedInverter(SimulatedInverter):
    """A simulated inverter that records each moment at which it was read."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        """Start without a recorded moment."""
        super().__init__(*args, **keywords)
        self.instants: deque[Instant] = deque(maxlen=300)
        """The newest last."""
        self.shifts: dict[str, float] = {}
        """By how much its counters differ from the energy that flowed, in kWh, by key."""
        self.spikes: dict[str, float] = {}
        """The highest number of a total that was sent and is only a little too high, in kWh, by key."""
        self.odd_numbers: dict[str, set[float]] = {}
        """The wrong numbers that were sent of a total, in kWh, by key."""
        self.is_another = False
        """Whether another inverter answers instead, so that its words are not to be shown."""
        self._key: tuple[object, ...] = ()
        self._image: Words = {}
        self._sent: tuple[Words, tuple[Corruption, ...], Words] = ({}, (), {})
        """The words that were sent last, with the true ones and the corruptions that they are of."""

    @override
    def words(self) -> Words:
        """Encode the words of all served addresses; once only, as long as nothing changes."""
        house, model = self.house, self.model
        key = (house.clock, house.counters, self.journal.writes, model)
        if self._key != key:
            self._key, encoded = key, super().words()
            self._image = {
                each: encoded.get(each, 0) for span in model.served for each in span
            }
        return self._image

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        """Answer function 0x03, and record the moment."""
        answer = await super().read_holding_registers(address, count)
        self._record(datetime.now(UTC))
        self.newest.read.update(range(address, address + count))
        return answer

    def _record(self, at: datetime) -> None:
        true, sent = self.words(), self._sent_words()
        last = self.instants[-1] if self.instants else None
        if last and last.at == at and last.true_words is true and last.words is sent:
            return
        now = Instant(at, true, sent, self.model.profile, {**self.shifts})
        self.instants.append(now)
        if sent is not true:
            self._record_spikes(now)

    def _record_spikes(self, now: Instant) -> None:
        for key, value in now.sent_energies.items():
            excess = round(value - now.energies[key], 2)
            if 0 < excess <= SPIKE_KWH:
                self.spikes[key] = max(value, self.spikes.get(key, 0.0))
            if excess:
                self.odd_numbers.setdefault(key, set()).add(value)

    @property
    def highest_energies(self) -> dict[str, float]:
        """The totals as they should be, or a little higher where that was sent."""
        true = self.newest.energies
        excess = {
            key: max(self.spikes[key] - true[key], 0.0)
            for key in self.spikes.keys() & true.keys()
        }
        of_parts = sum(excess.get(key, 0.0) for key in PARTS_OF_PV)
        excess[PV_ENERGY_KEY] = max(of_parts, excess.get(PV_ENERGY_KEY, 0.0))
        return {key: value + excess.get(key, 0.0) for key, value in true.items()}

    def _sent_words(self) -> Words:
        """Return all words as they are sent now: the true ones themselves as long as nothing is corrupted."""
        true, corruptions = self.words(), self.behaviour.corruptions
        if not corruptions:
            return true
        if self._sent[0] is not true or self._sent[1] is not corruptions:
            sent = sent_words(true, true, corruptions)
            self._sent = (true, corruptions, true if sent == true else sent)
        return self._sent[2]

    @property
    def newest(self) -> Instant:
        """The last moment at which it was read."""
        return self.instants[-1]

    def readings_of(self, addresses: frozenset[int]) -> Iterator[Instant]:
        """Yield the moments at which all of these were read, the newest first."""
        return (one for one in reversed(self.instants) if addresses <= one.read)

    def tolerance(self, key: str) -> float:
        """Return how far a total may be from the true one: an offset is exact within a step."""
        return STEP_KWH + TOLERANCE_KWH if key in self.shifts else 0.0

    def may_show(self, key: str, value: float) -> bool:
        """Whether a total may have this wrong number: it was sent, and no more than possible energy flowed."""
        true = [one.energies[key] for one in self.instants]
        is_possible = min(true) - STEP_KWH <= value <= max(true) + SPIKE_KWH
        return is_possible and value in self.odd_numbers.get(key, ())

    def odd_readings(self, key: str) -> int:
        """Return how often a total was read wrongly so far; of several parts, the one most often."""
        return max(
            len(
                {
                    one.at
                    for one in self.readings_of(_FIELD_ADDRESSES[block, name])
                    if one.words is not one.true_words
                    and getattr(one.sent[block.name], name)
                    != getattr(one.true[block.name], name)
                }
            )
            for total, block, name in COUNTERS
            if total in (key, *(PARTS_OF_PV if key in _COMPARED_WITH_PARTS else ()))
        )

    def since(self, at: datetime, addresses: frozenset[int]) -> Iterator[Instant]:
        """Yield the moments since a time, or the last samples of a block, the newest first."""
        samples: list[datetime] = []
        for one in self.readings_of(addresses):
            if not samples or samples[-1] - one.at > SAMPLE_TIME:
                if len(samples) == READINGS_HELD:
                    break
                samples.append(one.at)
        oldest = min(at, *samples[-1:])
        for one in reversed(self.instants):
            if one.at < oldest:
                return
            yield one


class Shown(NamedTuple):
    """A number that is shown, and is not the true one of these moments."""

    key: str
    shown: Any
    true: Any
    undecidable: bool
    """Whether the device has sent it just now, and nothing refutes it."""

    def __str__(self) -> str:
        """Format for the report of a failure."""
        return f"{self.key} shows {self.shown} instead of {self.true}"


def untrue_values(snapshot: Snapshot, inverter: ObservedInverter) -> Iterator[Shown]:
    """Yield the values of a snapshot that are neither true nor held for three samples."""
    for block in BLOCKS:
        shown = getattr(snapshot, block.name)
        if shown is None or shown == inverter.newest.true.get(block.name):
            continue
        oldest = snapshot.measured_at - SAMPLES_HELD
        window = (
            islice(inverter.readings_of(frozenset(_ADDRESSES[block])), READINGS_HELD)
            if block.slow
            else inverter.since(oldest, frozenset(_ADDRESSES[block]))
        )
        newest = [one for one in window if block.name in one.true]
        current = inverter.newest.true.get(block.name)
        for name, register in block.registers.items():
            value = getattr(shown, name)
            if value is None or value == getattr(current, name, None):
                continue
            key = block.prefix + name
            if register.quantity is Q.ENERGY:
                yield from _untrue_total(key, value, inverter)
                continue
            true = [getattr(one.true[block.name], name) for one in newest]
            if value not in true and not _is_close(register, value, true):
                sent = [getattr(one.sent[block.name], name) for one in newest]
                odd = {one for one in sent if one is not None} - {*true}
                undecidable = (
                    not inverter.is_another
                    and value in {m for one in odd for m in _meanings(register, one)}
                    and _is_possible(register, value, inverter.model)
                )
                yield Shown(key, value, true[-1:], undecidable)


def _is_close(register: Register[Any], value: float, true: list[Any]) -> bool:
    """Whether a value is within a step of a true one: words of another scale are read in that one."""
    if not (scale := register.variant):
        return False
    step = max(scale.default, scale.alternative)
    return any(one is not None and abs(value - one) <= step for one in true)


def _untrue_total(
    key: str, value: float, inverter: ObservedInverter
) -> Iterator[Shown]:
    """Yield a total that the counter never had; it keeps its last good value for as long as it takes."""
    true = [one.energies[key] for one in inverter.instants]
    if not any(abs(value - one) <= inverter.tolerance(key) for one in true):
        yield Shown(key, value, true[-1:], inverter.may_show(key, value))


def _meanings(register: Register[Any], sent: Any) -> Iterator[Any]:
    """Yield what a wrong value stands for: sensors have an offset, and some batteries send 100.4 %.

    A wrong word does not show which scale it has.
    """
    is_flow = register.quantity in (Q.POWER, Q.CURRENT)
    yield sent
    if register.quantity is Q.CHARGE and 100 < sent <= MAX_CHARGE:
        yield 100
    elif is_flow and -NEGATIVE_NOISE <= sent < 0:
        yield 0
    if scale := register.variant:
        ratio = round(scale.alternative / scale.default, 3)
        yield from (round(sent * ratio, 3), round(sent / ratio, 3))


def _is_possible(register: Register[Any], value: Any, model: Model) -> bool:
    """Whether a device of this model can have this value; for a counter see `EnergySums`."""
    quantity = register.quantity
    if register in Installation.registers.values() and quantity is Q.POWER:
        return bool(0 <= value <= MAX_INSTALLED_POWER)
    if quantity in POWERS:
        pack = model.equipment.pack
        rated = max(pack.charge, pack.discharge, MIN_RATED_POWER)
        return bool(abs(value) <= MAX_POWER_FACTOR * rated)
    if quantity is Q.ENERGY:
        return False
    if quantity is None or quantity not in RANGES:
        return True
    lowest, highest = RANGES[quantity]
    return bool(lowest <= value <= highest)
