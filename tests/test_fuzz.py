"""Inputs at random: no error 500, no traceback, nothing left over. `./scripts/fuzz` sends more of them."""

from concurrent.futures import ProcessPoolExecutor
import multiprocessing
from random import SystemRandom

import pytest

from scripts.corruption_run.worker import prepare
from scripts.fuzz_run.worker import run_chunk

INPUTS = 125
"""How many inputs each of the four seeds has."""

ANSWER_SECONDS = 240

NEW_SEED = SystemRandom().randrange(10**6, 10**9)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 3, pytest.param(NEW_SEED, id="new"), None])
def test_inputs_at_random_cause_no_internal_error(seed: int | None) -> None:
    chosen = NEW_SEED + 1 if seed is None else seed
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=prepare) as pool:
        future = pool.submit(run_chunk, chosen, INPUTS)
        try:
            result = future.result(timeout=ANSWER_SECONDS)
        except TimeoutError:
            pool.kill_workers()
            pytest.fail(f"seed {chosen}: no end after {ANSWER_SECONDS} s")
    assert not result.failure, f"seed {chosen}: {result.failure}"
    kinds = {answer.partition(" ")[0] for answer in result.answers}
    assert kinds == {"REST", "feed", "action"}
    assert result.answers.total() >= INPUTS
