"""What a process of its own does: it runs sequences of orders, with one seed after the other."""

from typing import Any


def run_chunk(seed: int, examples: int, *, shrink: bool = True) -> Any:
    """Run the sequences of one seed; returns a `SequenceResult`. The rest as in `run_sequences`."""
    import custom_components.alphaess_live.const  # noqa: F401, PLC0415 - before the plugin's own
    from tests.orders_machine.examples import run_sequences  # noqa: PLC0415

    return run_sequences(seed, examples, shrink=shrink)


def run_named() -> dict[str, str]:
    """Run all regressions; returns what is wrong with each, by name."""
    import custom_components.alphaess_live.const  # noqa: F401, PLC0415 - before the plugin's own
    from tests.orders_machine.regressions import (  # noqa: PLC0415
        REGRESSIONS,
        run_regression,
    )

    return {name: run_regression(name) for name in REGRESSIONS}
