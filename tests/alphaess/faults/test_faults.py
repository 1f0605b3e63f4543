"""Fault and warning bits: documented ones have a text and a code, others are unknown."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
import re

import pytest

from custom_components.alphaess_live.alphaess.faults import (
    FAULT_WORDS,
    ROUTINE_WARNINGS,
    Family,
    Severity,
    Table,
    active_faults,
    detect_family,
    fault_code,
    serves_fault_words,
)
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    InverterDetail,
    InverterState,
    System,
    SystemTotals,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.scales import (
    PROFILES,
    STANDARD,
    ModelFamily,
    ScaleProfile,
)
from custom_components.alphaess_live.alphaess.snapshot import READINGS, Snapshot
from tests.documented_fault_bits import DOCUMENTED

TABLES: dict[tuple[str, Family], Table] = {
    (word.reading.key, family): table
    for word in FAULT_WORDS
    for family, table in word.tables.items()
}
each_table = pytest.mark.parametrize("table", TABLES.values(), ids=map(str, TABLES))


def snapshot_with(block: type[Block], **words: float | str) -> Snapshot:
    """Build a snapshot of one block, with these words in it."""
    zeros = block.decode(dict.fromkeys(block.addresses(), 0))
    part = {block.name: replace(zeros, **words)}
    return Snapshot(measured_at=datetime(2025, 1, 6, tzinfo=UTC), **part)  # type: ignore[arg-type]


def codes(snapshot: Snapshot, family: Family) -> list[str]:
    return [fault.code for fault in active_faults(snapshot, family)]


def test_tables_contain_each_documented_bit() -> None:
    assert {key: set(table) for key, table in TABLES.items()} == DOCUMENTED


@each_table
def test_codes_of_one_word_are_unique(table: Table) -> None:
    uses = Counter(fault_code(text) for text in table.values())
    assert [one for one, count in uses.items() if count > 1] == []


@each_table
def test_texts_and_codes_are_well_formed(
    table: Table,
) -> None:
    for text in table.values():
        assert text[0].isupper() or text[0].isdigit()
        assert text[-1] not in ".,:"
        assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", fault_code(text))
        assert not fault_code(text).startswith("unknown")


@pytest.mark.parametrize(
    ("block", "word", "bit", "family", "code"),
    [
        (InverterState, "fault_1", 0, Family.EMS_3_5, "grid_over_voltage"),
        (InverterState, "fault_1", 27, Family.EMS_3_5, "battery_lost"),
        (InverterState, "fault_2", 11, Family.EMS_3_5, "output_overload"),
        (InverterState, "warning_1", 11, Family.EMS_3_5, "grid_lost"),
        (InverterState, "warning_2", 8, Family.EMS_3_5, "no_pv_input"),
        (InverterDetail, "fault_extended_1", 7, Family.EMS_3_5, "utility_lost"),
        (
            InverterDetail,
            "fault_extended_2",
            21,
            Family.EMS_3_5,
            "several_master_inverters",
        ),
        (Battery, "fault", 2, Family.EMS_3_5, "battery_circuit_breaker_open"),
        (Battery, "fault", 8, Family.EMS_2_5, "battery_cell_over_voltage"),
        (Battery, "fault", 8, Family.EMS_3_5, "several_master_batteries"),
        (Battery, "warning", 3, Family.EMS_3_5, "battery_too_cold_to_charge"),
        (SystemTotals, "fault", 4, Family.EMS_3_5, "grid_meter_lost"),
        (SystemTotals, "fault", 4, Family.EMS_2_5, "grid_meter_lost"),
        (SystemTotals, "fault", 4, Family.COMMERCIAL, "pv_meter_lost"),
    ],
)
def test_bit_has_the_documented_code_of_its_family(
    block: type[Block], word: str, bit: int, family: Family, code: str
) -> None:
    assert codes(snapshot_with(block, **{word: 1 << bit}), family) == [code]


def test_active_faults_of_a_word_are_sorted_by_bit() -> None:
    snapshot = snapshot_with(InverterState, fault_1=1 << 31 | 1 << 16 | 1 << 1)
    assert [fault.bit for fault in active_faults(snapshot, Family.EMS_3_5)] == [
        1,
        16,
        31,
    ]


def test_active_faults_come_before_active_warnings() -> None:
    snapshot = snapshot_with(
        InverterState, fault_2=1, warning_1=1, fault_1=1, warning_2=1
    )
    active = [
        (fault.source, fault.severity)
        for fault in active_faults(snapshot, Family.EMS_3_5)
    ]
    assert active == [
        ("inverter_fault_1", Severity.FAULT),
        ("inverter_fault_2", Severity.FAULT),
        ("inverter_warning_1", Severity.WARNING),
        ("inverter_warning_2", Severity.WARNING),
    ]


def test_fault_has_its_code_source_bit_and_text() -> None:
    (fault,) = active_faults(
        snapshot_with(InverterState, fault_1=1 << 11), Family.EMS_3_5
    )
    assert (fault.code, fault.source) == (
        "inverter_over_temperature",
        "inverter_fault_1",
    )
    assert (fault.bit, fault.text) == (11, "Inverter over-temperature")


@pytest.mark.parametrize(
    ("block", "word", "family"),
    [
        (Battery, "fault", Family.EMS_3_5),
        (Battery, "warning", Family.EMS_2_5),
        (InverterState, "fault_1", Family.EMS_2_5),
        (Battery, "fault", Family.COMMERCIAL),
        (SystemTotals, "fault", Family.COMMERCIAL),
    ],
)
def test_undocumented_bit_has_an_unknown_code(
    block: type[Block], word: str, family: Family
) -> None:
    (fault,) = active_faults(snapshot_with(block, **{word: 1 << 30}), family)
    assert fault.code == "unknown_bit_30"
    assert fault.text == "Unknown bit 30"
    assert not fault.documented
    assert fault.source.endswith(word)


def test_active_faults_without_bits_or_blocks_are_empty() -> None:
    for block in (Battery, InverterState, InverterDetail, SystemTotals):
        assert active_faults(snapshot_with(block), Family.EMS_3_5) == ()
    assert active_faults(Snapshot(measured_at=datetime.now(UTC)), Family.EMS_3_5) == ()


def test_word_with_all_bits_set_is_invalid() -> None:
    floating = snapshot_with(InverterState, fault_1=0xFFFFFFFF)
    (word,) = (word for word in FAULT_WORDS if word.reading.key == "inverter_fault_1")
    assert word.bits(floating) is None
    assert codes(floating, Family.EMS_3_5) == []


def test_fault_words_are_served_if_a_block_contains_one() -> None:
    assert serves_fault_words(snapshot_with(SystemTotals))
    assert not serves_fault_words(snapshot_with(System))


def test_same_code_has_the_same_text_in_each_word() -> None:
    texts: dict[str, set[str]] = {}
    for table in TABLES.values():
        for text in table.values():
            texts.setdefault(fault_code(text), set()).add(text)
    assert [same for same in texts.values() if len(same) > 1] == []


def test_routine_warnings_are_documented() -> None:
    warnings = {
        fault_code(text)
        for word in FAULT_WORDS
        if word.severity is Severity.WARNING
        for table in word.tables.values()
        for text in table.values()
    }
    assert warnings >= ROUTINE_WARNINGS


def test_sources_are_unique_readings() -> None:
    sources = [word.reading.key for word in FAULT_WORDS]
    assert len(set(sources)) == len(sources)
    assert set(sources) <= {reading.key for reading in READINGS}


@pytest.mark.parametrize(
    ("serial", "profile", "family"),
    [
        ("AL7001021099999", PROFILES[ModelFamily.SMILE_B3], Family.EMS_2_5),
        ("AL7011025000001", STANDARD, Family.EMS_3_5),
        ("AL7011025000001", PROFILES[ModelFamily.SMILE_SPB], Family.EMS_3_5),
        ("AL7011025000001", PROFILES[ModelFamily.SMILE5_FIRST], Family.EMS_2_5),
        ("AE0000000000001", STANDARD, Family.COMMERCIAL),
    ],
)
def test_family_is_derived_from_serial_number_choice_or_cells(
    serial: str, profile: ScaleProfile, family: Family
) -> None:
    assert detect_family(snapshot_with(System, serial=serial), profile) is family


def test_family_without_system_block_is_ems_3_5() -> None:
    empty = Snapshot(measured_at=datetime.now(UTC))
    assert detect_family(empty, STANDARD) is Family.EMS_3_5


@pytest.mark.parametrize(
    ("source", "bit", "probable"),
    [
        ("battery_fault", 10, True),
        ("inverter_fault_1", 0, True),
        ("system_fault", 4, False),
    ],
)
def test_bit_is_probable_where_the_families_differ(
    source: str, bit: int, *, probable: bool
) -> None:
    word = next(one for one in FAULT_WORDS if one.reading.key == source)
    for family in (Family.EMS_2_5, Family.EMS_3_5):
        assert word.fault_of_bit(bit, family).is_probable is probable
        assert not word.fault_of_bit(bit, family, is_guess=False).is_probable
