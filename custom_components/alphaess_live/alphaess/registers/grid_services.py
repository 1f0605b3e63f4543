"""What somebody outside orders the inverter to do for the grid: only ever read."""

from .block import Block, BlockGroup
from .enums import (
    ECHONET_BATTERY_MODES,
    ECHONET_USER_MODES,
    SWITCHES,
    EchonetBatteryMode,
    EchonetUserMode,
    Switch,
)
from .register import Quantity as Q, choice, number


class FrequencyService(
    Block, name="frequency_service", group=BlockGroup.GRID_SERVICES, slow=True
):
    """Whether the battery is steadying the grid's frequency, 0x088F-0x0891; recent firmware."""

    active: Switch | None = choice(0x088F, SWITCHES)
    power: float = number(0x0890, Q.POWER, signed=True)
    frequency: float = number(0x0891, Q.FREQUENCY, scale=0.01)
    """As measured for the service."""


class Echonet(Block, name="echonet", group=BlockGroup.GRID_SERVICES, slow=True):
    """What a Japanese home controller has ordered, 0x072C-0x0730; without effect elsewhere [senalse #8]."""

    user_mode: EchonetUserMode | None = choice(0x072C, ECHONET_USER_MODES)
    battery_mode: EchonetBatteryMode | None = choice(0x072D, ECHONET_BATTERY_MODES)
    battery_power: float = number(0x072E, Q.POWER, signed=True)
    output_limit: float = number(0x072F, Q.SHARE)
    """A power in older revisions."""
    active: Switch | None = choice(0x0730, SWITCHES)


class Inputs(
    Block, name="inputs", prefix="auxiliary_", group=BlockGroup.AUXILIARY, slow=True
):
    """The digital inputs of a household system, 0x08C0-0x08C1.

    Commercial ones have fourteen more, up to 0x08CF. The outputs at 0x08B0 can only
    be written, which nobody should.
    """

    emergency_input: Switch | None = choice(0x08C0, SWITCHES)
    """Emergency stop: cuts the battery off."""
    spare_input: Switch | None = choice(0x08C1, SWITCHES)
    """Without a use in a household."""
