"""What a process of its own does: it runs the examples of one seed after the other."""

import logging
from typing import Any


def prepare() -> None:
    """Prepare a worker as the test plugin prepares pytest, but with sockets."""
    # Both must be imported before Home Assistant is.
    import pytest_homeassistant_custom_component.plugins as test_plugin  # noqa: PLC0415
    import pytest_socket  # noqa: PLC0415

    test_plugin.pytest_runtest_setup()
    pytest_socket.enable_socket()
    logging.disable(logging.CRITICAL)


def run_chunk(
    seed: int,
    examples: int,
    open_kinds: tuple[str, ...] = (),
    *,
    collects: bool = False,
) -> Any:
    """Run the examples of one seed; returns a `Result`. The rest as in `run_examples`."""
    import custom_components.alphaess_live.const  # noqa: F401, PLC0415 - before the plugin's own
    from tests.corruption.runs import run_examples  # noqa: PLC0415

    return run_examples(seed, examples, open_kinds=open_kinds, collects=collects)


def run_regressions(open_kinds: tuple[str, ...] = ()) -> dict[str, str]:
    """Run the sequences that once were wrong; returns those that are, with what is wrong."""
    import custom_components.alphaess_live.const  # noqa: F401, PLC0415 - before the plugin's own
    from tests.corruption.runs import failing_regressions  # noqa: PLC0415

    return failing_regressions(open_kinds=open_kinds)
