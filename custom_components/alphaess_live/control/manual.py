"""Orders by a click: what buttons and the select do, with what the numbers say."""

from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any

from ..coordinator import InverterCoordinator
from ..exceptions import translate_errors
from .controller import controller_of
from .orders import Outcome, charge, discharge, hold, stop
from .setpoints import Setpoint

SECONDS_PER_MINUTE = 60


class ManualAction(StrEnum):
    """What can be clicked."""

    CHARGE = "charge"
    DISCHARGE = "discharge"
    HOLD = "hold"
    STOP = "stop"


async def _charge(coordinator: InverterCoordinator) -> Outcome:
    wishes = controller_of(coordinator).setpoints
    return await charge(
        coordinator,
        power=int(wishes[Setpoint.POWER]),
        target_soc=wishes[Setpoint.CHARGE_TARGET],
        duration=int(SECONDS_PER_MINUTE * wishes[Setpoint.DURATION]),
    )


async def _discharge(coordinator: InverterCoordinator) -> Outcome:
    wishes = controller_of(coordinator).setpoints
    return await discharge(
        coordinator,
        power=int(wishes[Setpoint.POWER]),
        target_soc=wishes[Setpoint.DISCHARGE_TARGET],
        duration=int(SECONDS_PER_MINUTE * wishes[Setpoint.DURATION]),
    )


async def _hold(coordinator: InverterCoordinator) -> Outcome:
    wishes = controller_of(coordinator).setpoints
    return await hold(
        coordinator, duration=int(SECONDS_PER_MINUTE * wishes[Setpoint.DURATION])
    )


async def execute(click: ManualAction, coordinator: InverterCoordinator) -> None:
    """Order what was clicked. Raises Home Assistant's own, translated errors."""
    with translate_errors():
        await _ACTIONS[click](coordinator)


_ACTIONS: dict[
    ManualAction, Callable[[InverterCoordinator], Coroutine[Any, Any, Outcome]]
] = {
    ManualAction.CHARGE: _charge,
    ManualAction.DISCHARGE: _discharge,
    ManualAction.HOLD: _hold,
    ManualAction.STOP: stop,
}
