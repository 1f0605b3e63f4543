"""The terminals for switches: what somebody wires to the inverter."""

from ..block import Block
from ..group import Group
from ..register import choice
from .states import SWITCHES, Switch


class Inputs(
    Block, name="inputs", prefix="auxiliary_", group=Group.AUXILIARY, slow=True
):
    """The digital inputs of a household system, 0x08C0-0x08C1.

    Commercial ones have fourteen more, up to 0x08CF. The outputs at 0x08B0 can only
    be written, which nobody should.
    """

    emergency_input: Switch | None = choice(0x08C0, SWITCHES)
    """Emergency stop: cuts the battery off."""
    spare_input: Switch | None = choice(0x08C1, SWITCHES)
    """Without a use in a household."""
