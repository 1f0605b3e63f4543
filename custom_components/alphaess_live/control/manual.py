"""Dispatch by hand: what the buttons and the select order, with the setpoints of the numbers."""

from collections.abc import Mapping
from enum import StrEnum

from homeassistant.core import Context

from ..alphaess.dispatch import HoldBlock
from .controller import InverterController
from .orders import Outcome, charge, discharge, hold, stop

SECONDS_PER_MINUTE = 60


class ManualAction(StrEnum):
    """What can be ordered by hand."""

    CHARGE = "charge"
    DISCHARGE = "discharge"
    HOLD = "hold"
    BLOCK_DISCHARGE = "block_discharge"
    BLOCK_CHARGE = "block_charge"
    STOP = "stop"


class Setpoint(StrEnum):
    """What can be set beforehand; the key of its number entity."""

    POWER = "dispatch_power"
    """W."""
    CHARGE_TARGET = "dispatch_charge_target"
    """%."""
    DISCHARGE_TARGET = "dispatch_discharge_target"
    """%."""
    DURATION = "dispatch_duration"
    """min."""


DEFAULTS: Mapping[Setpoint, float] = {
    Setpoint.POWER: 3000,
    Setpoint.CHARGE_TARGET: 100,
    Setpoint.DISCHARGE_TARGET: 10,
    Setpoint.DURATION: 60,
}


class ManualDispatch:
    """Orders by hand on one inverter."""

    def __init__(self, controller: InverterController) -> None:
        """Start with the default setpoints."""
        self.controller = controller
        self.setpoints = dict(DEFAULTS)

    async def execute(
        self, action: ManualAction, context: Context | None = None
    ) -> Outcome:
        """Give an order with the setpoints of now. Raises as the functions of `orders` do."""
        duration = int(SECONDS_PER_MINUTE * self.setpoints[Setpoint.DURATION])
        if action is ManualAction.STOP:
            return await stop(self.controller, context=context)
        if block := _BLOCKS.get(action):
            return await hold(
                self.controller, duration=duration, block=block, context=context
            )
        is_charge = action is ManualAction.CHARGE
        target = Setpoint.CHARGE_TARGET if is_charge else Setpoint.DISCHARGE_TARGET
        return await (charge if is_charge else discharge)(
            self.controller,
            power=self.setpoints[Setpoint.POWER],
            target_soc=self.setpoints[target],
            duration=duration,
            context=context,
        )


_BLOCKS = {
    ManualAction.HOLD: HoldBlock.BOTH,
    ManualAction.BLOCK_DISCHARGE: HoldBlock.DISCHARGE,
    ManualAction.BLOCK_CHARGE: HoldBlock.CHARGE,
}
