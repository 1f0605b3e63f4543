"""A register image that can be shown to anybody: it reads as the inverter does, and names nobody."""

from .registers import InverterVersions, System
from .registers.register import Memory, Register

NAMES: tuple[Register[str], ...] = (
    System.registers["serial"],
    InverterVersions.registers["serial"],
)
"""Where serial numbers stand."""

NETWORK = range(0x0808, 0x0810)
"""Addresses of the house's network, and the unit id. They are not read; should they ever be, they stay here."""

_KEPT = 2
"""Characters of a serial number that name the product line, not the device."""


def anonymous(memory: Memory) -> dict[int, int]:
    """Put invented serial numbers into an image, so that it still reads, and no network into it."""
    image = {at: word for at, word in memory.items() if at not in NETWORK}
    for register in NAMES:
        if image.keys() >= set(range(register.address, register.end)):
            image |= register.encode(invented(register.decode(image)))
    return image


def invented(serial: str) -> str:
    """Keep the length of a serial number, and nothing that tells one device from another."""
    return serial[:_KEPT] + "0" * (len(serial) - _KEPT)
