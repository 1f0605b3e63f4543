"""Runs the soak, prints its tables, and fails if anything was not as promised."""

import argparse
import asyncio
import logging
import sys

import custom_components.alphaess_live.const  # noqa: F401 - before the test kit's package of that name

from .drill import drill
from .soak import soak


def main() -> int:
    """Tell the shell how it went."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of random faults")
    parser.add_argument("--drill", type=int, default=0, help="outages of each kind")
    parser.add_argument("--seed", type=int, default=0, help="of chance")
    options = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)
    return asyncio.run(_run(options))


async def _run(options: argparse.Namespace) -> int:
    failures: list[str] = []
    if options.drill:
        failures += await _tell_drill(options.drill)
    if options.minutes:
        failures += await _tell_soak(options.minutes, seed=options.seed)
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    return bool(failures)


async def _tell_drill(times: int) -> list[str]:
    failures = []
    print("| fault | times | outages | recovered with the next poll | left over |")
    print("|---|--:|--:|--:|---|")
    async for one in drill(times):
        left = ", ".join(f"{count} {what}" for what, count in one.leaks.items())
        print(
            f"| {one.fault} | {times} | {one.outages} | {one.recovered} | {left or 'nothing'} |"
        )
        if not one.is_as_promised(times):
            failures.append(f"the drill of {one}")
    return failures


async def _tell_soak(minutes: float, *, seed: int) -> list[str]:
    report = await soak(minutes, seed=seed)
    print("\n| what | how much |\n|---|--:|")
    for what, how_much in report.rows:
        print(f"| {what} | {how_much} |")
    return list(report.failures)


if __name__ == "__main__":
    sys.exit(main())
