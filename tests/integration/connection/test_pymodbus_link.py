"""Our own link: one connection, reconnecting, closed without a response, and closed at once."""

import asyncio
import re
from typing import Any

from homeassistant.core import HomeAssistant
from modbus_connection import (
    ClientClosedError,
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusError,
    ModbusProtocolError,
    ModbusTimeoutError,
)
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusException
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    LinkDownError,
    MismatchedResponseError,
)
from custom_components.alphaess_live.connection.port_probe import (
    diagnose_port,
    is_not_modbus,
)

from ..peers import (
    Behaviour,
    always_answer,
    answer_after,
    answer_once_then_reset,
    answer_reads,
    answer_with,
    ignore_first_request,
    never_answer,
    other_transaction_ids,
    refuse_all,
    serve_peer,
    unanswered_port,
)
from .links import link_to, loggers_with_a_traceback, read

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_link_without_requests_never_connects(hass: HomeAssistant) -> None:
    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port)
        await asyncio.sleep(0)
        await link.close()
        assert not peer.accepted_at


async def test_sequential_requests_share_one_connection(hass: HomeAssistant) -> None:
    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port)
        assert await read(link) == [0x0001, 0x0203]
        assert await read(link) == [0x0001, 0x0203]
        await link.close()
        await peer.wait_until_closed()
        assert len(peer.accepted_at) == 1


async def test_concurrent_requests_share_one_connection_attempt(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port)
        await asyncio.gather(read(link), read(link), read(link))
        await link.close()
        assert len(peer.accepted_at) == 1


async def test_exception_response_keeps_the_connection_open(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(refuse_all) as peer:
        link = await link_to(hass, peer.port)
        for _ in range(3):
            with pytest.raises(IllegalDataAddressError):
                await read(link)
        assert link.unit.connected
        await link.close()
        assert len(peer.accepted_at) == 1


async def test_refused_writes_raise_illegal_data_address(hass: HomeAssistant) -> None:
    async with serve_peer(refuse_all) as peer:
        link = await link_to(hass, peer.port)
        with pytest.raises(IllegalDataAddressError):
            await link.unit.write_register(0x0880, 0)
        with pytest.raises(IllegalDataAddressError):
            await link.unit.write_registers(0x0880, [0] * 9)
        await link.close()
        assert peer.requests == 2


async def test_silent_peer_is_disconnected_and_reopened_after_one_second(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(never_answer) as peer:
        link = await link_to(hass, peer.port)
        for _ in range(2):
            with pytest.raises(
                ModbusTimeoutError, match=r"did not answer within 0\.3 s"
            ):
                await read(link)
            assert not link.unit.connected
        await peer.wait_until_closed()
        await link.close()
        assert len(peer.accepted_at) == 2
        # The peer sees the end a moment after it was meant.
        assert peer.accepted_at[1] - peer.closed_at[0] > 0.9


async def test_timeout_ends_the_requests_queued_behind_it(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(never_answer) as peer:
        link = await link_to(hass, peer.port, spacing_seconds=0.1)
        outcomes = await asyncio.gather(read(link), read(link), return_exceptions=True)
        assert [type(one) for one in outcomes] == [
            ModbusTimeoutError,
            ModbusConnectionError,
        ]
        await link.close()
        assert peer.requests == 1


async def test_new_link_to_the_same_port_waits_for_the_reconnect_delay(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(answer_reads) as peer:
        for _ in range(2):
            link = await link_to(hass, peer.port)
            await read(link)
            await link.close()
        await peer.wait_until_closed()
        assert peer.accepted_at[1] - peer.closed_at[0] > 0.9


async def test_connection_reset_ends_the_pending_request_at_once(
    hass: HomeAssistant,
) -> None:
    lost = []
    async with serve_peer(answer_once_then_reset) as peer:
        # The test's own time limit is below this timeout.
        link = await link_to(hass, peer.port, timeout_seconds=600)
        unsubscribe = link.on_connection_lost(lambda: lost.append(True))
        await read(link)
        with pytest.raises(
            ModbusConnectionError, match="closed the connection"
        ) as caught:
            await read(link)
        assert not isinstance(caught.value, LinkDownError)
        assert lost == [True]
        assert not link.unit.connected
        unsubscribe()
        await link.close()


async def test_lost_listener_is_not_called_after_its_unsubscribe(
    hass: HomeAssistant,
) -> None:
    lost = []
    async with serve_peer(answer_once_then_reset) as peer:
        link = await link_to(hass, peer.port)
        link.on_connection_lost(lambda: lost.append(True))()
        await read(link)
        with pytest.raises(ModbusConnectionError):
            await read(link)
        await link.close()
    assert not lost


async def test_own_disconnect_is_no_loss_and_next_request_reconnects(
    hass: HomeAssistant,
) -> None:
    lost = []
    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port)
        link.on_connection_lost(lambda: lost.append(True))
        await read(link)
        await link.unit.disconnect()
        await peer.wait_until_closed()
        assert await read(link)
        await link.close()
        assert len(peer.accepted_at) == 2
    assert not lost


@pytest.mark.parametrize("close", ["close", "disconnect"])
async def test_own_close_resets_the_connection(hass: HomeAssistant, close: str) -> None:
    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port)
        await read(link)
        await (link.close() if close == "close" else link.unit.disconnect())
        await peer.wait_until_closed()
        assert peer.resets == 1
        await link.close()


async def test_probe_of_a_port_ends_with_a_reset() -> None:
    async with serve_peer(never_answer) as peer:
        assert not await diagnose_port("127.0.0.1", peer.port, timeout_seconds=5)
        await peer.wait_for(lambda one: one.closed_at)
        assert not await is_not_modbus("127.0.0.1", peer.port, timeout_seconds=0.1)
        await peer.wait_for(lambda one: len(one.closed_at) == 2)
        assert peer.resets == 2


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (other_transaction_ids, "another transaction id than"),
        (
            answer_with(lambda frame: frame[:6] + b"\x07" + frame[7:]),
            "unit 7 instead of 85",
        ),
    ],
    ids=["transaction id", "unit id"],
)
async def test_response_with_another_id_is_named_and_disconnects(
    hass: HomeAssistant, behaviour: Behaviour, message: str
) -> None:
    async with serve_peer(behaviour) as peer:
        link = await link_to(hass, peer.port)
        with pytest.raises(MismatchedResponseError, match=message):
            await read(link)
        assert not link.unit.connected
        await link.close()


async def test_slow_inverter_that_answered_has_the_time_it_needs(
    hass: HomeAssistant,
) -> None:
    # Both are above the timeout of an inverter that answers fast: 0.4 s here.
    async with serve_peer(answer_after(0.5)) as peer:
        link = await link_to(hass, peer.port, timeout_seconds=0.6)
        for _ in range(5):
            assert await read(link) == [0x0001, 0x0203]
        await link.close()
        assert len(peer.accepted_at) == 1


async def test_inverter_slower_than_the_first_timeout_is_learned(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(answer_after(0.7, 0.7, 0.7)) as peer:
        link = await link_to(hass, peer.port, timeout_seconds=0.6)
        for _ in range(2):
            with pytest.raises(ModbusTimeoutError, match=r"within 0\.6 s"):
                await read(link)
        for _ in range(3):
            assert await read(link) == [0x0001, 0x0203]
        await link.close()


async def test_closed_link_refuses_requests(hass: HomeAssistant) -> None:
    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port)
        await link.close()
        with pytest.raises(ClientClosedError):
            await read(link)
        await link.close()
        assert not peer.accepted_at


async def test_link_closes_at_once_during_a_pending_request(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(never_answer) as peer:
        link = await link_to(hass, peer.port, timeout_seconds=600)
        request = asyncio.ensure_future(read(link))
        await peer.wait_for(lambda one: one.requests)
        async with asyncio.timeout(1):
            await link.close()
        with pytest.raises(ModbusConnectionError, match="was closed"):
            await request
        await peer.wait_until_closed()


async def test_link_closes_at_once_during_a_connection_attempt(
    hass: HomeAssistant,
) -> None:
    with unanswered_port() as port:
        link = await link_to(hass, port, timeout_seconds=600)
        request = asyncio.ensure_future(read(link))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(1):
            await link.close()
        with pytest.raises(ModbusConnectionError, match="was closed"):
            await request


async def test_link_closes_at_once_after_it_was_accepted(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port)
        request = asyncio.ensure_future(read(link))
        await peer.wait_for(lambda one: one.accepted_at)
        await link.close()
        with pytest.raises(ModbusConnectionError):
            await request
        await peer.wait_until_closed()


async def test_cancelled_request_keeps_the_connection_for_the_next_one(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(ignore_first_request) as peer:
        link = await link_to(hass, peer.port, timeout_seconds=600)
        request = asyncio.ensure_future(read(link))
        await peer.wait_for(lambda one: one.requests)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert await read(link) == [0x0001, 0x0203]
        await link.close()
        assert len(peer.accepted_at) == 1


@pytest.mark.parametrize(
    "pdu",
    [
        pytest.param(b"\x63\x01\x02", id="unknown function"),
        pytest.param(b"\x03", id="cut short"),
        pytest.param(b"\x03\x05\x00\x01\x02", id="half a word"),
        pytest.param(b"\x03\x02\x00\x01", id="too few words"),
        pytest.param(b"\x06\x01\x02\x00\x01", id="answer to something else"),
    ],
)
async def test_invalid_frame_is_a_protocol_error_and_disconnects(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, pdu: bytes
) -> None:
    async with serve_peer(always_answer(pdu)) as peer:
        link = await link_to(hass, peer.port, timeout_seconds=600)
        with pytest.raises(ModbusProtocolError):
            await read(link)
        assert not link.unit.connected
        await peer.wait_until_closed()
        await link.close()
    assert not loggers_with_a_traceback(caplog)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (RuntimeError("a defect of the library"), RuntimeError),
        (ConnectionException("not connected"), ModbusConnectionError),  # type: ignore[no-untyped-call]
        (ModbusException("no such thing"), ModbusError),  # type: ignore[no-untyped-call]
    ],
    ids=lambda one: "" if isinstance(one, type) else type(one).__name__,
)
async def test_unexpected_error_of_pymodbus_is_raised_and_disconnects(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    raised: Exception,
    expected: type[Exception],
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise raised

    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port)
        await read(link)
        with monkeypatch.context() as patch:
            patch.setattr(AsyncModbusTcpClient, "read_holding_registers", fail)
            with pytest.raises(expected, match=re.escape(str(raised))):
                await read(link)
        assert not link.unit.connected
        assert await read(link) == [0x0001, 0x0203]
        await link.close()
        assert len(peer.accepted_at) == 2


async def test_request_is_not_sent_on_a_connection_lost_before_its_turn(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve_peer(answer_reads) as peer:
        link = await link_to(hass, peer.port, spacing_seconds=600)
        await read(link)

        async def disconnect(_: float) -> None:
            await link.unit.disconnect()

        with monkeypatch.context() as patch:
            patch.setattr(asyncio, "sleep", disconnect)
            with pytest.raises(ModbusConnectionError, match="was closed"):
                await read(link)
        await link.close()
        assert peer.requests == 1
