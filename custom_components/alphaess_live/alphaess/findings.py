"""What is wrong with a snapshot: values that are not shown as they were sent, and blocks without an answer."""

from dataclasses import dataclass, field

from .monotonic_counter import RejectionReason as Reason
from .snapshot import Reading
from .value_ranges import CrossCheck


@dataclass(frozen=True, slots=True)
class Finding:
    """A value of a snapshot that is not shown as it was sent."""

    reading: Reading
    sample: float
    reason: Reason | None = None
    """None if it is in range after all: `shown` is what it stands for."""
    shown: float | None = None
    check: CrossCheck | None = None
    """The cross-check that contradicts it."""


@dataclass(slots=True)
class Findings:
    """What is wrong with a snapshot."""

    values: dict[str, Finding] = field(default_factory=dict)
    """By the key of the reading."""
    blank: set[str] = field(default_factory=set)
    """Blocks without an answer: all ones, or all zeros where there were values; impossible orders."""
    suspects: set[str] = field(default_factory=set)
    """Blocks whose power values have become those of a block without an answer, as far as they were read."""
    unusual: set[str] = field(default_factory=set)
    """Blocks of which the values of the live feed have changed by much."""

    def drop(self, part: str) -> bool:
        """Drop what was found in one block; return whether there was anything."""
        keys = [key for key, one in self.values.items() if one.reading.part == part]
        for key in keys:
            del self.values[key]
        return bool(keys)

    def rejects(self, check: CrossCheck) -> bool:
        """Whether a value that a cross-check compares was rejected already."""
        names = (check.field, *check.inputs)
        return any(
            finding.reason and finding.reading.field in names
            for finding in self.values.values()
            if finding.reading.part == check.part
        )
