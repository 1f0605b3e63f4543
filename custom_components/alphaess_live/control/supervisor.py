"""Ends our dispatch when it is done, and raises an issue when another program overwrites it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
import logging

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from ..alphaess.dispatch import pv_enabled, to_dict
from ..alphaess.errors import InverterError, NotAppliedError
from ..alphaess.lease import Lease
from ..alphaess.registers import DispatchOrder
from ..alphaess.snapshot import Power
from ..const import DOMAIN
from ..exceptions import format_order
from ..feed.messages import Message, PowerMeasured
from .controller import InverterController
from .dispatch_status import DispatchOwner, is_idle_at_target
from .options import ControlOptions
from .order_report import EndReason
from .orders import stop

_LOGGER = logging.getLogger(__name__)

IDLE_TIME = timedelta(seconds=10)
MIN_STOP_INTERVAL_SECONDS, MAX_STOP_INTERVAL_SECONDS = 10, 300
"""A stop that has failed is repeated after the first interval, then after twice the last one."""


OVERWRITTEN, NOT_ENDED = "dispatch_overwritten", "dispatch_not_ended"
"""The issues, by their translation keys."""


class DispatchSupervisor:
    """Checks our dispatch after each snapshot and each power value."""

    def __init__(self, controller: InverterController) -> None:
        """Start; the unloading of the entry ends it."""
        coordinator = self._coordinator = controller.coordinator
        self._controller = controller
        self._idle_since: datetime | None = None
        self._stopped_lease: Lease | None = None
        """The lease of the dispatch whose stop was requested last."""
        self._stop_interval = self._next_stop_at = 0.0
        """Seconds until the stop is repeated, and when, by the loop's clock."""
        self._unsubscribe: tuple[Callable[[], None], ...] = (
            coordinator.async_add_listener(self._on_update),
            coordinator.feed.subscribe(self._on_message),
        )
        coordinator.config_entry.async_on_unload(self.close)
        # The first snapshot is older than this listener, and the next one may be equal.
        self._on_update()

    @callback
    def close(self) -> None:
        """Stop, and withdraw the issue."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        for issue in (OVERWRITTEN, NOT_ENDED):
            self._delete_issue(issue)

    def _create_issue(self, issue: str, order: DispatchOrder) -> None:
        entry = self._coordinator.config_entry
        ir.async_create_issue(
            self._coordinator.hass,
            DOMAIN,
            f"{issue}_{entry.entry_id}",
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=issue,
            translation_placeholders={
                "inverter": entry.title,
                "order": format_order(to_dict(order)),
            },
        )

    def _delete_issue(self, issue: str) -> None:
        entry_id = self._coordinator.config_entry.entry_id
        ir.async_delete_issue(self._coordinator.hass, DOMAIN, f"{issue}_{entry_id}")

    @callback
    def _on_update(self) -> None:
        """Raise an issue for an order that replaced ours; switch PV on again after ours."""
        order = self._controller.order
        if self._controller.is_overwritten and order:
            self._create_issue(OVERWRITTEN, order)
        elif self._controller.owner is not DispatchOwner.OTHER:
            self._delete_issue(OVERWRITTEN)
        if not self._controller.is_overdue:
            self._delete_issue(NOT_ENDED)
        self._restore_pv()

    @callback
    def _on_message(self, message: Message) -> None:
        """Stop our dispatch at its target, or when the inverter has not ended it in time."""
        if not isinstance(message.event, PowerMeasured):
            return
        if self._controller.is_overdue:
            self._schedule_stop(EndReason.TIME_OVER)
        elif self._is_done(message.event.power, message.at):
            self._schedule_stop(EndReason.TARGET_REACHED)

    def _schedule_stop(self, reason: EndReason) -> None:
        if self._controller.lock.locked():
            # It is being stopped already; or a new order is being given, which must not be stopped.
            return
        lease, now = self._controller.lease, self._coordinator.hass.loop.time()
        if lease != self._stopped_lease:
            self._stopped_lease, self._stop_interval = lease, 0.0
        elif self._stop_interval and now < self._next_stop_at:
            return
        self._stop_interval = min(
            max(2 * self._stop_interval, MIN_STOP_INTERVAL_SECONDS),
            MAX_STOP_INTERVAL_SECONDS,
        )
        self._next_stop_at = now + self._stop_interval
        self._coordinator.config_entry.async_create_background_task(
            self._coordinator.hass,
            self._stop(reason, lease),
            "end a dispatch that is done",
        )

    def _restore_pv(self) -> None:
        """Switch PV on again after our dispatch: the next one would run without PV."""
        controller, order = self._controller, self._controller.order
        over = order is not None and not order.start
        if not (controller.has_switched_pv_off and over) or controller.lock.locked():
            return
        match pv_enabled(controller.detail):
            case False:
                self._schedule_stop(EndReason.TIME_OVER)
            case True if not controller.has_valid_lease:
                # The inverter did so itself; if PV is off again later, it was not us.
                controller.has_switched_pv_off = False
                controller.schedule_save()

    def _is_done(self, power: Power, at: datetime) -> bool:
        """Whether the battery has been idle at its target for long enough."""
        options = ControlOptions.from_options(self._coordinator.config_entry.options)
        lease = self._controller.lease if options.end_at_target else None
        # A dispatch that keeps PV off still has an effect at its target.
        if (
            pv_enabled(self._controller.detail) is False
            or lease is None
            or lease.part_of
            or not is_idle_at_target(lease.order, power)
        ):
            self._idle_since = None
            return False
        self._idle_since = self._idle_since or at
        return at - self._idle_since >= IDLE_TIME

    async def _stop(self, reason: EndReason, lease: Lease | None) -> None:
        try:
            # A dispatch of another program, or one that has begun meanwhile, raises ForeignDispatchError.
            await stop(self._controller, reason=reason, only=lease)
        except NotAppliedError as err:
            # This is not repeated: our next order switches PV on anyway.
            self._controller.has_switched_pv_off = False
            is_first = self._stop_interval <= MIN_STOP_INTERVAL_SECONDS
            level = logging.WARNING if is_first else logging.DEBUG
            _LOGGER.log(
                level, "The inverter did not end a dispatch as requested: %s", err
            )
            if self._controller.is_overdue and (order := self._controller.order):
                self._create_issue(NOT_ENDED, order)
        except InverterError as err:
            _LOGGER.debug("A finished dispatch was not ended yet: %s", err)


async def stop_control(controller: InverterController) -> None:
    """Before unloading: stop our dispatch, unless the options want it to run on; then close."""
    options = ControlOptions.from_options(controller.coordinator.config_entry.options)
    controller.closed = True
    async with controller.lock:
        pass  # The order in flight is verified, or not written any more.
    stops = options.stop_on_unload and not controller.keeps_dispatch
    # Without its regulator, the last order of a grid target has no purpose.
    stops = stops or controller.regulation is not None
    if options.controls and stops and controller.leases:
        # If it is not ours any more, or the inverter does not answer, it ends by itself.
        with suppress(InverterError):
            await stop(controller, closing=True, reason=EndReason.UNLOAD)
    await controller.close()
