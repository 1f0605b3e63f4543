"""Command line of the corruption machine: see ./scripts/corruption."""

from argparse import ArgumentParser
from functools import partial
import sys
from time import monotonic

from scripts.seeded_chunks import (
    CHUNK,
    MAX_FAILURES,
    add_arguments,
    run_chunks,
)

from .worker import run_chunk


def main() -> int:
    """Run the examples, and print what was tried and what was wrong."""
    parser = ArgumentParser(description=__doc__)
    add_arguments(parser, name="examples")
    parser.add_argument(
        "--collect",
        action="store_true",
        help="go on after a wrong example, and list every kind with its shortest sequence",
    )
    arguments = parser.parse_args()
    started, total, failed = monotonic(), None, []
    run = partial(run_chunk, collects=arguments.collect)
    for result in run_chunks(run, arguments):
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
