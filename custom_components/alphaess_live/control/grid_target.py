"""Holds a power at the meter: orders another battery power whenever the readings require it."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
import logging
from typing import Any

from homeassistant.core import Context, callback

from ..alphaess.errors import (
    Feature,
    InverterError,
    NotAppliedError,
    UnsupportedFeatureError,
)
from ..alphaess.grid_regulator import (
    DEFAULT_MIN_SOC_PERCENT,
    LEASE_SECONDS,
    GridRegulator,
    GridTarget,
)
from ..alphaess.lease import Lease
from ..alphaess.registers import DispatchOrder
from ..alphaess.snapshot import Snapshot
from ..exceptions import ControlsOffError
from .controller import InverterController
from .dispatch_status import DispatchOwner
from .order_report import EndReason, OrderRequest
from .order_warnings import feed_in_warnings
from .orders import (
    Outcome,
    publish_order,
    pv_of_new_order,
    rated_power,
    run_exclusive,
    stop,
    write_order,
)

_LOGGER = logging.getLogger(__name__)

EARLY_END = timedelta(seconds=10)
"""How much earlier or later than by the host's clock an inverter may end an order."""


async def hold_grid(
    controller: InverterController,
    *,
    power: float,
    duration: float,
    min_soc: float = DEFAULT_MIN_SOC_PERCENT,
    max_soc: float = 100,
    max_power: float | None = None,
    limit: bool = False,
    take_over: bool = False,
    context: Context | None = None,
) -> Outcome:
    """Hold `power` W at the meter for `duration` s, above 0 import, below 0 export.

    The battery uses at most `max_power` W, by default the inverter's rated power, and
    stays between `min_soc` and `max_soc` %. With `limit` it acts only beyond the power.
    Raises as `orders.charge` does.
    """
    if max_power is None:
        max_power = rated_power(controller, "max_power")
    target = GridTarget(
        power=round(power),
        min_soc=min_soc,
        max_soc=max_soc,
        max_power=round(max_power),
        duration=round(duration),
        limit=limit,
    )

    async def action(before: DispatchOrder) -> Outcome:
        return await _begin(controller, target, before)

    request = OrderRequest(
        requested=target.to_dict(), context=context, end_reason=EndReason.REPLACED
    )
    return await run_exclusive(controller, action, request=request, take_over=take_over)


async def _begin(
    controller: InverterController, target: GridTarget, before: DispatchOrder
) -> Outcome:
    """Give the first order of a grid target, and follow the readings from then on."""
    latest, now = controller.coordinator.latest, _loop_time(controller)
    regulator = GridRegulator.begin(target, latest.power, now) if latest else None
    if regulator is None:
        raise UnsupportedFeatureError(Feature.GRID_POWER)
    whole = Lease.of_grid_target(
        target,
        controller.ordered_by,
        interval=controller.coordinator.intervals.live.total_seconds(),
    )
    regulation = GridTargetRegulation(controller, whole, regulator)
    applied = await regulation.write(
        regulator.wanted, before, pv=pv_of_new_order(controller)
    )
    regulation.start()
    content = target.to_dict()
    if abs(applied.power) < abs(regulator.wanted):
        content |= {"max_power": abs(applied.power)}
    export = target.order(1, duration=LEASE_SECONDS)
    return Outcome(
        requested=target.to_dict(),
        applied=content,
        verified=True,
        expires_at=regulation.lease.expires,
        target_reached=regulation.target_reached,
        warnings=feed_in_warnings(controller, export) if target.power < 0 else (),
    )


class GridTargetRegulation:
    """Follows the readings of one grid target, until it ends or another order replaces it."""

    def __init__(
        self, controller: InverterController, lease: Lease, regulator: GridRegulator
    ) -> None:
        """Do nothing before `start`."""
        self.lease = lease
        self._controller = controller
        self._coordinator = controller.coordinator
        self._regulator = regulator
        self._order_lease = lease
        """The lease of the newest order."""
        self._order_started_at = 0.0
        """When the inverter began to count the time, if it does not with each order."""
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: tuple[Callable[[], None], ...] = ()

    def start(self) -> None:
        """Follow the readings, which are then read as often as while a client shows them."""
        self._controller.regulation = self
        self._coordinator.on_power.append(self._on_power)
        self._unsubscribe = (
            lambda: self._coordinator.on_power.remove(self._on_power),
            self._coordinator.request_live(),
        )

    @callback
    def close(self) -> None:
        """Write nothing more; the order that runs ends within a minute."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = ()
        if self._controller.regulation is self:
            self._controller.regulation = None

    @callback
    def _on_power(self, snapshot: Snapshot) -> None:
        """Order another power, renew the order, or end the grid target."""
        controller, regulator = self._controller, self._regulator
        if controller.lock.locked() or (self._task and not self._task.done()):
            return
        now = _loop_time(controller)
        age = (datetime.now(UTC) - snapshot.measured_at).total_seconds()
        self._regulator = regulator = regulator.update(
            snapshot.power, now - max(age, 0)
        )
        if self._seconds_left <= 0:
            self._run(self._end(EndReason.TIME_OVER))
        elif regulator.is_at_bound(now):
            self._run(self._end(EndReason.TARGET_REACHED))
        elif controller.owner is not DispatchOwner.OURS:
            if regulator.may_order(now):
                self._run(self._renew(regulator.wanted))
        else:
            ends_at = now + self._seconds_left
            if (power := regulator.next_power(now, ends_at=ends_at)) is not None:
                self._run(self._renew(power))

    @property
    def target_reached(self) -> bool:
        """Whether the battery is at the floor or ceiling beyond which it would have to go."""
        return self._regulator.at_bound_since is not None

    @property
    def _seconds_left(self) -> float:
        return (self.lease.expires - datetime.now(UTC)).total_seconds()

    def _run(self, action: Coroutine[Any, Any, None]) -> None:
        self._task = self._coordinator.config_entry.async_create_background_task(
            self._coordinator.hass, action, "grid target"
        )

    async def _end(self, reason: EndReason) -> None:
        """Stop the order that runs. If that fails, it ends by itself within a minute."""
        self.close()
        try:
            await stop(self._controller, reason=reason, only=self.lease)
        except InverterError as err:
            _LOGGER.debug("The last order of a grid target runs out: %s", err)

    async def _renew(self, power: int) -> None:
        """Replace our order, unless another one runs."""
        controller = self._controller
        try:
            async with controller.exclusive():
                before = await controller.read_order()
                if continues := self._may_continue(before):
                    await self.write(power, before)
                    self._coordinator.inverter.update_block(controller.order or before)
        except ControlsOffError:
            self.close()
        except NotAppliedError as err:
            # Its order runs on, or was stopped, which the next reading shows.
            _LOGGER.debug("An order of a grid target was not applied: %s", err)
        except InverterError as err:
            _LOGGER.debug("A grid target was not renewed: %s", err)
        else:
            if not continues:
                self.close()
                publish_order(controller)
            # Once the lock is released: until then the log records no end.
            controller.report_renewal()

    def _may_continue(self, running: DispatchOrder) -> bool:
        """Whether our order runs, or has ended only because a new one does not restart its time."""
        # While this has waited, another order may have ended the grid target.
        is_held = self._controller.regulation is self
        if running.start:
            lease = self._controller.lease
            return is_held and lease is not None and lease.whole is self.lease
        if not is_held or self._order_lease.expires <= datetime.now(UTC) + EARLY_END:
            return False
        age = _loop_time(self._controller) - self._order_started_at
        # Later, the time has restarted with each order: another program has stopped it.
        deviation = abs(age - self._order_lease.order.duration)
        return deviation <= EARLY_END.total_seconds()

    async def write(
        self, power: int, before: DispatchOrder, *, pv: bool | None = None
    ) -> DispatchOrder:
        """Order a battery power in W, above 0 to discharge; return the order as it reads back."""
        controller, at = self._controller, _loop_time(self._controller)
        order = self._regulator.order(
            power,
            seconds_left=self._seconds_left,
            interval=self._coordinator.intervals.live.total_seconds(),
        )
        try:
            lease = await write_order(
                controller, order, before=before, pv=pv, part_of=self.lease
            )
        except InverterError:
            self._regulator = self._regulator.after_failure(_loop_time(controller))
            raise
        if not (before.start and self._order_started_at):
            self._order_started_at = at
        self._order_lease, self.lease = lease, lease.whole
        self._regulator = self._regulator.after_order(
            order, lease.order, at=at, now=_loop_time(controller)
        )
        return lease.order


def _loop_time(controller: InverterController) -> float:
    return controller.coordinator.hass.loop.time()
