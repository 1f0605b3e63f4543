"""Each way in which a link fails must reach the user as the right one of six reasons."""

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
    ErrorKind,
    InverterError,
    LinkDownError,
    RefusedError,
    UnansweredError,
)
from custom_components.alphaess_live.alphaess.modbus_request import request
from custom_components.alphaess_live.alphaess.read_plan import span
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
async def test_a_request_that_fails_says_why(
    failure: ModbusError, kind: ErrorKind
) -> None:
    unit = complete(THREE_PHASE)
    unit.fail_requests(failure)
    with pytest.raises(UnansweredError) as caught:
        await request(unit, span(Clock))
    assert caught.value.kind is kind
    assert str(caught.value) == str(failure)
    assert caught.value.__cause__ is failure


@pytest.mark.parametrize(
    "refusal",
    [IllegalFunctionError(), IllegalDataAddressError(), IllegalDataValueError()],
    ids=repr,
)
async def test_a_refusal_is_an_answer(refusal: ModbusError) -> None:
    unit = complete(THREE_PHASE)
    unit.fail_requests(refusal)
    with pytest.raises(RefusedError):
        await request(unit, span(Clock))


def test_whatever_goes_wrong_is_one_family() -> None:
    assert issubclass(UnansweredError, InverterError)
    assert issubclass(RefusedError, InverterError)
    assert not issubclass(LinkDownError, InverterError)
