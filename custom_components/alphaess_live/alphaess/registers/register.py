"""A register: the address of a value, and how its words are decoded and encoded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache
from typing import Any

from ..scales import STANDARD, ScaleProfile, ScaleVariant

type Memory = Mapping[int, int]
"""Register words by address."""

UNKNOWN_CODE = 0xFFFF
"""The code that is encoded for an unknown state; no code table has it."""


class Quantity(Enum):
    """What a number measures, and its unit."""

    POWER = ("power", "W")
    REACTIVE_POWER = ("reactive_power", "var")
    APPARENT_POWER = ("apparent_power", "VA")
    POWER_FACTOR = ("power_factor", None)
    ENERGY = ("energy", "kWh")
    """A lifetime counter that only grows."""
    CAPACITY = ("capacity", "kWh")
    VOLTAGE = ("voltage", "V")
    CURRENT = ("current", "A")
    FREQUENCY = ("frequency", "Hz")
    TEMPERATURE = ("temperature", "°C")
    CHARGE = ("charge", "%")
    """State of charge of the whole battery."""
    SHARE = ("share", "%")
    MINUTES = ("minutes", "min")
    SECONDS = ("seconds", "s")
    MILLISECONDS = ("milliseconds", "ms")
    COUNT = ("count", None)
    """A plain number: an index, a version, a ratio."""
    FLAGS = ("flags", None)
    """Bits with a meaning each."""

    @property
    def unit(self) -> str | None:
        """The unit of every value of this quantity."""
        unit: str | None = self.value[1]
        return unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Register[T]:
    """Decodes the words at an address to a value, and encodes a value to words."""

    address: int
    words: int
    parse: Callable[[int, ScaleProfile], T]
    render: Callable[[T, ScaleProfile], int]
    quantity: Quantity | None = None
    options: tuple[str, ...] = ()
    """The states of a choice."""
    variant: ScaleVariant | None = None
    """The scale of a number whose scale differs between models."""

    @property
    def end(self) -> int:
        """The first address after this register."""
        return self.address + self.words

    def raw(self, memory: Memory) -> int:
        """Return the number in this register's words, high word first."""
        raw = 0
        for address in range(self.address, self.end):
            raw = raw << 16 | memory[address]
        return raw

    def decode(self, memory: Memory, profile: ScaleProfile = STANDARD) -> T:
        """Decode this register's value. Raises KeyError if a word is missing."""
        return self.parse(self.raw(memory), profile)

    def encode(self, value: T, profile: ScaleProfile = STANDARD) -> dict[int, int]:
        """Encode a value to words by address."""
        raw = self.render(value, profile)
        return {self.end - 1 - i: raw >> 16 * i & 0xFFFF for i in range(self.words)}


def number(
    address: int,
    quantity: Quantity = Quantity.COUNT,
    *,
    words: int = 1,
    signed: bool = False,
    scale: float | ScaleVariant = 1,
    offset: int = 0,
) -> Any:
    """Declare a number that is sent as an integer: value = (raw - offset) × scale.

    A number whose scale differs between models is None while its scale is in question; it
    is encoded in a known scale only.
    """
    span = 1 << 16 * words
    variant = scale if isinstance(scale, ScaleVariant) else None

    def scaled(profile: ScaleProfile) -> float | None:
        return scale.factor(profile) if isinstance(scale, ScaleVariant) else scale

    def parse(raw: int, profile: ScaleProfile) -> float | None:
        factor = scaled(profile)
        if factor is None:
            return None
        value: float = (raw - span if signed and raw >= span // 2 else raw) - offset
        if factor != 1:
            value = round(value * factor, _decimals(factor))
        return value

    def render(value: float | None, profile: ScaleProfile) -> int:
        factor = scaled(profile)
        if value is None or factor is None:
            raise ValueError(f"0x{address:04X} cannot be encoded: {value} in {factor}")
        return (round(value / factor) + offset) % span

    return _declare(address, words, parse, render, quantity=quantity, variant=variant)


@cache
def _decimals(factor: float) -> int:
    """Return how many decimals a value with this factor has."""
    return len(f"{factor:g}".partition(".")[2])


def choice[E: StrEnum](address: int, codes: Mapping[int, E]) -> Any:
    """Declare a register with one of a few states; None for an unknown code."""
    by_state = {state: code for code, state in codes.items()}

    def parse(raw: int, _: ScaleProfile) -> E | None:
        return codes.get(raw)

    def render(value: E | None, _: ScaleProfile) -> int:
        return UNKNOWN_CODE if value is None else by_state[value]

    return _declare(address, 1, parse, render, options=tuple(codes.values()))


def text(address: int, *, words: int) -> Any:
    """Declare registers with ASCII text, padded with NUL or blanks.

    A byte that is no ASCII becomes "?", so that noise is no valid serial number.
    """
    size = 2 * words

    def parse(raw: int, _: ScaleProfile) -> str:
        letters = raw.to_bytes(size).split(b"\0", 1)[0]
        return letters.decode("ascii", "replace").replace("\ufffd", "?").strip()

    def render(value: str, _: ScaleProfile) -> int:
        letters = value.encode("ascii", "replace")[:size]
        return int.from_bytes(letters.ljust(size, b"\0"))

    return _declare(address, words, parse, render)


def clock(address: int) -> Any:
    """Declare the three registers of a clock: (year-2000, month), (day, hour), (minute, second).

    Binary bytes, not BCD, in the inverter's local time [en3rgy]. None for bytes that are
    no date: the clock was not set.
    """

    def parse(raw: int, _: ScaleProfile) -> datetime | None:
        year, month, day, hour, minute, second = raw.to_bytes(6)
        try:
            return datetime(2000 + year, month, day, hour, minute, second)
        except ValueError:
            return None

    def render(value: datetime | None, _: ScaleProfile) -> int:
        if value is None:
            return 0
        rest = (value.month, value.day, value.hour, value.minute, value.second)
        return int.from_bytes(bytes((value.year - 2000, *rest)))

    return _declare(address, 3, parse, render)


def dispatch_soc(address: int) -> Any:
    """Declare a dispatch's target: 0.4 % a step; 255 is no limit, that is 100 %.

    Documented as % × 2.5 [vendor]. With 250 some batteries stopped before they were
    full, so 255 is written for 100 % [koegler; senalse].
    """

    def parse(raw: int, _: ScaleProfile) -> float:
        return min(round(raw * 0.4, 1), 100)

    def render(value: float, _: ScaleProfile) -> int:
        return 255 if value >= 100 else round(value * 2.5)

    return _declare(address, 1, parse, render, quantity=Quantity.SHARE)


def _declare[T](
    address: int,
    words: int,
    parse: Callable[[int, ScaleProfile], T],
    render: Callable[[T, ScaleProfile], int],
    *,
    quantity: Quantity | None = None,
    options: tuple[str, ...] = (),
    variant: ScaleVariant | None = None,
) -> Any:
    register = Register(
        address=address,
        words=words,
        parse=parse,
        render=render,
        quantity=quantity,
        options=options,
        variant=variant,
    )
    return field(metadata={"register": register})
