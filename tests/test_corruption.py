"""Words that are wrong at random: nothing wrong is shown, counted, stored or written."""

from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from functools import partial
import multiprocessing
import os
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
import pytest

from scripts.corruption_run.worker import prepare, run_chunk, run_regressions

from .corruption.energy_sums import EnergySums
from .corruption.recorded_sums import recorded_sums

EXAMPLES = int(os.environ.get("ALPHAESS_CORRUPTIONS", "150"))
"""How many examples each of the seeds has."""

RECORDED_EXAMPLES = 5


def in_process(work: Any, *arguments: Any) -> Any:
    """Run some examples in a process of their own: their Home Assistant runs to its end."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=prepare) as pool:
        return pool.submit(work, *arguments).result()


@pytest.mark.timeout(180)
def test_sequence_that_once_was_wrong_has_no_wrong_consequence() -> None:
    assert not in_process(run_regressions)


@pytest.mark.timeout(180 + 4 * EXAMPLES)
@pytest.mark.parametrize("seed", [12, 13])
def test_wrong_words_have_no_wrong_consequence(seed: int) -> None:
    result = in_process(run_chunk, seed, EXAMPLES)
    assert result.counts.examples >= EXAMPLES
    assert not result.failure, result.failure


async def test_sums_of_examples_are_those_of_a_real_recorder(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    assert recorder_mock.recording
    run = partial(in_process, run_chunk, 14, RECORDED_EXAMPLES, (".",))
    result = await hass.async_add_executor_job(run)
    series: list[tuple[timedelta, str, str]] = []
    expected: dict[str, float] = {}
    for number, (states, sums) in enumerate(result.recordings):
        series += [
            (at - states[0][0], f"sensor.n{number}_{key}", state)
            for at, key, state in states
        ]
        expected |= {f"sensor.n{number}_{key}": sum_ for key, sum_ in sums.items()}
    found = await recorded_sums(hass, series)
    assert found == pytest.approx(expected, abs=1e-6)


async def test_sum_of_falling_states_is_that_of_a_real_recorder(
    recorder_mock: Recorder, hass: HomeAssistant
) -> None:
    assert recorder_mock.recording
    sums = EnergySums()
    numbers: tuple[float | str, ...] = (
        8000,
        8001,
        "unavailable",
        7999.5,
        5000,
        5001,
        8000,
        0,
        8002,
    )
    series = []
    for count, state in enumerate(numbers):
        series.append((timedelta(minutes=count), "sensor.total", str(state)))
        if state != "unavailable":
            sums.add("sensor.total", float(state), lambda _: [8000.0])
    assert await recorded_sums(hass, series) == pytest.approx(sums.by_key)
