"""What a person can ask of the demo on the command line."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from dataclasses import dataclass

PORT = 8123
MODBUS_PORT = 502
LAST_PORT = 65535


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
    house: tuple[str, ...]
    """What the simulator is told: its own options."""


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Understand the command line, or end with its usage."""
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
        "--speed", help="how fast its time passes; 60: a minute each second"
    )
    house.add_argument("--day", help="its weather, such as sunny")
    house.add_argument("--model", help="its inverter, such as three_phase")
    told = parser.parse_args(arguments)
    wishes = {"--speed": told.speed, "--day": told.day, "--model": told.model}
    if told.inverter and any(wishes.values()):
        parser.error("--speed, --day and --model belong to the imagined house")
    return Options(
        port=told.port,
        reset=told.reset,
        inverter=told.inverter,
        house=tuple(f"{name}={wish}" for name, wish in wishes.items() if wish),
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= LAST_PORT:
        raise ArgumentTypeError(f"{text} is no port: a number up to {LAST_PORT}")
    return int(text)


def _address(text: str) -> Address:
    host, _, port = text.partition(":")
    if not host:
        raise ArgumentTypeError("it begins with a host")
    return Address(host=host, port=_port(port) if port else MODBUS_PORT)
