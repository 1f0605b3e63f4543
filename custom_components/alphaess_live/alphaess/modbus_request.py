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

from .errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    to_communication_error,
)
from .read_plan import Readable, ReadRequest

ILLEGAL_REQUEST_ERRORS = (
    IllegalFunctionError,
    IllegalDataAddressError,
    IllegalDataValueError,
)
"""How an inverter says that it does not serve an address (2 seen in the field, 1 and 3 to be safe)."""


async def read_words[P: Readable](
    unit: ModbusUnit, request: ReadRequest[P]
) -> dict[int, int]:
    """Fetch the words of a span, by address.

    Raises RefusedError or UnansweredError.
    """
    try:
        words = await unit.read_holding_registers(request.start, request.count)
    except ILLEGAL_REQUEST_ERRORS as err:
        raise IllegalRequestError(str(err)) from err
    except ModbusError as err:
        raise to_communication_error(err) from err
    if len(words) != request.count:
        raise CommunicationError(
            ErrorKind.PROTOCOL, f"asked for {request.count} registers, got {len(words)}"
        )
    return dict(enumerate(words, request.start))


@dataclass(slots=True)
class PollStats:
    """Requests, and what came of them; the last full snapshot's own in `last_`."""

    requests: int = 0
    snapshots: int = 0
    failures: int = 0
    """Requests that were not answered; a refusal is an answer."""
    last_duration: timedelta = timedelta()
    last_requests: int = 0
    rejected_samples: int = 0
    """Lifetime totals that fell, or leapt, and were not believed."""
