"""What a process of its own does: it sends the inputs of one seed after the other."""

from typing import Any


def run_chunk(seed: int, inputs: int) -> Any:
    """Send the inputs of one seed; returns a `FuzzResult`."""
    import custom_components.alphaess_live.const  # noqa: F401, PLC0415 - before the plugin's own
    from tests.fuzz.runs import run_inputs  # noqa: PLC0415

    return run_inputs(seed, inputs)
