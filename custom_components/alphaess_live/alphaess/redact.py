"""Register images without serial numbers and network addresses, for bug reports."""

from .maps import CURRENT, RegisterMap
from .registers.register import Memory

NETWORK_ADDRESSES = range(0x0808, 0x0810)
"""IP addresses of the inverter, and its unit id [vendor]. They are never read; if they were, they are removed."""

_KEPT_CHARACTERS = 2
"""The characters of a serial number that name the product line, not the device."""


def redact_image(memory: Memory, register_map: RegisterMap = CURRENT) -> dict[int, int]:
    """Return an image that reads the same, with invented serial numbers and without a network."""
    image = {at: word for at, word in memory.items() if at not in NETWORK_ADDRESSES}
    for register in register_map.serial_registers:
        if image.keys() >= set(range(register.address, register.end)):
            image |= register.encode(redact_serial(register.decode(image)))
    return image


def redact_serial(serial: str) -> str:
    """Replace all of a serial number but the product line by zeros."""
    return serial[:_KEPT_CHARACTERS] + "0" * (len(serial) - _KEPT_CHARACTERS)
