"""A register image that can be shown to anybody: it reads as the inverter does, and names nobody."""

from .registers import InverterVersions, System
from .registers.register import Memory, Register

SERIAL_REGISTERS: tuple[Register[str], ...] = (
    System.registers["serial"],
    InverterVersions.registers["serial"],
)
"""Where serial numbers stand."""

NETWORK_ADDRESSES = range(0x0808, 0x0810)
"""Addresses of the house's network, and the unit id. They are not read; should they ever be, they stay here."""

_KEPT_CHARACTERS = 2
"""Characters of a serial number that name the product line, not the device."""


def redact_image(memory: Memory) -> dict[int, int]:
    """Put invented serial numbers into an image, so that it still reads, and no network into it."""
    image = {at: word for at, word in memory.items() if at not in NETWORK_ADDRESSES}
    for register in SERIAL_REGISTERS:
        if image.keys() >= set(range(register.address, register.end)):
            image |= register.encode(redact_serial(register.decode(image)))
    return image


def redact_serial(serial: str) -> str:
    """Keep the length of a serial number, and nothing that tells one device from another."""
    return serial[:_KEPT_CHARACTERS] + "0" * (len(serial) - _KEPT_CHARACTERS)
