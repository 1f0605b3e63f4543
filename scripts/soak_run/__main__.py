"""Runs the soak, prints its tables, and fails if anything was not as promised."""

import argparse
import asyncio
import logging
import sys

import custom_components.alphaess_live.const  # noqa: F401 - before the test kit's package of that name

from .drill import drill
from .soak import LIMIT, Report, soak

SLACK = {"clients": 0, "sockets": 2, "files": 3, "tasks": 3, "memory": 40}
"""How much more there may be at the end than at the beginning, for what comes and goes."""


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
        report = await soak(options.minutes, seed=options.seed)
        failures += _tell_soak(report, options.minutes)
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
        if (
            one.recovered < times
            or one.leaks
            or one.never_was
            or one.fell
            or one.writes
        ):
            failures.append(f"the drill of {one}")
    return failures


def _tell_soak(report: Report, minutes: float) -> list[str]:
    outages, clients = report.outages, report.clients
    slowest = max(outages.recoveries, default=0)
    rows = {
        "minutes": f"{minutes:g}",
        "faults": sum(report.faults.values()),
        "outages": outages.outages,
        "recoveries waited for": len(outages.recoveries),
        "longest recovery": f"{slowest:.1f} s",
        "mean recovery": f"{_mean(outages.recoveries):.1f} s",
        "longest detection": f"{max(outages.detections, default=0):.1f} s",
        "restarts of Home Assistant": report.restarts,
        "reloads of the entry": report.reloads,
        "feed clients": f"50, {sum(clients.heard.values())} messages, {clients.out_of_order} out of order",
        "readings that showed what never was": ", ".join(report.never_was) or "none",
        "totals that fell": report.fell,
        "samples rejected": report.rejected,
        "writes to the inverter": report.writes,
    } | {
        f"{what}, beginning and end": f"{count} → {report.after[what]}"
        for what, count in report.before.items()
    }
    print("\n| what | how much |\n|---|--:|")
    for what, how_much in rows.items():
        print(f"| {what} | {how_much} |")
    return _failures(report, slowest)


def _failures(report: Report, slowest: float) -> list[str]:
    checks = {
        f"a recovery took {slowest:.1f} s": slowest > LIMIT,
        "a value was shown that never was": bool(report.never_was),
        "a total fell": report.fell,
        "something was written": report.writes,
        "the feed was out of order": report.clients.out_of_order,
    } | {
        f"{report.after[what] - count} {what} were left over": report.after[what]
        - count
        > SLACK[what]
        for what, count in report.before.items()
    }
    return [failure for failure, is_so in checks.items() if is_so]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0


if __name__ == "__main__":
    sys.exit(main())
