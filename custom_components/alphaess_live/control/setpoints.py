"""What somebody sets up to be ordered by a click: actions and REST say it in each call."""

from enum import StrEnum


class Setpoint(StrEnum):
    """What can be set up beforehand; the key of its number entity."""

    POWER = "dispatch_power"
    """W."""
    CHARGE_TARGET = "dispatch_charge_target"
    """%."""
    DISCHARGE_TARGET = "dispatch_discharge_target"
    """%."""
    DURATION = "dispatch_duration"
    """min."""


DEFAULTS: dict[Setpoint, float] = {
    Setpoint.POWER: 3000,
    Setpoint.CHARGE_TARGET: 100,
    Setpoint.DISCHARGE_TARGET: 10,
    Setpoint.DURATION: 60,
}
"""What is ordered as long as nobody chooses otherwise."""
