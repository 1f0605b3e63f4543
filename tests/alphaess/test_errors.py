"""Each way in which a request fails has one of six error kinds."""

from modbus_connection import (
    ClientClosedError,
    GatewayPathUnavailableError,
    GatewayTargetError,
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ModbusConnectionError,
    ModbusDesyncError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusTimeoutError,
    ServerDeviceBusyError,
    ServerDeviceFailureError,
)
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    InverterError,
    LinkDownError,
)
from custom_components.alphaess_live.alphaess.modbus_request import read_words
from custom_components.alphaess_live.alphaess.read_plan import request_for
from custom_components.alphaess_live.alphaess.registers import Clock

from .units import THREE_PHASE, complete

FAILURES = [
    (ModbusTimeoutError("silent"), ErrorKind.TIMEOUT),
    (GatewayTargetError(), ErrorKind.TIMEOUT),
    (GatewayPathUnavailableError(), ErrorKind.TIMEOUT),
    (ServerDeviceBusyError(), ErrorKind.BUSY),
    (ModbusConnectionError("gone"), ErrorKind.RESET),
    (ClientClosedError("closed"), ErrorKind.RESET),
    (ModbusProtocolError("garbage"), ErrorKind.PROTOCOL),
    (ModbusDesyncError("not asked"), ErrorKind.PROTOCOL),
    (ServerDeviceFailureError(), ErrorKind.PROTOCOL),
    (ModbusExceptionError(0x42), ErrorKind.PROTOCOL),
    *((LinkDownError(kind, "not open"), kind) for kind in ErrorKind),
]


@pytest.mark.parametrize(("failure", "kind"), FAILURES, ids=repr)
async def test_failed_request_has_its_error_kind(
    failure: ModbusError, kind: ErrorKind
) -> None:
    unit = complete(THREE_PHASE)
    unit.fail_requests(failure)
    with pytest.raises(CommunicationError) as caught:
        await read_words(unit, request_for(Clock))
    assert caught.value.kind is kind
    assert str(caught.value) == str(failure)
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize(
    "refusal",
    [IllegalFunctionError(), IllegalDataAddressError(), IllegalDataValueError()],
    ids=repr,
)
async def test_exception_response_is_an_illegal_request(refusal: ModbusError) -> None:
    unit = complete(THREE_PHASE)
    unit.fail_requests(refusal)
    with pytest.raises(IllegalRequestError):
        await read_words(unit, request_for(Clock))


def test_error_is_an_inverter_error() -> None:
    assert issubclass(CommunicationError, InverterError)
    assert issubclass(IllegalRequestError, InverterError)
    assert not issubclass(LinkDownError, InverterError)
