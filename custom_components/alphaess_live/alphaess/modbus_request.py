"""One read request to a Modbus unit, and what its response means."""

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
"""How an inverter rejects an address: exception 2 was seen in the field, 1 and 3 were not [senalse #21]."""


async def read_words[R: Readable](
    unit: ModbusUnit, request: ReadRequest[R]
) -> dict[int, int]:
    """Read the words of a request, by address.

    Raises IllegalRequestError or CommunicationError.
    """
    try:
        words = await unit.read_holding_registers(request.start, request.count)
    except ILLEGAL_REQUEST_ERRORS as err:
        raise IllegalRequestError(str(err)) from err
    except ModbusError as err:
        raise to_communication_error(err) from err
    if len(words) != request.count:
        message = f"asked for {request.count} registers, got {len(words)}"
        raise CommunicationError(ErrorKind.PROTOCOL, message)
    return dict(enumerate(words, request.start))


@dataclass(slots=True)
class PollStats:
    """Counts requests and their results since the inverter was set up."""

    requests: int = 0
    reads: int = 0
    """Those of them that are no part of an order or a setting."""
    snapshots: int = 0
    failures: int = 0
    """Requests without a response; an exception response is one."""
    last_duration: timedelta = timedelta()
    """How long the last snapshot took."""
    last_requests: int = 0
    """Requests of the last snapshot."""
    rejected_samples: int = 0
    """Values that were rejected as impossible."""
