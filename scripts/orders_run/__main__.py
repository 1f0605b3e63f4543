"""Command line of the order machine: see ./scripts/orders."""

from argparse import ArgumentParser
import sys
from time import monotonic

from scripts.seeded_chunks import CHUNK, MAX_FAILURES, add_arguments, run_chunks

from .sequences import run_chunk


def main() -> int:
    """Run the sequences, and print what was tried and what was wrong."""
    parser = ArgumentParser(description=__doc__)
    add_arguments(parser, name="runs")
    arguments = parser.parse_args()
    started, total, failed = monotonic(), None, []
    for result in run_chunks(run_chunk, arguments):
        total = result.counts if total is None else total + result.counts
        if result.failure:
            failed.append(result.seed)
            print(f"\nSeed {result.seed}:\n{result.failure}", flush=True)
        if len(failed) >= MAX_FAILURES:
            break
    if total is None:
        return 1
    minutes = (monotonic() - started) / 60
    last = arguments.seed + (arguments.examples - 1) // CHUNK
    print(f"\n{total.table}")
    print(f"\nSeeds {arguments.seed} to {last}: {total.examples} runs", end=" ")
    print(f"in {minutes:.1f} minutes; {len(failed)} seeds failed {failed or ''}")
    if minutes >= arguments.minutes:
        print(f"Stopped by the time limit: {arguments.examples} were to be run")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
