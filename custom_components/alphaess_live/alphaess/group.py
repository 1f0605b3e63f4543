"""What a household chooses of: groups of blocks that it wants polled, or not."""

from enum import StrEnum


class Group(StrEnum):
    """What a block is about."""

    MEASUREMENTS = "measurements"
    """What flows, what is stored, what is wrong, who it is: nobody can do without."""
    BACKUP = "backup"
    SETTINGS = "settings"
    """What the installer or the household has set."""
    AUXILIARY = "auxiliary"
    """The terminals for switches."""
    SAFETY = "safety"
    """Which grid code applies, and where the inverter parts from the grid."""
    GRID_SERVICES = "grid_services"
    """What somebody outside orders the inverter to do for the grid."""


USUAL: frozenset[Group] = frozenset({Group.BACKUP, Group.SETTINGS})
"""What is polled unless the household chooses otherwise; the measurements always are."""
