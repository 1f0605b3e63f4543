"""Runs a state machine with a seed, and returns the sequence that fails."""

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def find_failure(
    machine: type[RuleBasedStateMachine],
    *,
    number: int,
    examples: int,
    steps: int,
    shrinks: bool,
) -> str:
    """Run examples until one fails; `number` is the seed.

    Return what is wrong and the sequence, with `shrinks` the shortest one; empty if
    nothing is wrong.
    """
    phases = (Phase.generate, Phase.shrink) if shrinks else (Phase.generate,)
    try:
        run_state_machine_as_test(
            seed(number)(machine),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                database=None,
                deadline=None,
                phases=phases,
                print_blob=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    except Exception as err:  # noqa: BLE001 - whatever an example raises is a failure
        # One that does not fail again contains what it has failed with.
        errors = [err, *getattr(err, "exceptions", ())]
        found = [f"{type(one).__name__}: {one}" for one in errors]
        return "\n".join((*found, *getattr(err, "__notes__", ())))
    return ""
