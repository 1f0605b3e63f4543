"""A message as the bytes that travel: made once, and written to every client as they are."""

_TEXT = 0x81
"""The first byte of a whole text message (RFC 6455, 5.2)."""


def text_frame(payload: bytes) -> bytes:
    """Put a WebSocket header before a text; a server masks nothing."""
    size = len(payload)
    if size < 126:
        return bytes((_TEXT, size)) + payload
    if size < 1 << 16:
        return bytes((_TEXT, 126)) + size.to_bytes(2) + payload
    return bytes((_TEXT, 127)) + size.to_bytes(8) + payload
