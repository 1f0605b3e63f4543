"""Watching over our dispatch: ends it when it is done, and says so if somebody overwrites it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
import logging

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from ..alphaess.dispatch import BatteryAction, battery_action, pv_enabled, to_dict
from ..alphaess.errors import InverterError, NotAppliedError
from ..alphaess.registers import DispatchOrder
from ..alphaess.snapshot import Power
from ..const import DOMAIN
from ..coordinator import InverterCoordinator
from ..exceptions import format_order
from ..feed.messages import Message, PowerMeasured
from .controller import (
    DispatchOwner,
    InverterController,
    close_controller,
    controller_of,
    open_controller,
)
from .options import ControlOptions
from .orders import stop

_LOGGER = logging.getLogger(__name__)

IDLE_WATTS = 50
"""W; a battery that is at its target still moves a little."""
IDLE_TIME = timedelta(seconds=10)
TARGET_TOLERANCE_PERCENT = 0.5
"""%; the register counts in steps of 0.4, and a battery rounds as well."""


class DispatchSupervisor:
    """Looks at each snapshot and each power value of one inverter."""

    def __init__(
        self, coordinator: InverterCoordinator, controller: InverterController
    ) -> None:
        """Begin to watch; `close` ends it."""
        self._coordinator = coordinator
        self._controller = controller
        self._idle_since: datetime | None = None
        self._unsubscribe: tuple[Callable[[], None], ...] = (
            coordinator.async_add_listener(self._on_update),
            coordinator.feed.subscribe(self._on_message),
        )
        # The first snapshot was taken before, and the next may say nothing else.
        self._on_update()

    @callback
    def close(self) -> None:
        """Watch no longer."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        ir.async_delete_issue(self._coordinator.hass, DOMAIN, self._issue)

    @property
    def _issue(self) -> str:
        return f"dispatch_overwritten_{self._coordinator.config_entry.entry_id}"

    @callback
    def _on_update(self) -> None:
        """Tell the user of an order that took the place of ours; take back what ours has left."""
        hass, order = self._coordinator.hass, self._controller.order
        if self._controller.is_overwritten and order:
            ir.async_create_issue(
                hass,
                DOMAIN,
                self._issue,
                is_fixable=False,
                severity=ir.IssueSeverity.WARNING,
                translation_key="dispatch_overwritten",
                translation_placeholders={
                    "inverter": self._coordinator.config_entry.title,
                    "order": format_order(to_dict(order)),
                },
            )
        elif self._controller.owner is not DispatchOwner.OTHER:
            ir.async_delete_issue(hass, DOMAIN, self._issue)
        self._restore_pv()

    @callback
    def _on_message(self, message: Message) -> None:
        """End our dispatch once it has nothing left to do, or should be over by itself."""
        if not isinstance(message.event, PowerMeasured):
            return
        if self._controller.is_overdue or self._is_done(
            message.event.power, message.at
        ):
            self._schedule_stop()

    def _schedule_stop(self) -> None:
        if self._controller.lock.locked():
            # It is ending already; or another order takes its place, and would be ended for it.
            return
        self._coordinator.config_entry.async_create_background_task(
            self._coordinator.hass, self._stop(), "end a dispatch that is done"
        )

    def _restore_pv(self) -> None:
        """Switch on what ours left off when it ended: the next order would find no sun."""
        controller, order = self._controller, self._controller.order
        over = order is not None and not order.start
        if not (controller.has_switched_pv_off and over) or controller.lock.locked():
            return
        match pv_enabled(controller.detail):
            case False:
                self._schedule_stop()
            case True if not controller.has_valid_lease:
                # The inverter did it by itself; who switches them off from now on is not us.
                controller.has_switched_pv_off = False
                controller.set_leases(*controller.leases)

    def _is_done(self, power: Power, at: datetime) -> bool:
        """Whether the battery has rested at its target for long enough."""
        terms = ControlOptions.from_options(self._coordinator.config_entry.options)
        lease = self._controller.lease if terms.end_at_target else None
        # One that keeps the panels off still has something to do at its target.
        if (
            pv_enabled(self._controller.detail) is False
            or lease is None
            or not is_idle_at_target(lease.order, power)
        ):
            self._idle_since = None
            return False
        self._idle_since = self._idle_since or at
        return at - self._idle_since >= IDLE_TIME

    async def _stop(self) -> None:
        try:
            # Nobody else's can be meant: what is not ours any more is left alone.
            await stop(self._coordinator)
        except NotAppliedError as err:
            # Not again and again: our next order switches them on by itself.
            self._controller.has_switched_pv_off = False
            _LOGGER.warning("A dispatch could not be ended as it should: %s", err)
        except InverterError as err:
            _LOGGER.debug("A dispatch that is done was not ended yet: %s", err)


def is_idle_at_target(order: DispatchOrder, power: Power) -> bool:
    """Whether the battery has got where an order wants it, and moves no more."""
    if power.soc is None or power.battery is None or abs(power.battery) >= IDLE_WATTS:
        return False
    match battery_action(order):
        case BatteryAction.CHARGING:
            return power.soc >= order.target_soc - TARGET_TOLERANCE_PERCENT
        case BatteryAction.DISCHARGING:
            return power.soc <= order.target_soc + TARGET_TOLERANCE_PERCENT
        case _:
            return False


async def start_control(coordinator: InverterCoordinator) -> None:
    """Remember our leases and watch over them, from now until the entry is unloaded."""
    watch = DispatchSupervisor(coordinator, await open_controller(coordinator))
    coordinator.config_entry.async_on_unload(watch.close)


async def stop_control(coordinator: InverterCoordinator) -> None:
    """Before unloading: stop our own dispatch, unless the user wants it to run on."""
    terms = ControlOptions.from_options(coordinator.config_entry.options)
    wanted = terms.controls and terms.stop_on_unload
    if wanted and controller_of(coordinator).leases:
        # One that is not ours any more, or out of reach, ends by itself.
        with suppress(InverterError):
            await stop(coordinator)
    await close_controller(coordinator)
