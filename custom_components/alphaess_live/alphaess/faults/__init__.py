"""Fault and warning bits in plain language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..scales import CELL_VOLTAGE, ScaleProfile
from ..snapshot import READINGS, Reading, Snapshot
from . import battery_faults, extended_faults, inverter_faults, system_faults
from .table import BITS, Table, fault_code


class Family(StrEnum):
    """Which energy management system (EMS) it is: its bits have meanings of their own."""

    EMS_2_5 = "ems_2_5"
    """SMILE-B3 and others of its time."""
    EMS_3_5 = "ems_3_5"
    """EMS3.5 and 3.6: every other household inverter."""
    COMMERCIAL = "commercial"
    """Storion and its like; only its system's faults are published."""


class Severity(StrEnum):
    """How bad it is."""

    FAULT = "fault"
    WARNING = "warning"


ROUTINE_WARNINGS = frozenset(
    {"no_pv_input", "input_power_limited", "output_power_limited"}
)
"""Warnings that belong to an ordinary day: night falls, the sun gives more than may be fed in.

They are listed while they last; nobody needs to be told.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One bit that is set."""

    code: str
    """Stable. The same code means the same to a person, whichever source says it."""
    source: str
    """The key of the reading that it is a bit of."""
    bit: int
    severity: Severity
    text: str
    """A few English words for a person."""
    documented: bool = True
    """Whether a document names the bit: otherwise its code is `unknown_bit_7`."""

    @property
    def bit_id(self) -> str:
        """Where it is set, whatever it is called: inverter_fault_1.7."""
        return f"{self.source}.{self.bit}"

    @property
    def is_routine(self) -> bool:
        """Whether it belongs to an ordinary day."""
        return self.severity is Severity.WARNING and self.code in ROUTINE_WARNINGS

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """Sort the most serious one first, and what can be named before what cannot."""
        warns = self.severity is Severity.WARNING
        return (warns, self.is_routine, not self.documented)


@dataclass(frozen=True, slots=True)
class FaultWord:
    """A register of bits, and what they mean to each family."""

    reading: Reading
    severity: Severity
    tables: Mapping[Family, Table]
    """Without a table for a family, every bit of it is unknown."""

    def bits(self, snapshot: Snapshot) -> int | None:
        """Read the word; None if it is not there, or says nothing.

        All bits at once is what a bus says when nobody drives it, not an inverter.
        """
        raw = self.reading.of(snapshot)
        if isinstance(raw, float | int) and raw != ALL_BITS:
            return int(raw)
        return None

    def active(self, snapshot: Snapshot, family: Family) -> Iterator[Fault]:
        """Name the bits that are set, the lowest first."""
        bits = self.bits(snapshot) or 0
        for bit in range(bits.bit_length()):
            if bits >> bit & 1:
                yield self.fault_of_bit(bit, family)

    def fault_of_bit(self, bit: int, family: Family) -> Fault:
        """Say what a bit means to a family."""
        text = self.tables.get(family, {}).get(bit)
        documented = text is not None
        text = text or unknown_bit_text(bit)
        return Fault(
            code=fault_code(text),
            source=self.reading.key,
            bit=bit,
            severity=self.severity,
            text=text,
            documented=documented,
        )


ALL_BITS = (1 << BITS) - 1


def unknown_bit_text(bit: int) -> str:
    """Tell of a bit that no document names."""
    return f"Unknown bit {bit}"


def active_faults(snapshot: Snapshot, family: Family) -> tuple[Fault, ...]:
    """Name what an inverter complains about: faults first, then warnings.

    A block that it does not serve complains about nothing.
    """
    return tuple(
        fault for word in FAULT_WORDS for fault in word.active(snapshot, family)
    )


def serves_fault_words(snapshot: Snapshot) -> bool:
    """Whether the inverter serves any word that it could complain with."""
    return any(word.bits(snapshot) is not None for word in FAULT_WORDS)


def fault_codes() -> tuple[str, ...]:
    """List every code that there is, in the order of the words; the unknown bits last."""
    tables = (table for word in FAULT_WORDS for table in word.tables.values())
    named = (fault_code(text) for table in tables for text in table.values())
    unnamed = (fault_code(unknown_bit_text(bit)) for bit in range(BITS))
    return tuple(dict.fromkeys((*named, *unnamed)))


def detect_family(snapshot: Snapshot, profile: ScaleProfile) -> Family:
    """Tell the family by what can be seen from outside; no register names it.

    Serial numbers of commercial systems begin with AE, of households with AL
    [dxoverdy]. Cell voltages in centivolts indicate EMS2.5 [sorx14].
    """
    if snapshot.system and snapshot.system.serial.startswith("AE"):
        return Family.COMMERCIAL
    return Family.EMS_2_5 if CELL_VOLTAGE in profile else Family.EMS_3_5


def _word(key: str, severity: Severity, **tables: Table) -> FaultWord:
    reading = next(reading for reading in READINGS if reading.key == key)
    return FaultWord(reading, severity, {Family(name): t for name, t in tables.items()})


FAULT_WORDS: tuple[FaultWord, ...] = (
    _word(
        "system_fault",
        Severity.FAULT,
        ems_2_5=system_faults.FAULT_HOUSEHOLD,
        ems_3_5=system_faults.FAULT_HOUSEHOLD,
        commercial=system_faults.FAULT_COMMERCIAL,
    ),
    _word("inverter_fault_1", Severity.FAULT, ems_3_5=inverter_faults.FAULT_1),
    _word("inverter_fault_2", Severity.FAULT, ems_3_5=inverter_faults.FAULT_2),
    _word(
        "inverter_fault_extended_1",
        Severity.FAULT,
        ems_3_5=extended_faults.FAULT_EXTENDED_1,
    ),
    _word(
        "inverter_fault_extended_2",
        Severity.FAULT,
        ems_3_5=extended_faults.FAULT_EXTENDED_2,
    ),
    _word(
        "battery_fault",
        Severity.FAULT,
        ems_2_5=battery_faults.FAULT_EMS_2_5,
        ems_3_5=battery_faults.FAULT_EMS_3_5,
    ),
    _word("inverter_warning_1", Severity.WARNING, ems_3_5=inverter_faults.WARNING_1),
    _word("inverter_warning_2", Severity.WARNING, ems_3_5=inverter_faults.WARNING_2),
    _word("battery_warning", Severity.WARNING, ems_3_5=battery_faults.WARNING_EMS_3_5),
)
"""The words whose bits are published for some family, in the order they are told.

Not the extended words 3 and 4, nor those of single packs: they have no table, so
that a bit which is always set would only frighten.
"""
