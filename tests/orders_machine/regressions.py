"""Sequences that were wrong once, shortened by hand: each has a name, and runs with every test run."""

from collections.abc import Mapping
from contextlib import suppress
import random
from typing import Any

from .choices import Event, Habit, Tried
from .interfaces import Interface, Kind, Request
from .machine import OrderMachine
from .recording_inverter import LinkFault

type Step = tuple[str, dict[str, Any]]

START = {
    "model": "three_phase",
    "charge": 50.0,
    "end_at_target": False,
    "stop_on_unload": False,
}


def give(
    *requests: Request,
    event: Event | LinkFault | None = None,
    step: int = 1,
    seconds: int = 0,
) -> Step:
    """Give orders; the event happens at one of their steps: read 1 and 2, saved 3 and 4, written 5 and 6."""
    fields = {"requests": list(requests), "event": event, "step": step}
    return "orders_are_given", fields | {"seconds": seconds}


def happen(event: Event | LinkFault | None, seconds: int = 0) -> Step:
    """Let something happen between two orders."""
    return "something_happens", {"event": event, "seconds": seconds}


CHARGE = Request(kind=Kind.CHARGE)
HOLD = Request(kind=Kind.HOLD)
DISCHARGE = Request(kind=Kind.DISCHARGE, target=30, minutes=2, delay=0.55)

REGRESSIONS: Mapping[str, tuple[Step, ...]] = {
    "order that cannot be read leaves the log of the running one alone": (
        give(HOLD),
        give(CHARGE, event=LinkFault.FAILING, step=1),
    ),
    "order stays ours when the clock was set before a kill": (
        give(HOLD),
        happen(Event.CLOCK_FORWARD, seconds=20),
        ("time_passes_without_a_process", {"seconds": 20}),
    ),
    "order beyond its end after a restart may be refused as foreign": (
        ("inverter_has_a_habit", {"habit": Habit.RUNS_ON, "delay": 0}),
        give(Request(kind=Kind.CHARGE, minutes=1)),
        ("time_passes_without_a_process", {"seconds": 100}),
        ("inverter_has_a_habit", {"habit": Habit.NORMAL, "delay": 0}),
        give(HOLD),
    ),
    "order of before a restart and a new clock may be refused as foreign": (
        give(HOLD),
        ("time_passes_without_a_process", {"seconds": 20}),
        happen(Event.CLOCK_FORWARD),
        give(CHARGE),
    ),
    "order that reads back after the next one is not that one": (
        ("inverter_has_a_habit", {"habit": Habit.READS_LATE, "delay": 0}),
        give(
            Request(kind=Kind.CHARGE, power=1000, minutes=1),
            Request(kind=Kind.CHARGE, power=2000, minutes=1, delay=0.1),
            seconds=5,
        ),
    ),
    "order that is repeated and limited again is applied again": (
        ("inverter_has_a_habit", {"habit": Habit.WEAK, "delay": 0}),
        give(CHARGE),
        give(CHARGE),
    ),
    "grid target lasts from its first write, also of a host that was asleep": (
        give(Request(kind=Kind.GRID, minutes=2), event=Event.SLEEP, step=3),
        happen(None, seconds=5),
    ),
    "grid target that ended while the inverter was busy is logged as ended": (
        give(Request(kind=Kind.GRID, minutes=2)),
        happen(LinkFault.BUSY, seconds=60),
    ),
    "order that takes effect late after a new clock and a kill has one record": (
        ("inverter_has_a_habit", {"habit": Habit.READS_LATE, "delay": 2}),
        give(CHARGE, event=Event.CLOCK_FORWARD, step=8),
        ("time_passes_without_a_process", {"seconds": 20}),
    ),
    "order that the inverter does not end is ours when it restarts at its end": (
        ("inverter_has_a_habit", {"habit": Habit.RUNS_ON, "delay": 0}),
        give(Request(kind=Kind.CHARGE, minutes=1)),
        happen(None, seconds=45),
        ("time_passes_without_a_process", {"seconds": 20}),
        happen(None, seconds=60),
    ),
    "order is not refused for what has ended, but is read back late": (
        ("inverter_has_a_habit", {"habit": Habit.READS_LATE, "delay": 0}),
        happen(Event.FOREIGN, seconds=5),
        give(Request(kind=Kind.CHARGE, delay=3.0), event=Event.FOREIGN_STOP, step=1),
    ),
    "grid target by register takes over though its caller is cancelled": (
        ("inverter_has_a_habit", {"habit": Habit.REFUSES_BLOCKS, "delay": 1}),
        happen(Event.FOREIGN, seconds=5),
        give(Request(kind=Kind.GRID, take_over=True, cancelled_after=0.3)),
    ),
    "order of ours that another program repeats may be stopped at our end": (
        ("inverter_has_a_habit", {"habit": Habit.RUNS_ON, "delay": 0}),
        give(Request(kind=Kind.CHARGE, minutes=1), seconds=20),
        happen(Event.FOREIGN_REPEATS, seconds=60),
        happen(None, seconds=60),
    ),
    "order that was shortened may end with the equal one before it": (
        ("inverter_has_a_habit", {"habit": Habit.SHORT, "delay": 0}),
        give(Request(kind=Kind.CHARGE, minutes=2), seconds=20),
        ("inverter_has_a_habit", {"habit": Habit.SHORT, "delay": 4}),
        give(Request(kind=Kind.CHARGE, minutes=2)),
        ("inverter_has_a_habit", {"habit": Habit.NORMAL, "delay": 0}),
        happen(None, seconds=5),
    ),
    "grid target ends with its time, and is shown until then": (
        give(Request(kind=Kind.GRID, minutes=3)),
        happen(None, seconds=130),
        happen(None, seconds=60),
    ),
    "grid target ends with its time after two restarts, too": (
        give(Request(kind=Kind.GRID, minutes=1)),
        ("time_passes_without_a_process", {"seconds": 20}),
        ("time_passes_without_a_process", {"seconds": 20}),
        ("inverter_has_a_habit", {"habit": Habit.RUNS_ON, "delay": 0}),
        happen(None, seconds=150),
    ),
    "grid target that takes effect late has one record after a kill": (
        ("inverter_has_a_habit", {"habit": Habit.NORMAL, "delay": 6}),
        give(Request(kind=Kind.GRID, minutes=3)),
        ("time_passes_without_a_process", {"seconds": 20}),
    ),
    "grid target that takes effect after a kill stays ours": (
        give(CHARGE),
        ("inverter_has_a_habit", {"habit": Habit.NORMAL, "delay": 2}),
        give(Request(kind=Kind.GRID, minutes=1), event=Event.KILL, step=6),
    ),
    "order of another program is not replaced unasked": (
        happen(Event.FOREIGN, seconds=20),
        give(CHARGE),
        happen(None, seconds=20),
    ),
    "order that the inverter does not end is stopped": (
        ("inverter_has_a_habit", {"habit": Habit.RUNS_ON, "delay": 0}),
        give(Request(kind=Kind.CHARGE, minutes=1)),
        happen(None, seconds=120),
        happen(None, seconds=60),
    ),
    "cancelled order that is written all the same ends a grid target": (
        ("inverter_has_a_habit", {"habit": Habit.REFUSES_BLOCKS, "delay": 0}),
        give(
            Request(kind=Kind.CHARGE, minutes=1),
            Request(kind=Kind.GRID, minutes=1, interface=Interface.REST),
            Request(
                kind=Kind.CHARGE,
                minutes=2,
                interface=Interface.REST,
                delay=1.0,
                cancelled_after=1.0,
            ),
        ),
        happen(None, seconds=60),
    ),
    "order is not verified by an equal one that takes effect late": (
        ("inverter_has_a_habit", {"habit": Habit.REFUSES_BLOCKS, "delay": 0}),
        give(HOLD),
        ("inverter_has_a_habit", {"habit": Habit.READS_LATE, "delay": 1}),
        give(DISCHARGE, DISCHARGE),
    ),
    "stop of our program itself is not of a schedule that waits": (
        ("inverter_has_a_habit", {"habit": Habit.NORMAL, "delay": 2}),
        give(CHARGE, seconds=5),
        give(Request(kind=Kind.PV_OFF), event=Event.FOREIGN_STOP, step=1),
        give(Request(kind=Kind.SCHEDULE, target=30)),
    ),
    "order saved before a kill, but not written, may be one of ours": (
        ("inverter_has_a_habit", {"habit": Habit.REFUSES_BLOCKS, "delay": 0}),
        give(CHARGE),
        give(HOLD, seconds=5),
        give(CHARGE, event=Event.KILL, step=5),
        happen(Event.FOREIGN_REPEATS),
    ),
    "order for which the inverter was busy is not ours if another writes it": (
        ("inverter_has_a_habit", {"habit": Habit.REFUSES_BLOCKS, "delay": 0}),
        give(CHARGE),
        give(HOLD),
        give(CHARGE, event=LinkFault.BUSY, step=4),
        happen(Event.FOREIGN_REPEATS),
    ),
    "grid target goes on after an order that is read back late": (
        give(Request(kind=Kind.GRID, minutes=1), seconds=8),
        ("inverter_has_a_habit", {"habit": Habit.READS_LATE, "delay": 1}),
        give(CHARGE, seconds=10),
        ("inverter_has_a_habit", {"habit": Habit.NORMAL, "delay": 0}),
        happen(None, seconds=100),
    ),
    "hold that is limited is answered with its power": (
        ("inverter_has_a_habit", {"habit": Habit.WEAK, "delay": 0}),
        give(Request(kind=Kind.BLOCK_DISCHARGE)),
    ),
    "order that sleeps before it is written by register has its whole time": (
        ("inverter_has_a_habit", {"habit": Habit.REFUSES_BLOCKS, "delay": 0}),
        give(HOLD, event=Event.SLEEP, step=5),
    ),
    "order that waited for the disk has its whole time": (
        give(HOLD, event=Event.SLEEP, step=3),
    ),
}


def run_regression(name: str) -> str:
    """Run one sequence; returns what is wrong, and how it came to that."""

    class Machine(OrderMachine):
        """The machine, with counts of its own."""

        tried = Tried()

    random.seed(0)  # As Hypothesis does for each run.
    machine = Machine()
    machine.entry_is_added(**START)
    try:
        for rule, fields in REGRESSIONS[name]:
            getattr(machine, rule)(**fields)
            machine.nothing_is_wrong()
    except AssertionError as err:
        return str(err)
    finally:
        findings = machine.checks.findings
        with suppress(AssertionError):
            machine.teardown()
    return "\n".join((*findings, *machine.checks.trace)) if findings else ""
