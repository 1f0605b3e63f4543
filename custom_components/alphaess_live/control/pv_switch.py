"""Switching the panels off and on again while a dispatch of ours runs."""

from ..alphaess.dispatch import pv_enabled
from ..alphaess.errors import Feature, UnsupportedFeatureError
from ..alphaess.registers import DispatchOrder
from ..alphaess.verify import set_pv_switch
from ..coordinator import InverterCoordinator
from .controller import DispatchOwner, InverterController
from .orders import (
    Outcome,
    build_outcome,
    require_applied,
    require_pv_switch,
    run_exclusive,
)


async def switch_pv(coordinator: InverterCoordinator, *, on: bool) -> Outcome:
    """Let the panels produce or not, until our dispatch ends; the order itself runs on.

    Raises NotServedError where none runs, and what the orders of `control` raise.
    """

    async def action(controller: InverterController, before: DispatchOrder) -> Outcome:
        if controller.owner is not DispatchOwner.OURS:
            raise UnsupportedFeatureError(Feature.OWN_DISPATCH)
        require_pv_switch(controller)
        if pv_enabled(controller.detail) is not on:
            if not on:
                # Written down first, as a lease is.
                controller.has_switched_pv_off = True
                controller.set_leases(*controller.leases)
            await require_applied(
                controller, set_pv_switch(controller.writer, on=on, running=before)
            )
        expires = controller.lease.expires if controller.lease else None
        return build_outcome(before, before, expires, pv=on)

    return await run_exclusive(coordinator, action, take_over=False)
