"""What somebody sets up to be ordered by a click: actions and REST say it in each call."""

from enum import StrEnum


class Wish(StrEnum):
    """What can be set up beforehand; the key of its number entity."""

    POWER = "dispatch_power"
    """W."""
    CHARGE_TARGET = "dispatch_charge_target"
    """%."""
    DISCHARGE_TARGET = "dispatch_discharge_target"
    """%."""
    DURATION = "dispatch_duration"
    """min."""


WISHES: dict[Wish, float] = {
    Wish.POWER: 3000,
    Wish.CHARGE_TARGET: 100,
    Wish.DISCHARGE_TARGET: 10,
    Wish.DURATION: 60,
}
"""What is ordered as long as nobody chooses otherwise."""
