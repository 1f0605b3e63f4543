"""Runs many examples in chunks, each with a seed of its own, on several processor cores."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from itertools import count, islice
import multiprocessing
import os
from time import monotonic
from typing import Any

from .corruption_run.worker import prepare

CHUNK = 50
"""Examples with one seed; the first failure ends them."""
MAX_FAILURES = 20
CHUNKS_PER_PROCESS = 10
"""A Home Assistant's memory grows, and after half a year of virtual time its timers are not exact any more."""


def add_arguments(parser: ArgumentParser, *, name: str) -> None:
    """Add the options of a command that runs examples; `name` is the option of their number."""
    parser.add_argument(
        f"--{name}", dest="examples", type=int, default=1000, help="to run in all"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help=f"of the first {CHUNK} {name}"
    )
    cores = os.cpu_count() or 1
    parser.add_argument("--workers", type=int, default=cores, help="processes")
    parser.add_argument("--minutes", type=float, default=600, help="time limit")


def run_chunks(
    run_chunk: Callable[[int, int], Any], arguments: Namespace, *, size: int = CHUNK
) -> Iterator[Any]:
    """Run the chunks of this size in several processes; yield the results as they come."""
    whole, rest = divmod(arguments.examples, size)
    sizes = [size] * whole + [rest] * bool(rest)
    chunks = iter(list(zip(count(arguments.seed), sizes, strict=False)))
    end = monotonic() + 60 * arguments.minutes
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        arguments.workers,
        mp_context=context,
        initializer=prepare,
        max_tasks_per_child=CHUNKS_PER_PROCESS,
    ) as pool:
        running: set[Future[Any]] = set()
        while True:
            free = arguments.workers - len(running) if monotonic() < end else 0
            running |= {pool.submit(run_chunk, *one) for one in islice(chunks, free)}
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)
