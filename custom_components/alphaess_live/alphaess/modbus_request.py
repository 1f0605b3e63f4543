"""One request to a Modbus unit, and what its answer means."""

from dataclasses import dataclass
from datetime import timedelta

from modbus_connection import (
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ModbusError,
    ModbusUnit,
)

from .errors import ErrorKind, RefusedError, UnansweredError, unanswered
from .read_plan import Part, Span

REFUSALS = (IllegalFunctionError, IllegalDataAddressError, IllegalDataValueError)
"""How an inverter says that it does not serve an address (2 seen in the field, 1 and 3 to be safe)."""


async def request[P: Part](unit: ModbusUnit, one: Span[P]) -> dict[int, int]:
    """Fetch the words of a span, by address.

    Raises RefusedError or UnansweredError.
    """
    try:
        words = await unit.read_holding_registers(one.start, one.size)
    except REFUSALS as err:
        raise RefusedError(str(err)) from err
    except ModbusError as err:
        raise unanswered(err) from err
    if len(words) != one.size:
        raise UnansweredError(
            ErrorKind.PROTOCOL, f"asked for {one.size} registers, got {len(words)}"
        )
    return dict(enumerate(words, one.start))


@dataclass(slots=True)
class Counters:
    """Requests, and what came of them; the last full snapshot's own in `last_`."""

    requests: int = 0
    snapshots: int = 0
    failures: int = 0
    """Requests that were not answered; a refusal is an answer."""
    last_duration: timedelta = timedelta()
    last_requests: int = 0
    rejected_samples: int = 0
    """Lifetime totals that fell, or leapt, and were not believed."""
