"""Since when an inverter complains, over whatever happens between two snapshots."""

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


def seen(
    minutes: float = 0,
    *,
    fault_1: int | None = 0,
    warning_2: int = 0,
    battery: int | None = 0,
    serial: str | None = "AL7011025000001",
) -> Snapshot:
    """Take a snapshot so long after noon; None for a block that is refused."""
    silent = dict.fromkeys(range(0x0900), 0)
    state, pack = InverterState.decode(silent), Battery.decode(silent)
    system = System.decode(silent)
    return Snapshot(
        measured_at=NOON + timedelta(minutes=minutes),
        state=None
        if fault_1 is None
        else replace(state, fault_1=fault_1, warning_2=warning_2),
        battery=None if battery is None else replace(pack, fault=battery),
        system=None if serial is None else replace(system, serial=serial),
    )


def told(complaints: FaultTracker) -> list[tuple[str, bool, float]]:
    """Say what is new: the code, whether it was raised, and how many minutes after noon it was first seen."""
    return [
        (one.fault.code, one.raised, (one.since - NOON).total_seconds() / 60)
        for one in complaints.drain()
    ]


def worst(complaints: FaultTracker) -> str | None:
    """Name what is most serious."""
    return complaints.worst.code if complaints.worst else None


def after(*snapshots: Snapshot, profile: ScaleProfile = STANDARD) -> FaultTracker:
    """Look at these snapshots, and tell what was new of all but the last."""
    complaints = FaultTracker()
    for snapshot in snapshots:
        complaints.drain()
        complaints.update(snapshot, profile)
    return complaints


def test_one_snapshot_raises_a_fault_and_one_clears_it() -> None:
    complaints = after(seen(), seen(1, fault_1=1))
    assert told(complaints) == [("grid_over_voltage", True, 1)]
    complaints.update(seen(2, fault_1=1), STANDARD)
    assert told(complaints) == []
    assert list(complaints.since.values()) == [NOON + timedelta(minutes=1)]
    complaints.update(seen(3), STANDARD)
    assert told(complaints) == [("grid_over_voltage", False, 1)]
    assert not complaints.since


def test_a_fault_that_comes_back_is_a_new_one() -> None:
    complaints = after(seen(fault_1=1), seen(1), seen(2, fault_1=1))
    assert told(complaints) == [("grid_over_voltage", True, 2)]


def test_faults_come_and_go_each_for_itself_and_what_is_over_is_told_first() -> None:
    complaints = after(seen(fault_1=0b011), seen(1, fault_1=0b110))
    assert told(complaints) == [
        ("grid_over_voltage", False, 0),
        ("grid_over_frequency", True, 1),
    ]
    assert [fault.code for fault in complaints.since] == [
        "grid_under_voltage",
        "grid_over_frequency",
    ]


def test_a_refused_block_neither_raises_nor_clears() -> None:
    complaints = after(seen(fault_1=1, battery=2), seen(1, fault_1=None, battery=2))
    assert told(complaints) == []
    assert complaints.is_faulty
    complaints.update(seen(2, fault_1=1, battery=2), STANDARD)
    assert told(complaints) == []
    assert set(complaints.since.values()) == {NOON}


def test_a_word_that_says_nothing_neither_raises_nor_clears() -> None:
    complaints = after(seen(fault_1=1), seen(1, fault_1=0xFFFFFFFF))
    assert told(complaints) == []
    assert [fault.bit for fault in complaints.since] == [0]


def test_a_word_that_is_gone_for_good_complains_no_more() -> None:
    long = UNREADABLE_FAULT_RETENTION / timedelta(minutes=1)
    complaints = after(seen(fault_1=1), seen(long, fault_1=None))
    assert told(complaints) == []
    complaints.update(seen(long + 1, fault_1=None), STANDARD)
    assert told(complaints) == [("grid_over_voltage", False, 0)]


def test_the_most_serious_one_is_first_and_what_has_a_name_before_what_has_none() -> (
    None
):
    routine, warning = 1 << 8, 1 << 7
    complaints = after(
        seen(fault_1=1 << 27, warning_2=routine | warning, battery=1 << 30 | 1 << 4)
    )
    assert [fault.code for fault in complaints.since] == [
        "battery_lost",
        "slave_battery_lost",
        "unknown_bit_30",
        "dc_bus_under_voltage",
        "no_pv_input",
    ]
    assert worst(complaints) == "battery_lost"


def test_warnings_are_no_faults_and_nightfall_is_no_news() -> None:
    complaints = after(seen(warning_2=1 << 8))
    assert told(complaints) == []
    assert worst(complaints) is None
    assert [fault.code for fault in complaints.since] == ["no_pv_input"]
    complaints.update(seen(1, warning_2=1 << 13), STANDARD)
    assert told(complaints) == [("derated_by_temperature", True, 1)]
    assert worst(complaints) == "derated_by_temperature"
    assert not complaints.is_faulty


def test_a_bit_keeps_its_time_when_it_turns_out_to_mean_something_else() -> None:
    complaints = after(seen(battery=1 << 8))
    assert told(complaints) == [("several_master_batteries", True, 0)]
    complaints.update(seen(1, battery=1 << 8), EMS_2_5)
    assert told(complaints) == [
        ("several_master_batteries", False, 0),
        ("battery_cell_over_voltage", True, 0),
    ]


def test_an_inverter_that_does_not_say_who_it_is_is_still_the_one_it_was() -> None:
    commercial = "AE7011025000001"
    complaints = after(seen(serial=commercial), seen(1, battery=1 << 8, serial=None))
    assert told(complaints) == [("unknown_bit_8", True, 1)]


@pytest.mark.parametrize("profile", [STANDARD, EMS_2_5])
def test_what_was_known_before_a_restart_is_no_news_after_it(
    profile: ScaleProfile,
) -> None:
    before = after(seen(fault_1=1, battery=1 << 8), profile=profile)
    kept = json.loads(json.dumps(before.to_dict()))
    complaints = FaultTracker()
    complaints.restore(kept)
    assert complaints.since == before.since
    assert told(complaints) == []
    complaints.update(seen(60, battery=1 << 8), profile)
    [(_, raised, since)] = told(complaints)
    assert (raised, since) == (False, 0)
    assert list(complaints.since.values()) == [NOON]


def test_nothing_is_remembered_of_a_word_that_this_version_does_not_know() -> None:
    complaints = FaultTracker()
    times = {"toaster_fault.3": NOON.isoformat(), "battery_fault.3": NOON.isoformat()}
    complaints.restore({"family": "ems_3_5", "since": times})
    assert [fault.bit_id for fault in complaints.since] == ["battery_fault.3"]


def test_an_inverter_that_was_never_read_has_nothing_to_remember() -> None:
    complaints = FaultTracker()
    complaints.restore(FaultTracker().to_dict())
    assert not complaints.since
