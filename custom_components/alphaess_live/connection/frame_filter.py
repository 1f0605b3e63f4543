"""Separates the response to a request from other bytes, before the Modbus library parses them."""

_READ = 0x03
_WRITES = (0x06, 0x10)
_EXCEPTION_SIZE = 5
"""Bytes of an exception response on a serial line."""


def is_invalid_tcp_frame(request: bytes, received: bytes) -> bool:
    """Whether the bytes received so far cannot be a Modbus TCP response, whatever follows."""
    while len(received) >= 6:
        length = int.from_bytes(received[4:6])
        frame, received = received[: 6 + length], received[6 + length :]
        if frame[2:4] != b"\0\0" or not 3 <= length <= 254:
            return True
        if len(frame) == 6 + length and _matches_request(request, frame):
            return not _matches_pdu(request[7:], frame[7:])
    return False


def describe_mismatch(request: bytes, received: bytes) -> str | None:
    """Return how a Modbus TCP response differs from the request that it fits; None if there is none."""
    while len(received) >= 8:
        length = int.from_bytes(received[4:6])
        frame, received = received[: 6 + length], received[6 + length :]
        if len(frame) != 6 + length or not _matches_pdu(request[7:], frame[7:]):
            continue
        if frame[:2] != request[:2]:
            return "with another transaction id than the request's"
        return f"as unit {frame[6]} instead of {request[6]}"
    return None


def extract_rtu_response(request: bytes, received: bytes) -> bytes:
    """Return the response to a request among the bytes of a serial line; empty until it is complete.

    A line carries noise, echoes, and frames without a transaction id. A response comes
    from the unit, for the function and in the length requested, with a valid checksum.
    """
    for size in (_response_size(request), _EXCEPTION_SIZE):
        for start in range(len(received) - size + 1):
            frame = received[start : start + size]
            if _is_complete_response(request, frame):
                return frame
    return b""


def _is_complete_response(request: bytes, frame: bytes) -> bool:
    return (
        frame[0] == request[0]
        and _matches_pdu(request[1:-2], frame[1:-2])
        and _checksum(frame[:-2]) == frame[-2:]
    )


def _matches_request(request: bytes, frame: bytes) -> bool:
    """Whether transaction id and unit id are the request's; late responses to others are ignored."""
    transaction_id, unit_id = request[:2], request[6:7]
    return frame[6:7] == unit_id and frame[:2] in (transaction_id, b"\0\0")


def _matches_pdu(request: bytes, response: bytes) -> bool:
    """Whether a response has the function and the length that the request asks for."""
    function = request[0]
    if response[0] == function | 0x80:
        return len(response) == 2
    if response[0] != function:
        return False
    if function == _READ:
        size = 2 * int.from_bytes(request[3:5])
        return response[1] == size and len(response) == 2 + size
    return function not in _WRITES or len(response) == 5


def _response_size(request: bytes) -> int:
    """Return the length of a successful response on a serial line, in bytes."""
    return 5 + 2 * int.from_bytes(request[4:6]) if request[1] == _READ else 8


def _checksum(frame: bytes) -> bytes:
    """Return the CRC-16 of a frame on a serial line."""
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")
