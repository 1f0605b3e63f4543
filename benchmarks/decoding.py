"""Processor time of a poll without its transfer, and compared with another tree: `python -m benchmarks.decoding`."""

from argparse import ArgumentParser
import asyncio
from datetime import datetime
from pathlib import Path
from statistics import median
import subprocess
import sys
from time import process_time
from typing import override

from benchmarks.table import Table
from custom_components.alphaess_live.alphaess.holding_register_unit import (
    HoldingRegisterUnit,
)
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import BLOCKS
from custom_components.alphaess_live.alphaess.registers.register import Quantity
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import THREE_PHASE

MOMENTS = 60
"""Images of the registers that are read in turn, so that no value is the same in two readings."""
SECONDS_BETWEEN = 10
READINGS = 1000
ROUNDS = 7
LIMIT = 1.2


class Words(HoldingRegisterUnit):
    """Answers at once with stored words; each full reading is of the next moment."""

    def __init__(self) -> None:
        """Record the registers of a house; the energies stay as they are at first."""
        super().__init__()
        house = simulate(THREE_PHASE, datetime(2025, 6, 15, 12), speed=0)  # noqa: DTZ001 - the house's own clock
        energies = {
            address
            for block in BLOCKS
            for register in block.registers.values()
            if register.quantity is Quantity.ENERGY
            for address in range(register.address, register.end)
        }
        first = house.words()
        self._served = THREE_PHASE.served
        self._images: list[dict[int, int]] = []
        for _ in range(MOMENTS):
            house.advance(SECONDS_BETWEEN)
            image = {a: w for a, w in house.words().items() if a not in energies}
            self._images.append(dict.fromkeys(range(0x1100), 0) | first | image)
        self.moment = 0

    @property
    @override
    def connected(self) -> bool:
        return True

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        image = self._images[self.moment % MOMENTS]
        return [image[each] for each in range(address, address + count)]

    @override
    async def write_register(self, address: int, value: int) -> None:
        raise NotImplementedError

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        raise NotImplementedError

    @override
    async def disconnect(self) -> None:
        raise NotImplementedError


async def measure() -> tuple[float, float]:
    """Return the processor time of a full reading and of one of the power values alone, in µs."""
    unit = Words()
    inverter = Inverter(unit)
    snapshot = await inverter.read()
    await _read(inverter, unit, 5 * MOMENTS)
    started = process_time()
    await _read(inverter, unit, READINGS)
    full = process_time() - started
    started = process_time()
    for _ in range(READINGS):
        unit.moment += 1
        snapshot = await inverter.read_power(snapshot)
        _ = snapshot.power.load
    power = process_time() - started
    return full * 1e6 / READINGS, power * 1e6 / READINGS


async def _read(inverter: Inverter, unit: Words, times: int) -> None:
    for _ in range(times):
        unit.moment += 1
        snapshot = await inverter.read()
        _ = snapshot.derived, snapshot.power.load


def _measure_in(folder: Path) -> tuple[float, float]:
    """Measure the package of a folder in a process of its own; the benchmark itself is always this file."""
    program = f"import runpy, sys; sys.path.insert(0, {str(folder)!r}); sys.argv = ['', '--once']; "
    program += f"runpy.run_path({__file__!r}, run_name='__main__')"
    command = (sys.executable, "-c", program)
    result = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True
    )
    full, power = map(float, result.stdout.split())
    return full, power


def main() -> int:
    """Print the processor times, and their ratios to those of another tree."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="folder of another tree")
    parser.add_argument("--once", action="store_true", help="print two numbers only")
    arguments = parser.parse_args()
    if arguments.once:
        print(*asyncio.run(measure()))
        return 0
    folders = [Path(__file__).parent.parent]
    if arguments.against:
        folders.append(arguments.against.resolve())
    rounds = [[_measure_in(folder) for folder in folders] for _ in range(ROUNDS)]
    table = Table()
    table.title("Processor time of a poll: plan, decode, check, derive")
    for index, name in enumerate(("full reading", "power values alone")):
        for number, folder in enumerate(folders):
            best = min(one[number][index] for one in rounds)
            table.row(f"{name}, {folder.name}", best, "µs")
        if arguments.against:
            ratio = median(one[0][index] / one[1][index] for one in rounds)
            table.row(f"{name}, compared", ratio, "×", limit=LIMIT)
    return bool(table.violations)


if __name__ == "__main__":
    sys.exit(main())
