"""Rejects measured values that cannot be true, after a second reading of those that are doubtful."""

from collections import Counter
from collections.abc import Callable, Iterable, Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

from .findings import Finding, Findings
from .last_good_values import LastGoodValues
from .maps import RegisterMap
from .monotonic_counter import RejectionReason as Reason
from .registers import Battery, DispatchOrder
from .registers.block import Block
from .scales import ScaleProfile
from .snapshot import READINGS, Snapshot
from .value_ranges import (
    CHECKS_BY_PART,
    CONFIRMATIONS,
    COUNTERS_BY_PART,
    MIN_RATED_POWER,
    POWERS,
    BlockRanges,
    CrossCheck,
    ValueRange,
    is_supported,
    ranges_of_blocks,
    reads_as,
)

MAX_HELD_SAMPLES = 3
"""Rejected samples in a row that are replaced by the last plausible one."""
MAX_DOUBTED_SAMPLES = 30
"""A possible value that is contradicted for longer than this is what the device sends."""
STEP_TIME = timedelta(seconds=90)
"""A value may have changed by anything if it was not read for longer than this."""
HOLD_TIME = timedelta(minutes=10)
"""Values from before a gap longer than this replace nothing, as after an outage."""
AGREEMENTS = 3
"""Samples with which a cross-check is proven to hold on a device."""
DISPROVED = -1
"""Instead of the number of agreements: the check does not hold on this device."""
MEANINGFUL_WATTS = 300
"""Below this power an agreement proves nothing."""
GROSS_WATTS = 20_000
"""A contradiction that no device explains, whether the check is proven or not."""
LIVE_STEP_SHARE = 0.1
"""A change above this share of the rated power is checked with the whole block."""

_READINGS = {(one.part, one.field): one for one in READINGS}
type Record = Callable[[str, datetime, float, float | None, Reason], None]
"""Called for each rejected sample: key, time, sample, what is shown instead, reason."""


class ValueFilter:
    """Filters the measured values of one inverter, except its counters.

    A value outside its range, in contradiction to others of its block, or too far from
    the last one is doubtful: its block is read again, and the second answer decides. If
    it stays doubtful, the last good value replaces it for three samples. Then a change is
    accepted, unless it is one of a power, or to 0; otherwise a value of the live feed
    removes its block, as a refusal does, and any other one is unknown.
    """

    def __init__(self, register_map: RegisterMap, record: Record) -> None:
        """Start without any history."""
        self._record = record
        self._live_keys = register_map.power_keys
        self._live_blocks = [one.block.name for one in register_map.power_fields]
        self._good = LastGoodValues()
        self._last_at: datetime | None = None
        """When the last snapshot was measured."""
        self._with_energy: Counter[str] = Counter()
        """How many snapshots had a counter above 0, by the name of its block."""
        self._agreed: dict[CrossCheck, int] = {}
        """Samples in a row that agreed; DISPROVED for a check that does not hold on this device."""
        self._first: dict[str, float] = {}
        """The last sample of a high power without one before it, by key: the next one confirms it."""
        self.rated_power = 0.0
        self._set_ranges()

    def forget(self) -> None:
        """Forget the last values: after an outage they replace nothing."""
        self._good.clear()
        self._first.clear()

    def set_rated_power(self, watts: float) -> None:
        """Set the battery's power in W, which the ranges of powers depend on; 0 if unknown."""
        if watts != self.rated_power:
            self.rated_power = watts
            self._set_ranges()

    def _set_ranges(self) -> None:
        rated = max(self.rated_power, MIN_RATED_POWER)
        self._sets = ranges_of_blocks(self.rated_power)
        self._live_sets = {
            name: BlockRanges.of(
                (
                    value_range
                    for value_range in self._sets[name].ranges
                    if value_range.reading.key in self._live_keys
                ),
                step=LIVE_STEP_SHARE * rated,
            )
            for name in self._live_blocks
        }

    def is_possible(self, block: Block) -> bool:
        """Whether an inverter can have all values of a block."""
        ranges = self._sets.get(block.name)
        return ranges is None or not ranges.impossible_values(block)

    def examine(
        self,
        snapshot: Snapshot,
        profile: ScaleProfile,
        *,
        whole: AbstractSet[str] | None = None,
    ) -> Findings:
        """Find what cannot be shown as it is.

        `whole` names the blocks with only new values, where the others have new power
        values alone; None if all values are new.
        """
        at = snapshot.measured_at
        findings = Findings()
        if abs(at - (self._last_at or at)) > HOLD_TIME:
            self.forget()
        for name, ranges in self._examined(whole):
            block: Block | None = getattr(snapshot, name)
            if block is None:
                continue
            is_usual = ranges.is_usual(
                block, self._good.recent_block(name, at, age=STEP_TIME)
            )
            if whole is None or name in whole:
                self._examine_whole(
                    block, profile, at=at, findings=findings, usual=is_usual
                )
            elif self._may_be_blank(block, ranges, profile):
                findings.suspects.add(name)
            elif not is_usual:
                findings.unusual.add(name)
                self._examine_values(ranges, block, at=at, findings=findings)
        return findings

    def _examine_whole(
        self,
        block: Block,
        profile: ScaleProfile,
        *,
        at: datetime,
        findings: Findings,
        usual: bool,
    ) -> None:
        """Find what is wrong with a block that is new in all its values."""
        if self._is_blank(block, profile, usual=usual):
            findings.blank.add(block.name)
            return
        if not usual:
            ranges = self._sets[block.name]
            self._examine_values(ranges, block, at=at, findings=findings)
            if isinstance(block, DispatchOrder) and findings.drop(block.name):
                findings.blank.add(block.name)  # An order is shown as a whole.
        for check in CHECKS_BY_PART.get(block.name, ()):
            self._cross_check(check, block, findings=findings)

    def doubtful(self, findings: Findings) -> AbstractSet[str]:
        """Return the blocks that a second reading may clear up: not those that stay as they are."""
        rejected = {
            finding.reading.part
            for key, finding in findings.values.items()
            if finding.reason and self._may_clear_up(key)
        }
        blank = {name for name in findings.blank if self._may_clear_up(name)}
        return rejected | blank | findings.suspects | findings.unusual

    def _may_clear_up(self, key: str) -> bool:
        return self._good.rejections(key) < MAX_HELD_SAMPLES

    def _examined(
        self, whole: AbstractSet[str] | None
    ) -> Iterable[tuple[str, BlockRanges]]:
        """Return the names of the blocks to examine, and their new values."""
        if whole is None:
            return self._sets.items()
        if not whole:
            return self._live_sets.items()
        return (self._live_sets | {name: self._sets[name] for name in whole}).items()

    def _is_blank(self, block: Block, profile: ScaleProfile, *, usual: bool) -> bool:
        """Whether nothing answers: all are ones, or zeros after some energy; or the battery has no voltage."""
        if isinstance(block, Battery) and not block.voltage and not block.soc:
            return True
        if not usual and reads_as(block, 0xFFFF, profile):
            return True
        has_energy = self._with_energy[block.name] >= CONFIRMATIONS
        return has_energy and reads_as(block, 0, profile)

    def _may_be_blank(
        self, block: Block, ranges: BlockRanges, profile: ScaleProfile
    ) -> bool:
        """Whether the power values alone have become those of a blank block: the whole block decides."""
        last = self._good.block(block.name)
        if last is None or ranges.values_of(block) == ranges.values_of(last):
            return False
        names = [one.reading.field for one in ranges.ranges]
        words = (0xFFFF, 0) if block.name in COUNTERS_BY_PART else (0xFFFF,)
        return any(reads_as(block, one, profile, names=names) for one in words)

    def _examine_values(
        self, ranges: BlockRanges, block: Block, *, at: datetime, findings: Findings
    ) -> None:
        """Find the values out of range, and those that have changed by too much."""
        last = self._good.recent_block(block.name, at, age=STEP_TIME)
        for value_range, sample in zip(
            ranges.ranges, ranges.values_of(block), strict=True
        ):
            if sample is None:
                continue
            reading, shown = value_range.reading, value_range.clamped(sample)
            before = None if last is None else getattr(last, reading.field)
            if shown is None:
                finding = Finding(reading, sample, Reason.IMPOSSIBLE)
            elif self._has_jumped(value_range, shown, before):
                if is_supported(reading, block):
                    continue
                finding = Finding(reading, sample, Reason.JUMPED)
            elif shown != sample:
                finding = Finding(reading, sample, shown=shown)
            else:
                continue
            findings.values[reading.key] = finding

    def _has_jumped(
        self, value_range: ValueRange, value: float, before: float | None
    ) -> bool:
        """Whether a value differs by much from the one before; a high first power, from its other reading."""
        if before is None and abs(value) > value_range.max_first:
            key = value_range.reading.key
            before, self._first[key] = self._first.get(key, inf), value
        return before is not None and abs(value - before) > value_range.max_step

    def _cross_check(
        self, check: CrossCheck, block: Block, *, findings: Findings
    ) -> None:
        """Compare a power with what other values of its block show."""
        agreed = self._agreed.get(check, 0)
        difference = None if agreed == DISPROVED else check.difference(block)
        if difference is None or findings.rejects(check):
            return
        if not difference:
            if abs(getattr(block, check.field)) > MEANINGFUL_WATTS:
                self._agreed[check] = agreed + 1
            return
        if agreed < AGREEMENTS and difference <= GROSS_WATTS:
            self._agreed[check] = 0
            return
        field_name = check.blamed_field(block, self._good.block(check.part))
        reading = _READINGS[check.part, field_name]
        sample = getattr(block, reading.field)
        findings.values[reading.key] = Finding(
            reading, sample, Reason.CONTRADICTED, check=check
        )

    def settle(
        self,
        snapshot: Snapshot,
        findings: Findings,
        *,
        whole: AbstractSet[str] | None = None,
    ) -> Snapshot:
        """Return the snapshot with what is shown instead, and keep its good values."""
        self._release(snapshot, findings, whole)
        at = self._last_at = snapshot.measured_at
        changes: dict[str, Block | None] = {
            name: self._replace_blank(name, at) for name in findings.blank
        }
        by_part: dict[str, list[Finding]] = {}
        for finding in findings.values.values():
            by_part.setdefault(finding.reading.part, []).append(finding)
        for name, _ in self._examined(whole):
            block = getattr(snapshot, name)
            if name in findings.suspects:
                changes[name] = self._good.block(name)
            elif block is None or name in findings.blank:
                self._good.miss(name)
            elif name in by_part:
                changes[name] = self._replace_values(block, by_part[name], at)
            else:
                self._good.keep(name, block, at)
        if whole is None:
            self._with_energy.update(
                name
                for name, counters in COUNTERS_BY_PART.items()
                if any(getattr(self._good.block(name), c, 0) for c in counters)
            )
        removed = {name for name, block in changes.items() if block is None}
        blocks: dict[str, Any] = changes
        return replace(
            snapshot,
            unavailable=snapshot.unavailable | removed,
            held=frozenset(findings.blank | findings.suspects),
            **blocks,
        )

    def _release(
        self, snapshot: Snapshot, findings: Findings, whole: AbstractSet[str] | None
    ) -> None:
        """End the rejection of the values that are good again.

        If the others have followed a rejected value, its cross-check was wrong.
        """
        for key, held in self._good.rejected:
            reading, check = held.finding.reading, held.finding.check
            new = whole is None or reading.part in whole or key in self._live_keys
            if not new or key in findings.values:
                continue
            if reading.part in findings.blank | findings.suspects:
                continue
            self._good.release(key)
            block, last = (
                getattr(snapshot, reading.part),
                self._good.block(reading.part),
            )
            value = getattr(block, reading.field, None)
            before = getattr(last, reading.field, None)
            if check and value is not None and before is not None:
                if abs(value - held.finding.sample) < abs(value - before):
                    self._agreed[check] = DISPROVED

    def _replace_blank(self, name: str, at: datetime) -> Block | None:
        """Return the last good block for three samples, then None."""
        value_range = self._sets[name].ranges[0]
        sample = 0.0 if name in COUNTERS_BY_PART else value_range.high
        finding = Finding(value_range.reading, sample, Reason.IMPOSSIBLE)
        count = self._good.reject(name, finding)
        last: Block | None = self._good.block(name)
        if count > MAX_HELD_SAMPLES:
            self._good.drop(name)
            last = None
        shown = None if last is None else getattr(last, value_range.reading.field)
        self._record(name, at, sample, shown, Reason.IMPOSSIBLE)
        return last

    def _replace_values(
        self, block: Any, findings: Iterable[Finding], at: datetime
    ) -> Block | None:
        """Return a block with the last good values, or unknown ones; None without a value of the live feed."""
        name = type(block).name
        last = self._good.block(name)
        shown: dict[str, float | None] = {}
        kept: dict[str, float | None] = {}
        is_removed = is_stale = False
        for finding in findings:
            reading = finding.reading
            if finding.reason is None:
                shown[reading.field] = kept[reading.field] = finding.shown
                continue
            count = self._good.reject(reading.key, finding)
            before = None if last is None else getattr(last, reading.field)
            if self._is_accepted(finding, count):
                continue
            value = before if count <= MAX_HELD_SAMPLES else None
            shown[reading.field], kept[reading.field] = value, before
            if value is None and reading.key in self._live_keys:
                is_removed = True
                # Nothing that lacks such a value may replace a later block.
                is_stale |= finding.reason is Reason.IMPOSSIBLE or before is None
            self._record(reading.key, at, finding.sample, value, finding.reason)
        if is_stale:
            self._good.drop(name)
        else:
            self._good.keep(name, replace(block, **kept), at)
        return None if is_removed else replace(block, **shown)

    def _is_accepted(self, finding: Finding, count: int) -> bool:
        """Whether a doubt has lasted so long that the device must mean what it sends."""
        is_step = finding.reason is Reason.JUMPED and finding.sample
        is_power = finding.reading.quantity in POWERS
        limit = MAX_HELD_SAMPLES if is_step and not is_power else MAX_DOUBTED_SAMPLES
        if finding.reason is Reason.IMPOSSIBLE or count <= limit:
            return False
        if finding.check:
            self._agreed[finding.check] = DISPROVED
        return True
