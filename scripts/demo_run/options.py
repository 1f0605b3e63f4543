"""Options of the demo's command line."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.sky import Day

DEFAULT_PORT = 8123
DEFAULT_MODBUS_PORT = 502
MAX_PORT = 65535
DAYLIGHT_HOURS = range(8, 17)
"""Hours with sunshine all year."""
DEFAULT_START = time(9, 30)
"""The sun is up, and the battery is not full yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Host and Modbus TCP port of an inverter."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The parsed command line."""

    port: int
    """Port of Home Assistant on this computer."""
    reset: bool
    """Delete the data of earlier demos."""
    inverter: Address | None
    """A real inverter; None for the simulator."""
    model: str | None
    """Model of the simulated inverter."""
    simulator_options: tuple[str, ...]
    """The command line of the simulator."""


def parse_options(arguments: Sequence[str] | None = None) -> Options:
    """Parse the command line; print the usage and exit if it is invalid."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    simulator = {
        "speed": parsed.speed,
        "day": parsed.day,
        "model": parsed.model,
        "start": parsed.start,
    }
    if parsed.inverter and any(simulator.values()):
        parser.error(
            "--speed, --day, --model and --start apply to the simulated house only"
        )
    simulator["start"] = parsed.start or _default_start(datetime.now().astimezone())
    return Options(
        port=parsed.port,
        reset=parsed.reset,
        inverter=parsed.inverter,
        model=parsed.model,
        simulator_options=tuple(
            f"--{name}={value}" for name, value in simulator.items() if value
        ),
    )


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="./scripts/demo",
        description="A simulated house with an AlphaESS inverter, live in a real Home Assistant.",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="port of Home Assistant (default: %(default)s)",
    )
    parser.add_argument(
        "--reset",
        action="store_true",
        help="start with empty history and default settings",
    )
    parser.add_argument(
        "--inverter",
        type=_address,
        metavar="HOST[:PORT]",
        help="use a real inverter instead of the simulator",
    )
    house = parser.add_argument_group("the simulated house")
    house.add_argument(
        "--speed",
        type=float,
        help="time factor; 60: one simulated minute per second. From about 3 on the energy stands still,"
        " because more than can flow is rejected",
    )
    house.add_argument("--day", choices=tuple(Day), type=Day, help="weather")
    house.add_argument("--model", choices=MODELS, help="inverter model")
    house.add_argument(
        "--start",
        type=time.fromisoformat,
        metavar="HH:MM",
        help="time of day at the start (default: now, or 09:30 while it is dark)",
    )
    return parser


def _default_start(now: datetime) -> time | None:
    """Return the morning while it is dark outside, because a house without sun shows little."""
    return None if now.hour in DAYLIGHT_HOURS else DEFAULT_START


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MAX_PORT:
        raise ArgumentTypeError(f"{text} is not a port number (1 to {MAX_PORT})")
    return int(text)


def _address(text: str) -> Address:
    host, _, port = text.partition(":")
    if not host:
        raise ArgumentTypeError("the host is missing")
    return Address(host=host, port=_port(port) if port else DEFAULT_MODBUS_PORT)
