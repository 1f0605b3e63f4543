"""What the corruption machine has tried, and what was wrong then."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
import re

from custom_components.alphaess_live.simulator.corruption import CorruptionKind

from .targets import Moment


@dataclass
class Found:
    """One kind of finding: how often it was found, and the shortest sequence of events that led to it."""

    count: int
    finding: str
    seed: int
    events: tuple[str, ...]

    def merged_with(self, other: Found) -> Found:
        """Return both as one."""
        shorter = min(self, other, key=lambda one: len(one.events))
        count = self.count + other.count
        return Found(count, shorter.finding, shorter.seed, shorter.events)


@dataclass
class Counts:
    """What was tried, and what was wrong."""

    examples: int = 0
    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each kind of corruption began at each moment."""
    events: Counter[str] = field(default_factory=Counter)
    """How often each event happened; also the snapshots that were read."""
    undecidable: Counter[str] = field(default_factory=Counter)
    """How often a wrong word was shown that nothing refutes, by the key of the reading."""
    found: dict[str, Found] = field(default_factory=dict)
    """What was wrong, by its kind: the finding without its numbers."""

    def __add__(self, other: Counts) -> Counts:
        """Add the counts of another run."""
        total = Counts(
            self.examples + other.examples,
            self.tried + other.tried,
            self.events + other.events,
            self.undecidable + other.undecidable,
            dict(self.found),
        )
        for kind, one in other.found.items():
            total._add(kind, one)
        return total

    def add_findings(
        self, findings: Iterable[str], seed: int, events: Iterable[str]
    ) -> None:
        """Add what was wrong after these events."""
        happened = tuple(events)
        for finding in findings:
            self._add(kind_of(finding), Found(1, finding, seed, happened))

    def _add(self, kind: str, one: Found) -> None:
        known = self.found.get(kind)
        self.found[kind] = known.merged_with(one) if known else one

    @property
    def table(self) -> str:
        """The kinds as rows, the moments as columns; below them the events."""
        moments = [moment.value for moment in Moment]
        rows = [["", *moments]] + [
            [kind.value, *(str(self.tried[kind, moment]) for moment in moments)]
            for kind in CorruptionKind
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                text.rjust(width) for text, width in zip(row, widths, strict=True)
            )
            for row in rows
        ]
        lines += [f"{self.events[name]} {name}" for name in sorted(self.events)]
        shown = sum(self.undecidable.values())
        lines.append(f"{shown} values were wrong, possible, and shown while sent")
        return "\n".join(lines)

    @property
    def report(self) -> str:
        """All kinds of findings with their shortest sequence, the most frequent first."""
        ordered = sorted(self.found.items(), key=lambda item: -item[1].count)
        return "\n".join(
            f"{one.count} × {kind}\n  e.g. seed {one.seed}: {one.finding}\n"
            + "\n".join(f"    {event}" for event in one.events)
            for kind, one in ordered
        )


def kind_of(finding: str) -> str:
    """Return a finding without its numbers, by which it is counted."""
    first_line = finding.strip().splitlines()[-1]
    return re.sub(r"-?\d+(\.\d+)?(e[+-]?\d+)?", "#", first_line)
