"""The two ways to write a register, and for what kind of registers an inverter's choice is remembered."""

from enum import StrEnum

from .writable import ORDER_WITH_PV


class Function(StrEnum):
    """The two ways to write a register."""

    SINGLE = "fc06"
    BLOCK = "fc16"

    @property
    def other(self) -> Function:
        """The one to try next."""
        return Function.BLOCK if self is Function.SINGLE else Function.SINGLE


def kind_of(addresses: range) -> str:
    """Name the kind of these registers: what works for one of a kind works for all of it."""
    if addresses.start in ORDER_WITH_PV:
        return f"order_{len(addresses)}"
    # Settings are written in runs of any length: what matters is whether one is alone.
    return "setting_1" if len(addresses) == 1 else "settings"
