"""Words that are wrong at random: nothing wrong is shown, counted, stored or written."""

from concurrent.futures import ProcessPoolExecutor
import multiprocessing
import os
from typing import Any

import pytest

from scripts.corruption_run.worker import prepare, run_chunk, run_regressions

EXAMPLES = int(os.environ.get("ALPHAESS_CORRUPTIONS", "150"))
"""How many examples each of the seeds has."""

OPEN_KINDS = (
    r"_total shows ",
    r"_total adds ",
    r"^identity: ",
    r"another inverter answers",
    r"dispatch_power shows ",
)
"""What is known to be wrong: totals and identity after odd first readings, an order in them."""


def in_process(work: Any, *arguments: Any) -> Any:
    """Run some examples in a process of their own: their Home Assistant runs to its end."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=prepare) as pool:
        return pool.submit(work, *arguments).result()


@pytest.mark.timeout(180)
def test_sequence_that_once_was_wrong_has_no_wrong_consequence() -> None:
    assert not in_process(run_regressions, OPEN_KINDS)


@pytest.mark.timeout(180 + 4 * EXAMPLES)
@pytest.mark.parametrize("seed", [12, 13])
def test_wrong_words_have_no_wrong_consequence(seed: int) -> None:
    result = in_process(run_chunk, seed, EXAMPLES, OPEN_KINDS)
    assert result.counts.examples >= EXAMPLES
    assert not result.failure, result.failure
