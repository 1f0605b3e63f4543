"""Runs examples of the corruption machine, reproducible by their seed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from tests.seeded_machine import find_failure

from .counts import Counts
from .example import Recording
from .machine import CorruptionMachine
from .regressions import REGRESSIONS, Step

STEPS = 6
"""Events after the first set-up."""


def failing_regressions(*, open_kinds: tuple[str, ...] = ()) -> dict[str, str]:
    """Run the sequences that once failed; return those that do now, with what is wrong."""
    kinds = open_kinds
    failures = {}
    for name, steps in REGRESSIONS.items():

        class Machine(CorruptionMachine):
            """The machine, with one sequence."""

            counts = Counts()
            open_kinds = kinds
            recordings: ClassVar[list[Recording]] = []

        try:
            _run_steps(Machine(), steps)
        except AssertionError as err:
            failures[name] = str(err)
    return failures


def _run_steps(machine: CorruptionMachine, steps: Iterable[Step]) -> None:
    try:
        for step in steps:
            getattr(machine, step.rule)(**step.arguments)
            machine.nothing_is_wrong()
    finally:
        machine.teardown()


@dataclass(frozen=True)
class Result:
    """What was tried with one seed."""

    seed: int
    counts: Counts
    failure: str
    """The shortest sequence that fails, and what is wrong then; empty if nothing is."""
    recordings: list[Recording]
    """What the totals of the examples have shown."""


def run_examples(
    number: int,
    examples: int,
    *,
    open_kinds: tuple[str, ...] = (),
    collects: bool = False,
) -> Result:
    """Run examples until one fails, or all of them and collect what is wrong; `number` is the seed.

    `open_kinds` are patterns of what is known to be wrong and does not fail.
    """
    kinds = open_kinds
    seed_to_collect = number if collects else None

    class Machine(CorruptionMachine):
        """The machine, with counts of its own."""

        counts = Counts()
        open_kinds = kinds
        collects = seed_to_collect
        recordings: ClassVar[list[Recording]] = []

    failure = find_failure(
        Machine, number=number, examples=examples, steps=STEPS, shrinks=not collects
    )
    return Result(number, Machine.counts, failure, Machine.recordings)
