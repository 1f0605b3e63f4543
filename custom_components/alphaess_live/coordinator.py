"""Polling, and what to do when the inverter stops answering."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
import logging
from time import monotonic
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed

from .alphaess.energy_integrator import EnergyIntegrator, NegativeLoad
from .alphaess.errors import CommunicationError, ErrorKind, NotAnInverterError
from .alphaess.faults.fault_tracker import FaultTracker
from .alphaess.host_clock import host_uptime
from .alphaess.identity import Identity, identify
from .alphaess.inverter import Inverter
from .alphaess.maps import CURRENT, serves_current_map
from .alphaess.registers.block import Block
from .alphaess.snapshot import Snapshot
from .connection.intervals import (
    MIN_RECONNECT_DELAY,
    READING_VALID,
    RECONNECT_INTERVAL,
    Intervals,
)
from .connection.link import Link
from .connection.refresh import RefreshTimer, SharedRefresh
from .exceptions import InternalErrors, update_failed
from .feed.connection_state import Connection
from .feed.feed import Feed
from .feed.flows import solar_powers
from .feed.publisher import FeedPublisher
from .storage import forget_register_map, persist_learned

_LOGGER = logging.getLogger(__name__)

ON_SNAPSHOT = "snapshot"
"""Context of listeners that are called after each full snapshot, also after one that is equal to the last.

They are not called for blocks that are read out of turn.
"""

ON_CHANGE = "polls"
"""Context of listeners that are called after polls that change something, but not for single blocks."""


class InverterCoordinator(DataUpdateCoordinator[Snapshot | None]):
    """Polls one inverter, and updates the entities and the feed.

    Entities are updated by each full snapshot. Power values that are read in between
    are published on the feed only, so that the recorder's database does not grow.
    """

    config_entry: ConfigEntry
    latest: Snapshot | None = None
    """The newest snapshot; its power values may be newer than those of `data`."""
    _is_closing = _is_reading = False
    _next_snapshot = 0.0
    """When the next full snapshot is due."""
    _snapshot_read_at: float | None = None
    """When the newest one was read, by the uptime."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        inverter: Inverter,
        link: Link,
    ) -> None:
        """Start disconnected: nothing was read yet."""
        self.intervals = Intervals.from_options(entry.options)
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=self.intervals.idle,
            always_update=False,
        )
        self.inverter, self.link = inverter, link
        self.internal_errors = InternalErrors()
        self.feed = Feed(self.identity.serial, on_error=self.internal_errors.report)
        self.fault_tracker, self.negative_load = FaultTracker(), NegativeLoad()
        self.load_integrator = EnergyIntegrator(max_gap=self.intervals.max_gap)
        self.confirm: Callable[[Snapshot], Awaitable[Snapshot]] | None = None
        """Reads a doubtful part of a snapshot again, before anything uses it."""
        self.on_updated: list[Callable[[], None]] = []
        """Called after an update of the entities and the feed."""
        self.on_power: list[Callable[[Snapshot], None]] = []
        """Called after each poll with new power values, also equal ones."""
        interval, self._uptime = (
            self.intervals.power_update,
            partial(host_uptime, hass.loop),
        )
        self._publisher = FeedPublisher(self.feed, interval, uptime=self._uptime)
        self._live_clients: set[object] = set()
        self._contexts: dict[object, tuple[Callable[[], None], object]] = {}
        """The listeners, each with its context."""
        self._refresh_timer = RefreshTimer(hass, self._on_timer)
        self._shared_refresh = SharedRefresh(hass, self._refresh_all)
        self._unsubscribe = link.on_connection_lost(self._on_link_lost)

    def set_intervals(self, intervals: Intervals) -> None:
        """Poll at these intervals, beginning now."""
        self.intervals = intervals
        self.inverter.slow_interval = intervals.slow
        self.load_integrator.max_gap = intervals.max_gap
        self._publisher.power_update_interval = intervals.power_update
        self._poll_after(timedelta(0))

    @property
    def is_polled(self) -> bool:
        """Whether the inverter is polled. Its user may have switched that off: then it is read on request."""
        return not self.config_entry.pref_disable_polling

    def _poll_after(self, delay: timedelta) -> None:
        if self.is_polled:
            self._refresh_timer.schedule(delay)

    async def _on_timer(self) -> None:
        """Poll; or show that the values of the last reading on request are not current any more."""
        if self.is_polled:
            await self.async_refresh()
        elif not self._is_reading:  # What is being read decides.
            kind = ErrorKind.POLLING_OFF
            self._show_failure(kind, "polling is switched off for this entry")

    @property
    def identity(self) -> Identity:
        """The latest known identity."""
        return self.inverter.identity_detector.identity

    @property
    def rated_power(self) -> int:
        """The battery's power in W that an order may use: several readings have shown it; 0 before."""
        return self.inverter.identity_detector.rated_power

    @property
    def connection(self) -> Connection:
        """The state of the connection."""
        return self._publisher.connection

    @property
    def elapsed(self) -> timedelta:
        """The time since the entry was loaded."""
        return self._publisher.elapsed

    @property
    def snapshot_age(self) -> timedelta | None:
        """The time since the newest full snapshot, whatever the host's clock is set to; None without one."""
        read_at = self._snapshot_read_at
        return None if read_at is None else timedelta(seconds=self._uptime() - read_at)

    @property
    def has_live_clients(self) -> bool:
        """Whether a client follows the live feed."""
        return bool(self._live_clients)

    @callback
    def request_live(self) -> Callable[[], None]:
        """Poll at the live interval, until the returned function is called."""
        key = object()
        first = not self._live_clients
        self._live_clients.add(key)
        remove_listener = self.async_add_listener(lambda: None)
        if first and self.connection.connected:
            self._poll_after(timedelta(0))

        def release() -> None:
            self._live_clients.discard(key)
            remove_listener()

        return release

    async def refresh_all(self) -> None:
        """Read a full snapshot now; calls within a second share it."""
        await self._shared_refresh.run()

    async def _refresh_all(self) -> None:
        self._next_snapshot = 0.0
        await self.async_refresh()

    @callback
    def update_blocks(self, *blocks: Block) -> None:
        """Update these blocks, and notify only the entities that use them."""
        shown = list(filter(None, map(self.inverter.update_block, blocks)))
        if self.data is None or self.latest is None or not self.connection.connected:
            return
        fresh: dict[str, Any] = {block.name: block for block in shown}
        self.latest = replace(self.latest, **fresh)
        self.data = replace(self.data, **fresh)
        self._notify(None, *fresh)

    def _notify(self, *contexts: str | None) -> None:
        """Call the listeners with one of these contexts."""
        for listener, context in tuple(self._contexts.values()):
            if context in contexts:
                self._call(listener)

    def _call(self, listener: Callable[[], None]) -> None:
        """Call a listener; its exception must not keep the others from being called."""
        try:
            listener()
        except Exception as err:  # noqa: BLE001 - a listener may have any bug
            self.internal_errors.report(err)

    @callback
    @override
    def async_add_listener(
        self, update_callback: Callable[[], None], context: Any = None
    ) -> Callable[[], None]:
        """Call back after updates, and after those of the context; returns an unsubscribe."""
        key = object()
        self._contexts[key] = (update_callback, context)
        remove = super().async_add_listener(update_callback, context)

        def unsubscribe() -> None:
            self._contexts.pop(key, None)
            remove()

        return unsubscribe

    @override
    async def async_shutdown(self) -> None:
        """Stop polling."""
        self._is_closing = True
        await super().async_shutdown()

    async def close(self, _: Event | None = None) -> None:
        """Stop polling, and close the link."""
        self._unsubscribe()
        self._refresh_timer.cancel()
        await self.async_shutdown()
        await self.link.close()

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Update the entities, then the feed: its clients then find up-to-date entities.

        Does what the base class does; but that would log an exception of a listener
        after each poll.
        """
        for listener, _ in tuple(self._contexts.values()):
            self._call(listener)
        self._publisher.flush()
        for listener in tuple(self.on_updated):
            self._call(listener)

    @override
    async def _async_update_data(self) -> Snapshot | None:
        was_connected, self._is_reading = self.connection.connected, True
        self._publisher.on_attempt()
        try:
            if self.latest is None or self._snapshot_is_due():
                return await self._read_all()
            self._apply(await self.inverter.read_power(self.latest))
        except CommunicationError as err:
            if self._is_closing and was_connected:
                return self.data  # The entry is unloaded, which closed the connection.
            if err.kind is ErrorKind.PROTOCOL:
                await self._use_current_map_after_update()
            self._publisher.on_failure(
                err.kind, str(err), poll_interval=RECONNECT_INTERVAL
            )
            failure = update_failed(err.kind, str(err))
            self._log_loss(failure)
            raise failure from err
        except Exception as err:
            kind, message = ErrorKind.INTERNAL, self.internal_errors.report(err)
            self._publisher.on_failure(kind, message, poll_interval=RECONNECT_INTERVAL)
            self.last_update_success = False  # It is logged already.
            raise update_failed(kind, message) from err
        finally:
            self._on_poll_ended(was_connected=was_connected)
        return self.data

    def _on_poll_ended(self, *, was_connected: bool) -> None:
        self._is_reading = False
        if not self.is_polled and not self._is_closing:
            self._refresh_timer.schedule(READING_VALID)
        self.update_interval = self._poll_interval(lost=was_connected)
        if was_connected == self.connection.connected:
            # The entities do not change, so `async_update_listeners` is not called.
            self._publisher.flush()
        if was_connected and self.connection.connected and not self.last_update_success:
            # Disconnected during this poll, by an order: the base class only compares
            # with the state before the poll, and would leave the entities unavailable.
            self.hass.loop.call_soon(self.async_update_listeners)

    def _log_loss(self, failure: UpdateFailed) -> None:
        """Log a loss once, at the level at which the base class logs the return.

        The base class would log it as an error: but an inverter may be off.
        """
        if self.last_update_success:
            _LOGGER.info("Fetching %s data failed: %s", self.name, failure)
        self.last_update_success = False

    def _poll_interval(self, *, lost: bool = False) -> timedelta:
        if not self.connection.connected:
            return self.link.retry_delay(self.connection.error_kind, was_connected=lost)
        return self.intervals.live if self.has_live_clients else self.intervals.idle

    def _snapshot_is_due(self) -> bool:
        """Whether this poll is the nearest one to the snapshot's time, or follows an outage."""
        half = self._poll_interval().total_seconds() / 2
        away = not self.connection.connected
        return away or monotonic() + half >= self._next_snapshot

    async def _read_all(self) -> Snapshot:
        self._next_snapshot = monotonic() + self.intervals.snapshot.total_seconds()
        returns = not self.connection.connected
        snapshot = await self.inverter.read(after_outage=returns)
        if returns:
            _require_identity(snapshot)
        if self.inverter.identity_detector.has_new_firmware:
            self.inverter.rediscover()
            snapshot = await self.inverter.read(after_outage=True)
        if self.confirm:
            snapshot = await self.confirm(snapshot)
        persist_learned(self.hass, self.config_entry, inverter=self.inverter)
        self.fault_tracker.update(snapshot, self.inverter.profile)
        self._snapshot_read_at = self._uptime()
        self._apply(snapshot)
        if not returns and snapshot == self.data:
            self._notify(ON_SNAPSHOT)
        return snapshot

    def _apply(self, snapshot: Snapshot) -> None:
        self.latest = snapshot
        self.load_integrator.add(snapshot.power.load, snapshot.measured_at)
        self.negative_load.update(snapshot.power.balance, snapshot.measured_at)
        self._publisher.on_success(
            snapshot.power,
            measured_at=snapshot.measured_at,
            poll_interval=self._poll_interval(),
            solar=solar_powers(snapshot, self.identity),
        )
        for listener in tuple(self.on_power):
            self._call(partial(listener, snapshot))

    async def _use_current_map_after_update(self) -> None:
        """Load the entry with the current register map if an older one does not fit any more."""
        inverter, entry = self.inverter, self.config_entry
        if inverter.register_map is CURRENT:
            return
        with suppress(CommunicationError):
            if await serves_current_map(inverter.unit):
                forget_register_map(self.hass, entry)
                self.hass.config_entries.async_schedule_reload(entry.entry_id)

    @callback
    def _on_link_lost(self) -> None:
        """Show the loss of the connection at once, and reconnect soon."""
        self._disconnect(ErrorKind.RESET, "the connection broke")

    @callback
    def on_internal_error(self, err: Exception) -> str:
        """Report an unexpected exception of an order, and poll soon; returns its message."""
        message = self.internal_errors.report(err)
        self._disconnect(ErrorKind.INTERNAL, message)
        return message

    def _disconnect(self, kind: ErrorKind, message: str) -> None:
        if self.connection.connected:
            self._show_failure(kind, message)
            self._poll_after(MIN_RECONNECT_DELAY)

    def _show_failure(self, kind: ErrorKind, message: str) -> None:
        self._publisher.on_failure(kind, message, poll_interval=RECONNECT_INTERVAL)
        self.last_exception = update_failed(kind, message)
        if kind is not ErrorKind.INTERNAL:  # That is logged already.
            self._log_loss(self.last_exception)
        self.last_update_success = False
        self.async_update_listeners()


def _require_identity(snapshot: Snapshot) -> None:
    """Check that an inverter answers. Raises CommunicationError."""
    try:
        identify(snapshot)
    except NotAnInverterError as err:
        raise CommunicationError(ErrorKind.PROTOCOL, str(err)) from err
