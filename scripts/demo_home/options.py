"""What a person can ask of the demo on the command line."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.sky import Day

PORT = 8123
MODBUS_PORT = 502
LAST_PORT = 65535
DAYLIGHT = range(8, 17)
"""Hours in which there is sun all year."""
MORNING = time(9, 30)
"""The sun is up, and the battery not yet full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a Modbus TCP port is."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A demo as somebody wants it."""

    port: int
    """Home Assistant's, on this computer."""
    reset: bool
    """Forget what earlier demos left."""
    inverter: Address | None
    """A real one; None for the imagined house."""
    model: str | None
    """Of the imagined house's inverter."""
    house: tuple[str, ...]
    """All that the simulator is told: its own options."""


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Understand the command line, or end with its usage."""
    parser = _parser()
    told = parser.parse_args(arguments)
    wishes = {
        "speed": told.speed,
        "day": told.day,
        "model": told.model,
        "start": told.start,
    }
    if told.inverter and any(wishes.values()):
        parser.error("--speed, --day, --model and --start belong to the imagined house")
    wishes["start"] = told.start or _when_there_is_sun(datetime.now().astimezone())
    return Options(
        port=told.port,
        reset=told.reset,
        inverter=told.inverter,
        model=told.model,
        house=tuple(f"--{name}={wish}" for name, wish in wishes.items() if wish),
    )


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="./scripts/demo",
        description="A house with an AlphaESS inverter, live in a real Home Assistant.",
    )
    parser.add_argument(
        "--port", type=_port, default=PORT, help="of Home Assistant (%(default)s)"
    )
    parser.add_argument(
        "--reset", action="store_true", help="begin anew, without yesterday's history"
    )
    parser.add_argument(
        "--inverter",
        type=_address,
        metavar="HOST[:PORT]",
        help="show a real inverter instead of the imagined house",
    )
    house = parser.add_argument_group("the imagined house")
    house.add_argument(
        "--speed", type=float, help="how fast its time passes; 60: a minute each second"
    )
    house.add_argument("--day", choices=tuple(Day), type=Day, help="its weather")
    house.add_argument("--model", choices=MODELS, help="its inverter")
    house.add_argument(
        "--start",
        type=time.fromisoformat,
        metavar="HH:MM",
        help="its time of day; else now, or morning if it is dark",
    )
    return parser


def _when_there_is_sun(now: datetime) -> time | None:
    """Begin in the morning where it is dark outside: a house without sun shows little."""
    return None if now.hour in DAYLIGHT else MORNING


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= LAST_PORT:
        raise ArgumentTypeError(f"{text} is no port: a number up to {LAST_PORT}")
    return int(text)


def _address(text: str) -> Address:
    host, _, port = text.partition(":")
    if not host:
        raise ArgumentTypeError("it begins with a host")
    return Address(host=host, port=_port(port) if port else MODBUS_PORT)
