"""Faults to order: bits that an imagined inverter sets in its fault and warning words."""

from collections.abc import Mapping

from ..alphaess.registers import BLOCKS
from ..alphaess.registers.register import Quantity, Register

FAULT_REGISTERS: dict[str, Register[float]] = {
    block.prefix + name: register
    for block in BLOCKS
    for name, register in block.registers.items()
    if register.quantity is Quantity.FLAGS
}
"""The words that can complain, by the key of their reading."""


def fault_words(complaints: Mapping[str, int]) -> dict[int, int]:
    """Write the words that have any bits set."""
    words: dict[int, int] = {}
    for source, bits in complaints.items():
        words |= FAULT_REGISTERS[source].encode(bits)
    return words
