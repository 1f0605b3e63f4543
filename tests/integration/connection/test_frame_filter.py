"""Bytes received are checked before pymodbus parses them, in pieces of any length."""

import pytest

from custom_components.alphaess_live.connection.frame_filter import (
    extract_rtu_response,
    is_invalid_tcp_frame,
)

READ_TWO = bytes.fromhex("0007 0000 0006 55 03 0102 0002")
WRITE_NINE = bytes.fromhex("0007 0000 0019 55 10 0880 0009 12") + bytes(18)
WRITE_ONE = bytes.fromhex("0007 0000 0006 55 06 0880 0000")


@pytest.mark.parametrize(
    ("request_sent", "answer"),
    [
        (READ_TWO, "0007 0000 0007 55 03 04 0001 0002"),
        (READ_TWO, "0007 0000 0003 55 83 02"),
        (WRITE_NINE, "0007 0000 0006 55 10 0880 0009"),
        (WRITE_ONE, "0007 0000 0006 55 06 0880 0000"),
    ],
)
def test_valid_response_is_accepted_at_every_length(
    request_sent: bytes, answer: str
) -> None:
    frame = bytes.fromhex(answer)
    for came in range(len(frame) + 1):
        assert not is_invalid_tcp_frame(request_sent, frame[:came])


@pytest.mark.parametrize(
    "other",
    ["0006 0000 0005 55 03 02 0001", "0007 0000 0005 56 03 02 0001"],
    ids=["late answer to an earlier request", "answer of another unit"],
)
def test_response_to_another_request_is_ignored(other: str) -> None:
    late = bytes.fromhex(other)
    assert not is_invalid_tcp_frame(READ_TWO, late)
    assert not is_invalid_tcp_frame(b"", late)
    assert is_invalid_tcp_frame(
        READ_TWO, late + bytes.fromhex("0007 0000 0003 55 03 04")
    )


@pytest.mark.parametrize(
    "received",
    [
        b"HTTP/1.1 400",
        bytes.fromhex("0007 0000 0001 55"),
        bytes.fromhex("0007 0000 1000 55 03"),
        bytes.fromhex("0007 0000 0003 55 84 02"),
        bytes.fromhex("0007 0000 0004 55 83 02 00"),
        bytes.fromhex("0000 0000 0005 55 03 02 0001"),
    ],
)
def test_invalid_response_is_detected(received: bytes) -> None:
    assert is_invalid_tcp_frame(READ_TWO, received)


def test_write_response_of_another_length_is_invalid() -> None:
    assert is_invalid_tcp_frame(WRITE_NINE, bytes.fromhex("0007 0000 0003 55 10 08"))


LINE_READ = bytes.fromhex("55 03 0102 0002 69E3")
LINE_RESPONSE = bytes.fromhex("55 03 04 0001 0002 3FF7")
LINE_REFUSAL = bytes.fromhex("55 83 02 8121")


@pytest.mark.parametrize(
    "response", [LINE_RESPONSE, LINE_REFUSAL], ids=["response", "exception"]
)
def test_rtu_response_is_extracted_once_it_is_complete(response: bytes) -> None:
    for size in range(len(response)):
        assert extract_rtu_response(LINE_READ, response[:size]) == b""
    assert extract_rtu_response(LINE_READ, response) == response


@pytest.mark.parametrize(
    "before",
    [
        b"\xff\x00\x55",
        LINE_READ,
        bytes.fromhex("54 03 04 0001 0002 2F37"),
        bytes.fromhex("55 03 02 0001 4848"),
        bytes.fromhex("55 03 04 0001 0003 6E33"),
    ],
    ids=["noise", "echo", "another unit", "another length", "damaged"],
)
def test_rtu_response_is_extracted_behind_other_bytes(before: bytes) -> None:
    assert extract_rtu_response(LINE_READ, before) == b""
    assert extract_rtu_response(LINE_READ, before + LINE_RESPONSE) == LINE_RESPONSE


def test_rtu_write_response_has_eight_bytes() -> None:
    write = bytes.fromhex("55 06 0880 0000 8796")
    assert extract_rtu_response(write, write) == write
