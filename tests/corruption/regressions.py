"""Sequences that once had a wrong consequence, each as calls of the machine's rules."""

from dataclasses import dataclass, field
from typing import Any

from custom_components.alphaess_live.simulator.corruption import (
    TEARS,
    Corruption,
    CorruptionKind as Kind,
    Tear,
)

from .targets import Exchange
from .written_words import WrittenSetting

GRID_COUNTERS, GRID_POWER = range(0x0010, 0x0014), range(0x0021, 0x0023)
GRID, BATTERY = range(0x0010, 0x0037), range(0x0100, 0x0149)
BATTERY_COUNTERS, MODULES = range(0x0120, 0x0126), range(0x0118, 0x0119)
PV_COUNTER, SYSTEM_TOTALS = range(0x043E, 0x0440), range(0x08D0, 0x08D4)
PERIODS, ORDER = range(0x084F, 0x085A), range(0x0880, 0x0889)
ALL = range(0x1000)


@dataclass(frozen=True)
class Step:
    """A call of one of the machine's rules."""

    rule: str
    arguments: dict[str, Any] = field(default_factory=dict)


def _one(
    kind: Kind, addresses: range, detail: int = 0, *, snapshots: int = 1
) -> dict[str, Any]:
    corruption = Corruption(kind=kind, addresses=addresses, detail=detail)
    return {"corruptions": (corruption,), "snapshots": snapshots}


def _added(model: str = "three_phase", **arguments: Any) -> Step:
    defaults = {"model": model, "start": "noon", "charge": 50.0}
    return Step("entry_is_added", defaults | arguments)


def _restarted(minutes: int, **arguments: Any) -> Step:
    defaults: dict[str, Any] = {"corruptions": (), "snapshots": 1}
    return Step("home_assistant_restarts", defaults | {"minutes": minutes} | arguments)


_NEXT_HIGH, _NO_HIGH = TEARS.index(Tear.NEXT_HIGH), TEARS.index(Tear.NO_HIGH)

REGRESSIONS: dict[str, tuple[Step, ...]] = {
    "grid counters zero in the first snapshot": (
        _added(**_one(Kind.ZEROS, GRID_COUNTERS)),
    ),
    "grid counters zero in the first three snapshots": (
        _added(**_one(Kind.ZEROS, GRID_COUNTERS, snapshots=3)),
    ),
    "grid counters shifted in the first snapshot": (
        _added(**_one(Kind.NEIGHBOUR, range(0x0100), 8)),
    ),
    "PV counter torn in the first snapshot": (
        _added(**_one(Kind.TORN, PV_COUNTER, _NO_HIGH)),
    ),
    "PV counter zero after a reload": (
        _added(),
        Step("entry_is_reloaded", _one(Kind.ZEROS, PV_COUNTER, snapshots=3)),
    ),
    "all zero after a reload": (
        _added(),
        Step("entry_is_reloaded", _one(Kind.ZEROS, ALL)),
    ),
    "battery counters zero after a restart": (
        _added(),
        _restarted(1, **_one(Kind.ZEROS, BATTERY_COUNTERS, snapshots=4)),
    ),
    "grid power torn in the first snapshot": (
        _added(**_one(Kind.TORN, GRID_POWER, _NEXT_HIGH)),
    ),
    "lowest bit flipped in the whole grid block": (
        _added("single_phase"),
        Step("words_are_corrupted", _one(Kind.FLIPPED_BIT, GRID)),
    ),
    "battery all ones for a while": (
        _added(),
        Step("words_are_corrupted", _one(Kind.ONES, BATTERY, snapshots=6)),
    ),
    "two hours without a poll": (
        _added(),
        Step(
            "computer_is_suspended",
            {"corruptions": (), "snapshots": 1, "minutes": 120},
        ),
    ),
    "settings ten times as high at first, and written": (
        _added(
            **_one(Kind.TENFOLD, PERIODS, snapshots=4), setting=WrittenSetting.FLOOR
        ),
        Step(
            "setting_is_written",
            {"corruptions": (), "setting": WrittenSetting.TARGET, "percent": 83},
        ),
    ),
    "grid voltage of a neighbour at first": (
        _added("ac_coupled", **_one(Kind.NEIGHBOUR, range(0x0014, 0x0017), 6)),
    ),
    "system totals ten times as high at first": (
        _added("ac_coupled", **_one(Kind.TENFOLD, SYSTEM_TOTALS, snapshots=2)),
    ),
    "one odd number of battery modules after a reload": (
        _added(),
        Step("entry_is_reloaded", _one(Kind.FLIPPED_BIT, MODULES, 7)),
    ),
    "odd serial number in the first snapshot": (
        _added(**_one(Kind.FLIPPED_BIT, range(0x064A, 0x0653))),
    ),
    "output powers ten times as high after a restart": (
        _added(charge=100.0),
        _restarted(0, **_one(Kind.TENFOLD, range(0x0406, 0x040E), snapshots=4)),
    ),
    "order with a flipped bit": (
        _added(),
        Step("words_are_corrupted", _one(Kind.FLIPPED_BIT, ORDER, 14, snapshots=4)),
    ),
    "another inverter at the address": (
        _added(),
        Step(
            "another_inverter_answers",
            {"model": "single_phase", "snapshots": 3, "named": True},
        ),
    ),
    "another inverter without a serial number": (
        _added(),
        Step(
            "another_inverter_answers",
            {"model": "single_phase", "snapshots": 2, "named": False},
        ),
    ),
    "counter a little higher in one snapshot": (
        _added("single_phase"),
        Step(
            "words_are_corrupted",
            _one(Kind.FLIPPED_BIT, range(GRID_COUNTERS[1], GRID_COUNTERS[2]), 3),
        ),
        Step("time_passes", {"snapshots": 2}),
    ),
    "settings a tenth at first, and written": (
        _added(
            "tenths",
            **_one(Kind.TENTH, PERIODS, snapshots=4),
            setting=WrittenSetting.FLOOR,
        ),
    ),
    "grid voltages ten times as high at first": (
        _added(**_one(Kind.TENFOLD, range(0x0014, 0x0017), snapshots=4)),
    ),
    "cell voltages a tenth at first": (
        _added(**_one(Kind.TENTH, range(0x0107, 0x010B), snapshots=4)),
    ),
    "meter exchanged, then restarted": (
        _added(exchange=Exchange("grid_import_energy_total", 1311.0)),
        _restarted(60),
    ),
    "meter exchanged, then reloaded with zeros": (
        _added("single_phase", exchange=Exchange("grid_export_energy_total", 12.0)),
        Step("entry_is_reloaded", _one(Kind.ZEROS, GRID_COUNTERS, snapshots=3)),
    ),
}
