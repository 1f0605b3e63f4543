"""Active faults and their times, over gaps, refused blocks and restarts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json

import pytest

from custom_components.alphaess_live.alphaess.faults.fault_tracker import (
    UNREADABLE_FAULT_RETENTION,
    FaultTracker,
)
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    InverterState,
    System,
)
from custom_components.alphaess_live.alphaess.scales import (
    PROFILES,
    STANDARD,
    ModelFamily,
    ScaleProfile,
)
from custom_components.alphaess_live.alphaess.snapshot import Snapshot

NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)
EMS_2_5 = PROFILES[ModelFamily.SMILE_B3]


def snapshot_at(
    minutes: float = 0,
    *,
    fault_1: int | None = 0,
    warning_2: int = 0,
    battery: int | None = 0,
    serial: str | None = "AL7011025000001",
) -> Snapshot:
    """Build a snapshot some minutes after noon; None for a block that is refused."""
    zeros = dict.fromkeys(range(0x0900), 0)
    state, pack = InverterState.decode(zeros), Battery.decode(zeros)
    system = System.decode(zeros)
    return Snapshot(
        measured_at=NOON + timedelta(minutes=minutes),
        state=None
        if fault_1 is None
        else replace(state, fault_1=fault_1, warning_2=warning_2),
        battery=None if battery is None else replace(pack, fault=battery),
        system=None if serial is None else replace(system, serial=serial),
    )


def changes(tracker: FaultTracker) -> list[tuple[str, bool, float]]:
    """Return the changes: code, whether it was raised, and the minutes after noon of its start."""
    return [
        (one.fault.code, one.raised, (one.since - NOON).total_seconds() / 60)
        for one in tracker.drain()
    ]


def worst_code(tracker: FaultTracker) -> str | None:
    """Return the code of the most serious fault."""
    return tracker.worst.code if tracker.worst else None


def tracker_after(
    *snapshots: Snapshot, profile: ScaleProfile = STANDARD
) -> FaultTracker:
    """Return a tracker after these snapshots, with the changes of the last one pending."""
    tracker = FaultTracker()
    for snapshot in snapshots:
        tracker.drain()
        tracker.update(snapshot, profile)
    return tracker


def test_fault_is_raised_and_cleared_by_one_snapshot_each() -> None:
    tracker = tracker_after(snapshot_at(), snapshot_at(1, fault_1=1))
    assert changes(tracker) == [("grid_over_voltage", True, 1)]
    tracker.update(snapshot_at(2, fault_1=1), STANDARD)
    assert changes(tracker) == []
    assert list(tracker.since.values()) == [NOON + timedelta(minutes=1)]
    tracker.update(snapshot_at(3), STANDARD)
    assert changes(tracker) == [("grid_over_voltage", False, 1)]
    assert not tracker.since


def test_fault_that_returns_is_raised_again() -> None:
    tracker = tracker_after(
        snapshot_at(fault_1=1), snapshot_at(1), snapshot_at(2, fault_1=1)
    )
    assert changes(tracker) == [("grid_over_voltage", True, 2)]


def test_changes_of_one_snapshot_list_cleared_faults_first() -> None:
    tracker = tracker_after(snapshot_at(fault_1=0b011), snapshot_at(1, fault_1=0b110))
    assert changes(tracker) == [
        ("grid_over_voltage", False, 0),
        ("grid_over_frequency", True, 1),
    ]
    assert [fault.code for fault in tracker.since] == [
        "grid_under_voltage",
        "grid_over_frequency",
    ]


def test_refused_block_raises_and_clears_nothing() -> None:
    tracker = tracker_after(
        snapshot_at(fault_1=1, battery=2), snapshot_at(1, fault_1=None, battery=2)
    )
    assert changes(tracker) == []
    assert tracker.is_faulty
    tracker.update(snapshot_at(2, fault_1=1, battery=2), STANDARD)
    assert changes(tracker) == []
    assert set(tracker.since.values()) == {NOON}


def test_invalid_word_raises_and_clears_nothing() -> None:
    tracker = tracker_after(snapshot_at(fault_1=1), snapshot_at(1, fault_1=0xFFFFFFFF))
    assert changes(tracker) == []
    assert [fault.bit for fault in tracker.since] == [0]


def test_fault_of_a_word_missing_too_long_is_cleared() -> None:
    minutes = UNREADABLE_FAULT_RETENTION / timedelta(minutes=1)
    tracker = tracker_after(snapshot_at(fault_1=1), snapshot_at(minutes, fault_1=None))
    assert changes(tracker) == []
    tracker.update(snapshot_at(minutes + 1, fault_1=None), STANDARD)
    assert changes(tracker) == [("grid_over_voltage", False, 0)]


def test_faults_are_sorted_by_severity_then_documentation() -> None:
    routine, warning = 1 << 8, 1 << 7
    tracker = tracker_after(
        snapshot_at(
            fault_1=1 << 27, warning_2=routine | warning, battery=1 << 30 | 1 << 4
        )
    )
    assert [fault.code for fault in tracker.since] == [
        "battery_lost",
        "slave_battery_lost",
        "unknown_bit_30",
        "dc_bus_under_voltage",
        "no_pv_input",
    ]
    assert worst_code(tracker) == "battery_lost"


def test_routine_warning_is_no_fault_and_no_change() -> None:
    tracker = tracker_after(snapshot_at(warning_2=1 << 8))
    assert changes(tracker) == []
    assert worst_code(tracker) is None
    assert [fault.code for fault in tracker.since] == ["no_pv_input"]
    tracker.update(snapshot_at(1, warning_2=1 << 13), STANDARD)
    assert changes(tracker) == [("derated_by_temperature", True, 1)]
    assert worst_code(tracker) == "derated_by_temperature"
    assert not tracker.is_faulty


def test_bit_whose_meaning_changes_keeps_its_time() -> None:
    tracker = tracker_after(snapshot_at(battery=1 << 8))
    assert changes(tracker) == [("several_master_batteries", True, 0)]
    tracker.update(snapshot_at(1, battery=1 << 8), EMS_2_5)
    assert changes(tracker) == [
        ("several_master_batteries", False, 0),
        ("battery_cell_over_voltage", True, 0),
    ]


def test_family_without_system_block_is_kept() -> None:
    commercial = "AE7011025000001"
    tracker = tracker_after(
        snapshot_at(serial=commercial), snapshot_at(1, battery=1 << 8, serial=None)
    )
    assert changes(tracker) == [("unknown_bit_8", True, 1)]


@pytest.mark.parametrize("profile", [STANDARD, EMS_2_5])
def test_faults_restored_after_a_restart_are_no_changes(
    profile: ScaleProfile,
) -> None:
    before = tracker_after(snapshot_at(fault_1=1, battery=1 << 8), profile=profile)
    stored = json.loads(json.dumps(before.to_dict()))
    tracker = FaultTracker()
    tracker.restore(stored)
    assert tracker.since == before.since
    assert changes(tracker) == []
    tracker.update(snapshot_at(60, battery=1 << 8), profile)
    [(_, raised, since)] = changes(tracker)
    assert (raised, since) == (False, 0)
    assert list(tracker.since.values()) == [NOON]


def test_restored_fault_of_an_unknown_word_is_dropped() -> None:
    tracker = FaultTracker()
    times = {"toaster_fault.3": NOON.isoformat(), "battery_fault.3": NOON.isoformat()}
    tracker.restore({"family": "ems_3_5", "since": times})
    assert [fault.bit_id for fault in tracker.since] == ["battery_fault.3"]


def test_tracker_restored_without_readings_is_empty() -> None:
    tracker = FaultTracker()
    tracker.restore(FaultTracker().to_dict())
    assert not tracker.since


@pytest.mark.parametrize(
    ("profile", "probable"),
    [(STANDARD, True), (PROFILES[ModelFamily.STANDARD], False), (EMS_2_5, False)],
)
def test_fault_is_probable_until_the_family_is_chosen(
    profile: ScaleProfile, *, probable: bool
) -> None:
    tracker = tracker_after(snapshot_at(battery=1 << 10), profile=profile)
    [fault] = tracker.since
    assert fault.is_probable is probable
    tracker.update(snapshot_at(60, battery=None), profile)
    [fault] = tracker.since
    assert fault.is_probable is probable


def test_choosing_the_family_is_no_change_of_the_fault() -> None:
    tracker = tracker_after(snapshot_at(battery=1 << 10))
    tracker.drain()
    tracker.update(snapshot_at(60, battery=1 << 10), PROFILES[ModelFamily.STANDARD])
    assert not tracker.drain()
    assert not next(iter(tracker.since)).is_probable
