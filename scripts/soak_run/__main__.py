"""Command line of the soak: runs it, prints its tables, and fails if a limit was exceeded."""

import argparse
import asyncio
from collections.abc import Iterable
import logging
import sys

import custom_components.alphaess_live.const  # noqa: F401 - must be imported before the test plugin's `custom_components`

from .drill import run_drill
from .reloads import run_reloads
from .soak import run_soak


def main() -> int:
    """Run the soak and return its exit code."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=10, help="duration of the random faults"
    )
    parser.add_argument(
        "--drill", type=int, default=0, help="outages of each kind before that"
    )
    parser.add_argument(
        "--reloads",
        type=int,
        default=0,
        help="reloads of the entry before that, and a fifth as many failing set-ups",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="seed of the random numbers"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    failures: list[str] = []
    if options.drill:
        failures += await _print_drill(options.drill)
    if options.reloads:
        failures += await _print_reloads(options.reloads)
    if options.minutes:
        failures += await _print_soak(options.minutes, seed=options.seed)
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return bool(failures)


async def _print_drill(times: int) -> list[str]:
    failures = []
    print("| fault | times | outages | recovered with the next poll | left over |")
    print("|---|--:|--:|--:|---|")
    async for result in run_drill(times):
        leaks = ", ".join(f"{count} {name}" for name, count in result.leaks.items())
        print(
            f"| {result.fault} | {times} | {result.outages} | {result.recovered} |"
            f" {leaks or 'nothing'} |"
        )
        if not result.passed(times):
            failures.append(f"drill: {result}")
    return failures


async def _print_reloads(times: int) -> list[str]:
    result = await run_reloads(times)
    _print_table(result.rows)
    return list(result.failures)


async def _print_soak(minutes: float, *, seed: int) -> list[str]:
    report = await run_soak(minutes, seed=seed)
    _print_table(report.rows)
    return list(report.failures)


def _print_table(rows: Iterable[tuple[str, object]]) -> None:
    print("\n| measured | value |\n|---|--:|")
    for name, value in rows:
        print(f"| {name} | {value} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
