"""The REST paths that control the battery."""

from functools import partial
from typing import ClassVar, override

from homeassistant.auth.permissions.const import POLICY_CONTROL

from ..alphaess.dispatch import HoldBlock
from ..control import orders
from ..control.controller import InverterController
from ..control.grid_target import hold_grid
from .order_body import (
    DURATION,
    GRID_POWER,
    HOLD_DURATION,
    LEGACY_HOLD_DURATION,
    MAX_POWER,
    MAX_SOC,
    MIN_SOC,
    POWER,
    TARGET_SOC,
    NumberField,
    Order,
    OrderBody,
    execute,
    outcome_to_json,
    read_body,
)
from .view import ApiRequest, ApiView, Json


class OrderView(ApiView):
    """The base of all orders; they require the permission `control`."""

    method = "POST"
    requires_modbus = True
    policy = POLICY_CONTROL
    fields: ClassVar[tuple[NumberField | str, ...]] = ()
    """Those of the body beside `takeOver`, with their legacy names."""

    def order(self, controller: InverterController, body: OrderBody) -> Order:
        """Build the order from its body. Raises ApiError."""
        raise NotImplementedError

    @override
    async def handle(self, request: ApiRequest) -> Json:
        body = await read_body(request.http)
        # The client decides how long its body takes: the permission may have ended meanwhile.
        request.require_authorized(POLICY_CONTROL)
        body.require_known(self.fields)
        order = self.order(request.runtime.controller, body)
        return outcome_to_json(await execute(request, order), body)


class ChargeView(OrderView):
    """Charge with a power up to a state of charge, for a limited time."""

    path = "/api/alphaess/charge"
    other_paths: ClassVar[tuple[str, ...]] = ("/api/dispatch/charge",)
    fields = (POWER, TARGET_SOC, DURATION, "pv")
    action = staticmethod(orders.charge)

    @override
    def order(self, controller: InverterController, body: OrderBody) -> Order:
        return partial(
            self.action,
            controller,
            power=body.integer(POWER),
            target_soc=body.number(TARGET_SOC),
            duration=body.integer(DURATION),
            pv=body.pv,
            take_over=body.take_over,
        )


class DischargeView(ChargeView):
    """Discharge with a power down to a state of charge, for a limited time."""

    path = "/api/alphaess/discharge"
    other_paths = ("/api/dispatch/discharge",)
    action = staticmethod(orders.discharge)


class HoldView(OrderView):
    """Keep the battery from charging, discharging or both, for a limited time."""

    path = "/api/alphaess/hold"
    fields = (DURATION, "block", "pv")
    duration = HOLD_DURATION
    block = HoldBlock.BOTH

    @override
    def order(self, controller: InverterController, body: OrderBody) -> Order:
        return partial(
            orders.hold,
            controller,
            duration=body.integer(self.duration),
            block=body.hold_block(self.block),
            pv=body.pv,
            take_over=body.take_over,
        )


class PreventDischargeView(HoldView):
    """`hold` as in the legacy API, where the duration is optional: the battery may charge from PV."""

    path = "/api/alphaess/prevent-discharge"
    duration = LEGACY_HOLD_DURATION
    block = HoldBlock.DISCHARGE


class GridTargetView(OrderView):
    """Hold a power at the meter, for a limited time."""

    path = "/api/alphaess/grid-target"
    fields = (GRID_POWER, MIN_SOC, MAX_SOC, MAX_POWER, DURATION, "limit")

    @override
    def order(self, controller: InverterController, body: OrderBody) -> Order:
        return partial(
            hold_grid,
            controller,
            power=body.number(GRID_POWER),
            min_soc=body.number(MIN_SOC),
            max_soc=body.number(MAX_SOC),
            max_power=body.number(MAX_POWER) or None,
            duration=body.integer(DURATION),
            limit=body.boolean("limit"),
            take_over=body.take_over,
        )


class StopView(OrderView):
    """Stop our dispatch: the inverter returns to self-consumption."""

    path = "/api/alphaess/stop"
    other_paths = ("/api/alphaess/normal", "/api/dispatch/stop")

    @override
    def order(self, controller: InverterController, body: OrderBody) -> Order:
        return partial(orders.stop, controller, take_over=body.take_over)
