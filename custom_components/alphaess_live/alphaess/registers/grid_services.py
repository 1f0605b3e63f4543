"""Orders of a grid operator, and the digital inputs. All of it is read only."""

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
    """Frequency regulation by the battery; recent firmware [vendor-2024]."""

    active: Switch | None = choice(0x088F, SWITCHES)
    """Whether the service is switched on."""
    power: float = number(0x0890, Q.POWER, signed=True)
    frequency: float = number(0x0891, Q.FREQUENCY, scale=0.01)
    """As measured for this service."""


class Echonet(Block, name="echonet", group=BlockGroup.GRID_SERVICES, slow=True):
    """Orders of a Japanese home controller; without effect elsewhere [senalse #8]."""

    user_mode: EchonetUserMode | None = choice(0x072C, ECHONET_USER_MODES)
    battery_mode: EchonetBatteryMode | None = choice(0x072D, ECHONET_BATTERY_MODES)
    battery_power: float = number(0x072E, Q.POWER, signed=True)
    output_limit: float = number(0x072F, Q.SHARE)
    """A power in older revisions of the document [vendor]."""
    active: Switch | None = choice(0x0730, SWITCHES)


class Inputs(
    Block, name="inputs", prefix="auxiliary_", group=BlockGroup.AUXILIARY, slow=True
):
    """The digital inputs of a household system [vendor].

    Commercial systems have fourteen more, up to 0x08CF. The outputs at 0x08B0 are write
    only, and are not used.
    """

    emergency_input: Switch | None = choice(0x08C0, SWITCHES)
    """Emergency stop: cuts the battery off."""
    spare_input: Switch | None = choice(0x08C1, SWITCHES)
    """Not used in a household."""
