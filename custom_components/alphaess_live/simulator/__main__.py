"""Starts a simulated inverter: `python -m custom_components.alphaess_live.simulator --port 5020`."""

from argparse import (
    ArgumentDefaultsHelpFormatter,
    ArgumentParser,
    ArgumentTypeError,
    Namespace,
)
import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
import signal
import sys
from zoneinfo import ZoneInfo

from ..alphaess.faults import BITS
from .appliances import CAR
from .behaviour import FAULT_REGISTERS
from .demo import simulate
from .models import MODELS
from .replay import InvalidImageError, load, replay
from .server import UNIT_ID, serve
from .simulated_inverter import SimulatedInverter
from .sky import Day


def parse(arguments: Sequence[str] | None = None) -> Namespace:
    """Parse the command line."""
    parser = ArgumentParser(
        description="A simulated house with an AlphaESS inverter, on a Modbus TCP port.",
        formatter_class=ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument(
        "--port", type=_whole_number(0, 65535), default=5020, help="0 for any free one"
    )
    parser.add_argument(
        "--unit", type=_whole_number(1, 247), default=UNIT_ID, help="Modbus unit id"
    )
    _add_house_arguments(parser)
    parser.add_argument(
        "--fault",
        type=_fault,
        metavar="WORD:BIT",
        action="append",
        default=[],
        help="a bit that is set, inverter_fault_1:7; may be repeated",
    )
    parser.add_argument(
        "--delay",
        type=_not_negative,
        default=0.0,
        help="seconds before each answer, as behind a slow bridge",
    )
    parser.add_argument("--rtu", action="store_true", help="RTU frames over TCP")
    parser.add_argument(
        "--image", type=_image, metavar="FILE", help="replay a diagnostics file instead"
    )
    return parser.parse_args(arguments)


def _add_house_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--model", choices=MODELS, default="three_phase")
    parser.add_argument("--day", choices=tuple(Day), type=Day, default=Day.SUNNY)
    parser.add_argument(
        "--speed", type=_not_negative, default=1.0, help="1440: a day a minute"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="other clouds, other use of appliances"
    )
    parser.add_argument(
        "--soc", type=_whole_number(4, 100), help="state of charge at the start, in %%"
    )
    parser.add_argument("--start", type=time.fromisoformat, help="HH:MM; else now")
    parser.add_argument(
        "--wall-clock",
        type=ZoneInfo,
        metavar="ZONE",
        help="the inverter's clock shows the real time of this zone, not the simulated one",
    )
    parser.add_argument("--car", action="store_true", help="with an 11 kW wallbox")


def _image(word: str) -> dict[int, int]:
    try:
        return load(Path(word))
    except InvalidImageError as err:
        raise ArgumentTypeError(str(err)) from err


def _fault(word: str) -> tuple[str, int]:
    source, _, bit = word.partition(":")
    if source not in FAULT_REGISTERS:
        raise ArgumentTypeError(
            f"unknown fault register; known are {', '.join(FAULT_REGISTERS)}"
        )
    return source, _whole_number(0, BITS - 1)(bit)


def _whole_number(minimum: int, maximum: int) -> Callable[[str], int]:
    """Accept a whole number within limits."""

    def number(word: str) -> int:
        if minimum <= (value := int(word)) <= maximum:
            return value
        raise ArgumentTypeError(f"must be {minimum} to {maximum}")

    return number


def _not_negative(word: str) -> float:
    if (value := float(word)) >= 0:
        return value
    raise ArgumentTypeError("must be 0 or more")


def build_unit(wanted: Namespace, now: datetime) -> SimulatedInverter:
    """Build the simulated or replayed inverter that the arguments ask for, with the given fault bits."""
    unit = replay(wanted.image) if wanted.image else _simulated(wanted, now)
    for source in {source for source, _ in wanted.fault}:
        unit.set_faults(source, *(bit for of, bit in wanted.fault if of == source))
    unit.behaviour = replace(unit.behaviour, delay=wanted.delay)
    return unit


def _simulated(wanted: Namespace, now: datetime) -> SimulatedInverter:
    model = MODELS[wanted.model]
    if wanted.car:
        appliances = (*model.equipment.appliances, CAR)
        model = replace(
            model, equipment=replace(model.equipment, appliances=appliances)
        )
    start = datetime.combine(
        now.date(), wanted.start or now.time().replace(microsecond=0)
    )
    unit = simulate(
        model,
        start,
        day=wanted.day,
        seed=wanted.seed,
        soc=wanted.soc,
        speed=wanted.speed,
    )
    if wanted.wall_clock:
        zone: ZoneInfo = wanted.wall_clock
        unit.set_wall_clock(lambda: datetime.now(zone).replace(tzinfo=None))
    return unit


async def run(wanted: Namespace) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    unit = build_unit(wanted, datetime.now().astimezone().replace(tzinfo=None))
    async with serve(
        unit, wanted.host, wanted.port, unit_id=wanted.unit, rtu=wanted.rtu
    ) as server:
        kind = f"{wanted.model}, {wanted.day} day, {wanted.speed:g}x"
        print(
            f"Simulated inverter {unit.model.serial} "
            f"({'a recording' if wanted.image else kind}) listens on {server.host}:{server.port}, unit {wanted.unit}.",
            flush=True,
        )
        await stop.wait()


def main() -> None:
    """Start from the command line."""
    wanted = parse()
    try:
        asyncio.run(run(wanted))
    except OSError as err:
        sys.exit(f"Cannot listen on {wanted.host}:{wanted.port}: {err.strerror}.")


if __name__ == "__main__":
    main()
