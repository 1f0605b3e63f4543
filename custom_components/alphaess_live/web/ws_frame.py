"""A message as the bytes that travel: made once, and written to every client as they are."""

# The first byte of a whole message, by what it is (RFC 6455, 5.2).
_TEXT = 0x81
PING = 0x89
PONG = 0x8A


def text_frame(payload: bytes) -> bytes:
    """Put a WebSocket header before a text."""
    return frame(_TEXT, payload)


def frame(kind: int, payload: bytes) -> bytes:
    """Put a WebSocket header before something; a server masks nothing."""
    size = len(payload)
    if size < 126:
        return bytes((kind, size)) + payload
    if size < 1 << 16:
        return bytes((kind, 126)) + size.to_bytes(2) + payload
    return bytes((kind, 127)) + size.to_bytes(8) + payload
