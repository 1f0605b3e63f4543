"""Words that are wrong at random: nothing wrong is shown, counted, stored or written."""

from concurrent.futures import ProcessPoolExecutor
import multiprocessing
import os

import pytest

from scripts.corruption_run.worker import prepare, run_chunk

EXAMPLES = int(os.environ.get("ALPHAESS_CORRUPTIONS", "0"))
"""With a number, so many examples run, and nothing is left out."""

OPEN_KINDS = (r"_total shows ", r"_total adds ", r"^identity: ")
"""What is known to be wrong: totals after an odd first sample or a pause, and an identity from one odd reading."""


@pytest.mark.timeout(180 + 2 * EXAMPLES)
def test_wrong_words_have_no_wrong_consequence() -> None:
    kinds = () if EXAMPLES else OPEN_KINDS
    # The Home Assistant of the examples runs to the end of its process.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=prepare) as pool:
        result = pool.submit(run_chunk, 12, EXAMPLES or 30, kinds).result()
    assert result.counts.examples
    assert not result.failure, result.failure
