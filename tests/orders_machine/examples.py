"""Runs sequences of the order machine, reproducible by their seed."""

from dataclasses import dataclass

from tests.seeded_machine import find_failure

from .choices import Tried
from .machine import OrderMachine

STEPS = 8
"""Orders and events of a run."""


@dataclass(frozen=True)
class SequenceResult:
    """What was tried with one seed."""

    seed: int
    counts: Tried
    failure: str
    """The shortest sequence that fails, and what is wrong then; empty if nothing is."""


def run_sequences(number: int, runs: int, *, shrink: bool = True) -> SequenceResult:
    """Run sequences until one fails; `number` is the seed."""

    class Machine(OrderMachine):
        """The machine, with counts of its own."""

        tried = Tried()

    failure = find_failure(
        Machine, number=number, examples=runs, steps=STEPS, shrinks=shrink
    )
    return SequenceResult(number, Machine.tried, failure)
