"""Runs sequences of the order machine, reproducible by their seed."""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

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

    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    failure = ""
    try:
        run_state_machine_as_test(
            seed(number)(Machine),
            settings=settings(
                max_examples=runs,
                stateful_step_count=STEPS,
                database=None,
                deadline=None,
                phases=phases,
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except (AssertionError, ExceptionGroup) as err:
        failure = "\n".join((str(err), *getattr(err, "__notes__", ())))
    return SequenceResult(number, Machine.tried, failure)
