"""How wrong the house load is under broken clouds: `python -m benchmarks.clouds`.

A T10 renews its strings every 3 s, battery and inverter every second, and its meter at
once [schindler]. The simulated house has steps of a second, so battery and inverter are
renewed every second step here. Each reading is compared with the house of that second.
"""

import asyncio
from dataclasses import replace
from datetime import datetime
from random import Random
from statistics import mean, quantiles
import sys

from benchmarks.table import Table
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import THREE_PHASE
from custom_components.alphaess_live.simulator.sky import Day

START = datetime(2025, 6, 15, 10, 30)  # noqa: DTZ001 - the house's own clock
READINGS = 3600
REFRESH_SECONDS = {
    "strings": 3,
    "strings_total": 3,
    "battery": 2,
    "output": 2,
    "detail": 2,
}
METHODS = (
    "pv + battery + grid",
    "inverter output + grid",
    "median of three sums",
    "shown",
)


async def measure(interval: int, seed: int) -> dict[str, list[float]]:
    """Return the errors of each method in W, with one reading each `interval` seconds."""
    unit = simulate(THREE_PHASE, START, speed=0, day=Day.BROKEN_CLOUDS, seed=seed)
    unit.behaviour = replace(unit.behaviour, refresh_seconds=REFRESH_SECONDS)
    inverter = Inverter(unit)
    snapshot = await inverter.read()
    errors: dict[str, list[float]] = {method: [] for method in METHODS}
    sums: list[float] = []
    random = Random(seed)  # noqa: S311 - not in step with the device
    for number in range(READINGS):
        unit.advance(random.randint(interval - 1, interval + 1))
        snapshot = await _read(inverter, snapshot, full=number % 30 == 0)
        flow = unit.house.flow
        true = sum(flow.drawn) + flow.loss
        power = snapshot.power
        if power.balance is None or power.ac_balance is None or power.load is None:
            raise RuntimeError("a power of the simulated house is unknown")
        sums = [*sums[-2:], power.balance]
        loads = (
            power.balance,
            power.ac_balance + flow.loss,
            sorted(sums)[len(sums) // 2],
            power.load,
        )
        for method, load in zip(METHODS, loads, strict=True):
            errors[method].append(abs(max(load, 0) - true))
    counted = [one for one in inverter.plausibility.rejections if "energy" in one.key]
    if len(counted) < len(inverter.plausibility.rejections):
        raise RuntimeError("a true value was rejected")
    return errors


async def _read(inverter: Inverter, last: Snapshot, *, full: bool) -> Snapshot:
    return await inverter.read() if full else await inverter.read_power(last)


def main() -> int:
    """Print mean, 99 % and maximum of the error of each method."""
    table = Table()
    for interval in (2, 5):
        table.title(
            f"Error of the house load under broken clouds, a reading each {interval} s"
        )
        errors = asyncio.run(measure(interval, seed=interval))
        for method, values in errors.items():
            table.row(f"{method}, mean", mean(values), "W")
            table.row(f"{method}, 99 %", quantiles(values, n=100)[-1], "W")
            table.row(f"{method}, maximum", max(values), "W")
    return bool(table.violations)


if __name__ == "__main__":
    sys.exit(main())
