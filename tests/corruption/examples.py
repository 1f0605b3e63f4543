"""Runs examples of the corruption machine, reproducible by their seed."""

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from .machine import CorruptionMachine, Counts

STEPS = 6
"""Events after the first set-up."""


@dataclass(frozen=True)
class Result:
    """What was tried with one seed."""

    seed: int
    counts: Counts
    failure: str
    """The shortest sequence that fails, and what is wrong then; empty if nothing is."""


def run_examples(
    number: int, examples: int, *, open_kinds: tuple[str, ...] = ()
) -> Result:
    """Run examples until one fails; `number` is the seed.

    `open_kinds` are patterns of what is known to be wrong and does not fail.
    """
    kinds = open_kinds

    class Machine(CorruptionMachine):
        """The machine, with counts of its own."""

        counts = Counts()
        open_kinds = kinds

    failure = ""
    try:
        run_state_machine_as_test(
            seed(number)(Machine),
            settings=settings(
                max_examples=examples,
                stateful_step_count=STEPS,
                database=None,
                deadline=None,
                phases=(Phase.generate, Phase.shrink),
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except AssertionError as err:
        failure = "\n".join((str(err), *getattr(err, "__notes__", ())))
    return Result(number, Machine.counts, failure)
