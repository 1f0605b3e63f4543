"""Command line of the corruption machine: see ./scripts/corruption."""

from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import partial
from itertools import count, islice
import multiprocessing
import os
import sys
from time import monotonic
from typing import Any

from .worker import prepare, run_chunk

CHUNK = 50
"""Examples with one seed; the first failure ends them."""
MAX_FAILURES = 20


def _run_all(arguments: Any) -> Iterator[Any]:
    """Run the chunks in several processes; yield the results as they come."""
    whole, rest = divmod(arguments.examples, CHUNK)
    sizes = [CHUNK] * whole + [rest] * bool(rest)
    chunks = iter(list(zip(count(arguments.seed), sizes, strict=False)))
    end = monotonic() + 60 * arguments.minutes
    run = partial(run_chunk, collects=arguments.collect)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        arguments.workers, mp_context=context, initializer=prepare
    ) as pool:
        running: set[Future[Any]] = set()
        while True:
            free = arguments.workers - len(running) if monotonic() < end else 0
            running |= {pool.submit(run, *one) for one in islice(chunks, free)}
            if not running:
                return
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (one.result() for one in done)


def main() -> int:
    """Run the examples, and print what was tried and what was wrong."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=1000, help="to run in all")
    parser.add_argument("--seed", type=int, default=1, help="of the first 50 examples")
    cores = os.cpu_count() or 1
    parser.add_argument("--workers", type=int, default=cores, help="processes")
    parser.add_argument("--minutes", type=float, default=600, help="time limit")
    parser.add_argument(
        "--collect",
        action="store_true",
        help="go on after a wrong example, and list every kind with its shortest sequence",
    )
    arguments = parser.parse_args()
    started, total, failed = monotonic(), None, []
    for result in _run_all(arguments):
        total = result.counts if total is None else total + result.counts
        if result.failure:
            failed.append(result.seed)
            print(f"\nSeed {result.seed}:\n{result.failure}", flush=True)
        if len(failed) >= MAX_FAILURES:
            print(f"\n{MAX_FAILURES} seeds have failed; the rest is not run.")
            break
    if total is None:
        return 1
    minutes = (monotonic() - started) / 60
    print(f"\n{total.table}")
    if total.found:
        print(f"\nWrong, by kind:\n{total.report}")
    last = arguments.seed + (arguments.examples - 1) // CHUNK
    print(f"\nSeeds {arguments.seed} to {last}: {total.examples} examples", end=" ")
    print(f"in {minutes:.1f} minutes; {len(failed)} seeds failed {failed or ''}")
    wrong = sum(one.count for one in total.found.values())
    print(f"{len(total.found)} kinds of wrong consequences, {wrong} in all")
    if minutes >= arguments.minutes:
        print(f"Stopped by the time limit: {arguments.examples} were to be run")
    return bool(failed or total.found)


if __name__ == "__main__":
    sys.exit(main())
