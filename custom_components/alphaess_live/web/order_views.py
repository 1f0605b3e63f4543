"""The addresses that tell the battery what to do."""

from functools import partial
from typing import override

from homeassistant.auth.permissions.const import POLICY_CONTROL

from ..control import orders
from .order_body import (
    DURATION,
    OPTIONAL_DURATION,
    POWER,
    TARGET_SOC,
    execute,
    read_body,
)
from .view import ApiRequest, ApiView, Json


class OrderView(ApiView):
    """An order to the battery, from whoever may give it."""

    method = "POST"
    path = ""
    requires_modbus = True
    policy = POLICY_CONTROL


class ChargeView(OrderView):
    """Charge with so many watts, up to a state of charge, for so long at most."""

    path = "/api/alphaess/charge"
    action = staticmethod(orders.charge)

    @override
    async def handle(self, call: ApiRequest) -> Json:
        order = await read_body(call.request)
        return await execute(
            call,
            partial(
                self.action,
                call.runtime.controller,
                power=order.integer(POWER),
                target_soc=order.number(TARGET_SOC),
                duration=order.integer(DURATION),
                pv=order.pv,
                take_over=order.take_over,
            ),
        )


class DischargeView(ChargeView):
    """Discharge with so many watts, down to a state of charge, for so long at most."""

    path = "/api/alphaess/discharge"
    action = staticmethod(orders.discharge)


class HoldView(OrderView):
    """Neither charge nor discharge, for so long at most."""

    path = "/api/alphaess/hold"
    duration = DURATION

    @override
    async def handle(self, call: ApiRequest) -> Json:
        order = await read_body(call.request)
        return await execute(
            call,
            partial(
                orders.hold,
                call.runtime.controller,
                duration=order.integer(self.duration),
                pv=order.pv,
                take_over=order.take_over,
            ),
        )


class PreventDischargeView(HoldView):
    """The same, as the system that this one follows calls it."""

    path = "/api/alphaess/prevent-discharge"
    duration = OPTIONAL_DURATION


class StopView(OrderView):
    """End our dispatch: the inverter follows the house again."""

    path = "/api/alphaess/stop"
    other_paths = ("/api/alphaess/normal",)

    @override
    async def handle(self, call: ApiRequest) -> Json:
        order = await read_body(call.request)
        return await execute(
            call,
            partial(orders.stop, call.runtime.controller, take_over=order.take_over),
        )
