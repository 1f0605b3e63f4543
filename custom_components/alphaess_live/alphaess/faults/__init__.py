"""Fault and warning bits: which are active, their codes and their texts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
import re

from ..scales import CELL_VOLTAGE, ModelFamily, ScaleProfile
from ..snapshot import READINGS, Reading, Snapshot
from . import battery_faults, extended_faults, inverter_faults, system_faults

BITS = 32
"""The number of bits in a fault word."""
ALL_BITS = (1 << BITS) - 1

type Table = Mapping[int, str]
"""A short English text by bit, 0 being the lowest; a bit that is missing is reserved.

Each text names the part it is about, such as the battery or the inverter. Codes are derived
from the texts (`fault_code`), so a published text does not change.
"""


class Family(StrEnum):
    """The generation of the energy management system (EMS), which decides what each bit means."""

    EMS_2_5 = "ems_2_5"
    """SMILE-B3 and other models of that time."""
    EMS_3_5 = "ems_3_5"
    """EMS3.5 and 3.6: all other household inverters."""
    COMMERCIAL = "commercial"
    """Storion and similar systems; documents name only their system faults [dxoverdy]."""


class Severity(StrEnum):
    """Whether a bit is a fault or a warning."""

    FAULT = "fault"
    WARNING = "warning"


ROUTINE_WARNINGS = frozenset(
    {"no_pv_input", "input_power_limited", "output_power_limited"}
)
"""Warnings of normal operation: no sun, or more PV power than may be fed in.

They are listed while they are active, but cause no event and no repair.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One bit that is set."""

    code: str
    """Stable. The same code has the same meaning in each source."""
    source: str
    """The key of the reading that contains the bit."""
    bit: int
    severity: Severity
    text: str
    """A short English text."""
    documented: bool = True
    """Whether a document names the bit; otherwise its code is as in `unknown_bit_7`."""
    is_probable: bool = field(default=False, compare=False)
    """Whether the bit means something else in another family, and the family is a guess."""

    @property
    def bit_id(self) -> str:
        """The source and the bit, as in inverter_fault_1.7: independent of the family."""
        return f"{self.source}.{self.bit}"

    @property
    def is_routine(self) -> bool:
        """Whether it is a warning of normal operation."""
        return self.severity is Severity.WARNING and self.code in ROUTINE_WARNINGS

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """The sort key: faults first, then warnings, then routine ones; documented bits before others."""
        is_warning = self.severity is Severity.WARNING
        return (is_warning, self.is_routine, not self.documented)


@dataclass(frozen=True, slots=True)
class FaultWord:
    """A register of bits, with their meanings in each family."""

    reading: Reading
    severity: Severity
    tables: Mapping[Family, Table]
    """In a family without a table, each bit is unknown."""

    def bits(self, snapshot: Snapshot) -> int | None:
        """Return the word; None if it was not read, or is invalid.

        A word with all bits set is invalid: an undriven bus reads so, no inverter.
        """
        raw = self.reading.of(snapshot)
        if isinstance(raw, float | int) and raw != ALL_BITS:
            return int(raw)
        return None

    def active(
        self, snapshot: Snapshot, family: Family, *, is_guess: bool = True
    ) -> Iterator[Fault]:
        """Yield the faults whose bits are set, the lowest bit first."""
        bits = self.bits(snapshot) or 0
        for bit in range(bits.bit_length()):
            if bits >> bit & 1:
                yield self.fault_of_bit(bit, family, is_guess=is_guess)

    def fault_of_bit(self, bit: int, family: Family, *, is_guess: bool = True) -> Fault:
        """Return the fault that a bit means in a family, which may be a guess."""
        meanings = {one: self.tables.get(one, {}).get(bit) for one in _HOUSEHOLD}
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
            is_probable=is_guess and len({text, *meanings.values()}) > 1,
        )


def fault_code(text: str) -> str:
    """Derive the code from the text: "Grid over-voltage" becomes grid_over_voltage."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def unknown_bit_text(bit: int) -> str:
    """Return the text of a bit that no document names."""
    return f"Unknown bit {bit}"


def active_faults(snapshot: Snapshot, family: Family) -> tuple[Fault, ...]:
    """Return the active faults, then the active warnings.

    A word in a block that is not served has none.
    """
    return tuple(
        fault for word in FAULT_WORDS for fault in word.active(snapshot, family)
    )


def serves_fault_words(snapshot: Snapshot) -> bool:
    """Whether the inverter serves any fault or warning word."""
    return any(word.bits(snapshot) is not None for word in FAULT_WORDS)


def fault_text(code: str) -> str | None:
    """Return the English text of a code; None for one that is unknown."""
    return _texts().get(code)


@cache
def _texts() -> Mapping[str, str]:
    tables = (table for word in FAULT_WORDS for table in word.tables.values())
    named = {fault_code(text): text for table in tables for text in table.values()}
    unnamed = map(unknown_bit_text, range(BITS))
    return named | {fault_code(text): text for text in unnamed}


def fault_codes() -> tuple[str, ...]:
    """Return all codes in the order of the words, those of unknown bits last."""
    return tuple(_texts())


def detect_family(snapshot: Snapshot, profile: ScaleProfile) -> Family:
    """Derive the family from the serial number, the chosen models, or the scales; no register contains it.

    Serial numbers of commercial systems begin with AE, of households with AL
    [dxoverdy]. Cell voltages in centivolts indicate EMS2.5; a SMILE5 of the first
    hardware has that, too, with millivolts [sorx14].
    """
    if snapshot.system and snapshot.system.serial.startswith("AE"):
        return Family.COMMERCIAL
    is_old = CELL_VOLTAGE in profile.alternatives
    is_old |= profile.family is ModelFamily.SMILE5_FIRST
    return Family.EMS_2_5 if is_old else Family.EMS_3_5


_HOUSEHOLD = (Family.EMS_2_5, Family.EMS_3_5)


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
"""The words whose bits are published for some family, in the order of the list of active faults.

The extended words 3 and 4 and the words of single packs are left out: no document names
their bits, and a bit that is always set would be a permanent false alarm.
"""
