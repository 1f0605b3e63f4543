"""Tells an answer to a request from nonsense, before a library trips over it."""

_READ = 0x03
_WRITES = (0x06, 0x10)
_REFUSAL = 5
"""Bytes of a frame on a serial line that says why a request is refused."""


def is_nonsense(request: bytes, received: bytes) -> bool:
    """Whether what has come so far can be no answer in Modbus TCP, whatever may follow."""
    while len(received) >= 6:
        length = int.from_bytes(received[4:6])
        frame, received = received[: 6 + length], received[6 + length :]
        if frame[2:4] != b"\0\0" or not 3 <= length <= 254:
            return True
        if len(frame) == 6 + length and _is_meant_for(request, frame):
            return not _fits(request[7:], frame[7:])
    return False


def answer_on_line(request: bytes, received: bytes) -> bytes:
    """Find the answer to a request among the bytes of a serial line; empty until it is whole.

    A line has noise, echoes, and frames without a number: an answer is what comes
    from the unit asked, for the function asked, in the length asked, undamaged.
    """
    for size in (_size(request), _REFUSAL):
        for start in range(len(received) - size + 1):
            frame = received[start : start + size]
            if _is_whole_answer(request, frame):
                return frame
    return b""


def _is_whole_answer(request: bytes, frame: bytes) -> bool:
    return (
        frame[0] == request[0]
        and _fits(request[1:-2], frame[1:-2])
        and _checksum(frame[:-2]) == frame[-2:]
    )


def _is_meant_for(request: bytes, frame: bytes) -> bool:
    """Whether it bears the request's number and unit; a late answer to another is let be."""
    number, unit = request[:2], request[6:7]
    return frame[6:7] == unit and frame[:2] in (number, b"\0\0")


def _fits(asked: bytes, told: bytes) -> bool:
    function = asked[0]
    if told[0] == function | 0x80:
        return len(told) == 2
    if told[0] != function:
        return False
    if function == _READ:
        size = 2 * int.from_bytes(asked[3:5])
        return told[1] == size and len(told) == 2 + size
    return function not in _WRITES or len(told) == 5


def _size(request: bytes) -> int:
    """How many bytes the answer has on a serial line."""
    return 5 + 2 * int.from_bytes(request[4:6]) if request[1] == _READ else 8


def _checksum(frame: bytes) -> bytes:
    """Compute the CRC-16 of a serial line."""
    crc = 0xFFFF
    for byte in frame:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc.to_bytes(2, "little")
