"""Orders by a click: what buttons and the select do, with what the numbers say."""

from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Any

from ..coordinator import InverterCoordinator
from ..exceptions import told_to_user
from .controller import book_of
from .orders import Outcome, charge, discharge, hold, stop
from .setpoints import Wish

MINUTE = 60


class Click(StrEnum):
    """What can be clicked."""

    CHARGE = "charge"
    DISCHARGE = "discharge"
    HOLD = "hold"
    STOP = "stop"


async def _charge(coordinator: InverterCoordinator) -> Outcome:
    wishes = book_of(coordinator).wishes
    return await charge(
        coordinator,
        power=int(wishes[Wish.POWER]),
        target_soc=wishes[Wish.CHARGE_TARGET],
        duration=int(MINUTE * wishes[Wish.DURATION]),
    )


async def _discharge(coordinator: InverterCoordinator) -> Outcome:
    wishes = book_of(coordinator).wishes
    return await discharge(
        coordinator,
        power=int(wishes[Wish.POWER]),
        target_soc=wishes[Wish.DISCHARGE_TARGET],
        duration=int(MINUTE * wishes[Wish.DURATION]),
    )


async def _hold(coordinator: InverterCoordinator) -> Outcome:
    wishes = book_of(coordinator).wishes
    return await hold(coordinator, duration=int(MINUTE * wishes[Wish.DURATION]))


async def obey(click: Click, coordinator: InverterCoordinator) -> None:
    """Order what was clicked. Raises Home Assistant's own, translated errors."""
    with told_to_user():
        await _ORDERS[click](coordinator)


_ORDERS: dict[Click, Callable[[InverterCoordinator], Coroutine[Any, Any, Outcome]]] = {
    Click.CHARGE: _charge,
    Click.DISCHARGE: _discharge,
    Click.HOLD: _hold,
    Click.STOP: stop,
}
