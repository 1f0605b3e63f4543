"""Polling, and what to do when the inverter stops answering."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
import logging
from time import monotonic
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator

from .alphaess.energy_integrator import EnergyIntegrator
from .alphaess.errors import CommunicationError, ErrorKind, NotAnInverterError
from .alphaess.faults.fault_tracker import FaultTracker
from .alphaess.identity import Identity, identify
from .alphaess.inverter import Inverter
from .alphaess.registers.block import Block
from .alphaess.snapshot import Snapshot
from .connection.intervals import MIN_RECONNECT_DELAY, RETRY_INTERVAL, Intervals
from .connection.link import Link
from .exceptions import update_failed
from .feed.connection_state import Connection
from .feed.feed import Feed
from .feed.publisher import FeedPublisher
from .storage import persist_learned

_LOGGER = logging.getLogger(__name__)

ON_SNAPSHOT = "snapshot"
"""What a listener follows to hear of each full snapshot, also of one that says the same: time has passed.

A block that was read out of turn is no news to it.
"""

ON_CHANGE = "polls"
"""What a listener follows to hear of what a poll changes, and of nothing that is read out of turn."""


class InverterCoordinator(DataUpdateCoordinator[Snapshot | None]):
    """Asks one inverter, and tells entities and the feed what it said.

    Entities change with each full snapshot; between two of them only the feed
    hears of new power values, so that the recorder does not grow.
    """

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        identity: Identity,
        inverter: Inverter,
        link: Link,
    ) -> None:
        """Begin disconnected: nothing has been asked yet."""
        self.intervals = Intervals.from_options(entry.options)
        super().__init__(
            hass,
            _LOGGER,
            config_entry=entry,
            name=entry.title,
            update_interval=self.intervals.idle,
            always_update=False,
        )
        self.identity = identity
        self.inverter = inverter
        self.link = link
        self.feed = Feed(identity.serial)
        self.latest: Snapshot | None = None
        """The newest snapshot; its power values are younger than those of `data`."""
        self.fault_tracker = FaultTracker()
        self.load_integrator = EnergyIntegrator(max_gap=self.intervals.max_gap)
        self.on_updated: Callable[[], None] | None = None
        """Called after a change, when entities and feed know of it."""
        self._publisher = FeedPublisher(self.feed)
        self.started = self._publisher.started
        self._live_clients: set[object] = set()
        self._contexts: dict[object, tuple[Callable[[], None], object]] = {}
        """The listeners, each with the block or the event of polling that it follows."""
        self._is_closing = False
        self._next_snapshot = 0.0
        self._refresh_timer = RefreshTimer(hass, self.async_refresh)
        self._unsubscribe = link.on_connection_lost(self._on_link_lost)

    @property
    def connection(self) -> Connection:
        """Where the connection stands."""
        return self._publisher.connection

    @property
    def has_live_clients(self) -> bool:
        """Whether somebody follows the live feed."""
        return bool(self._live_clients)

    @callback
    def request_live(self) -> Callable[[], None]:
        """Read the power values as often as a watcher wants, until the answer is called."""
        key = object()
        first = not self._live_clients
        self._live_clients.add(key)
        keep_polling = self.async_add_listener(lambda: None)
        if first and self.connection.connected:
            self._refresh_timer.schedule(timedelta(0))

        def unwatch() -> None:
            self._live_clients.discard(key)
            keep_polling()

        return unwatch

    async def refresh_all(self) -> None:
        """Read everything, out of turn."""
        self._next_snapshot = 0.0
        await self._refresh_timer.run()

    @callback
    def update_blocks(self, *blocks: Block) -> None:
        """Take blocks that were read just now: who shows something else need not look."""
        for block in blocks:
            self.inverter.update_block(block)
        if self.data is None or self.latest is None or not self.connection.connected:
            return
        fresh: dict[str, Any] = {block.name: block for block in blocks}
        self.latest = replace(self.latest, **fresh)
        self.data = replace(self.data, **fresh)
        self._notify(None, *fresh)

    def _notify(self, *parts: str | None) -> None:
        """Tell only those who follow one of these."""
        for update, part in tuple(self._contexts.values()):
            if part in parts:
                update()

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
        """Stop asking and let go of the link."""
        self._unsubscribe()
        self._refresh_timer.cancel()
        await self.async_shutdown()
        await self.link.close()

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Tell the entities, then the feed: who acts on a message finds them up to date."""
        super().async_update_listeners()
        self._publisher.flush()
        if self.on_updated:
            self.on_updated()

    @override
    async def _async_update_data(self) -> Snapshot | None:
        was_connected = self.connection.connected
        self._publisher.on_attempt()
        try:
            if self.latest is None or self._snapshot_is_due():
                return await self._read_all()
            self._apply(await self.inverter.read_power(self.latest))
        except CommunicationError as err:
            if self._is_closing and was_connected:
                return self.data  # We hung up ourselves: the inverter is as it was.
            self._publisher.on_failure(err.kind, str(err), poll_interval=RETRY_INTERVAL)
            raise update_failed(err.kind, str(err)) from err
        finally:
            self.update_interval = self._poll_interval(lost=was_connected)
            if was_connected == self.connection.connected:
                # Nothing changes for the entities, so nobody else would tell it.
                self._publisher.flush()
        return self.data

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
            snapshot = await self._on_reconnect(snapshot)
        persist_learned(
            self.hass, self.config_entry, self.identity, inverter=self.inverter
        )
        self.fault_tracker.update(snapshot, self.inverter.profile)
        self._apply(snapshot)
        if not returns and snapshot == self.data:
            self._notify(ON_SNAPSHOT)
        return snapshot

    def _apply(self, snapshot: Snapshot) -> None:
        self.latest = snapshot
        self.load_integrator.add(snapshot.power.load, snapshot.measured_at)
        self._publisher.on_success(snapshot.power, poll_interval=self._poll_interval())

    async def _on_reconnect(self, snapshot: Snapshot) -> Snapshot:
        """Look who is back; new firmware brings new registers, so all is read again."""
        before, self.identity = (
            self.identity,
            _refresh_identity(self.identity, snapshot),
        )
        if self.identity.firmware != before.firmware:
            self.inverter.rediscover()
            snapshot = await self.inverter.read(after_outage=True)
            self.identity = _refresh_identity(self.identity, snapshot)
        return snapshot

    @callback
    def _on_link_lost(self) -> None:
        """The transport is gone: say so at once, and look again as soon as one may."""
        if self.connection.connected:
            message = "the connection broke"
            self._publisher.on_failure(
                ErrorKind.RESET, message, poll_interval=RETRY_INTERVAL
            )
            self.async_set_update_error(update_failed(ErrorKind.RESET, message))
            self._refresh_timer.schedule(MIN_RECONNECT_DELAY)


def _refresh_identity(known: Identity, snapshot: Snapshot) -> Identity:
    """Merge what a snapshot contains into the identity. Raises CommunicationError."""
    try:
        return known.merged_with(identify(snapshot))
    except NotAnInverterError as err:
        raise CommunicationError(ErrorKind.PROTOCOL, str(err)) from err


class RefreshTimer:
    """An appointment; none in the beginning, and none while Home Assistant stops."""

    def __init__(
        self, hass: HomeAssistant, action: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Say what is to be done."""
        self._hass = hass
        self._action = action
        self._cancel: Callable[[], None] | None = None

    async def run(self) -> None:
        """Do it, to its end: also if whoever wanted it does not wait any more."""
        await asyncio.shield(self._hass.async_create_task(self._action()))

    def schedule(self, delay: timedelta) -> None:
        """Make the appointment."""

        async def come(_: datetime) -> None:
            self._cancel = None
            await self._action()

        self.cancel()
        job = HassJob(come, cancel_on_shutdown=True)
        self._cancel = async_call_later(self._hass, delay, job)

    def cancel(self) -> None:
        """Give up what there is."""
        if self._cancel:
            self._cancel()
            self._cancel = None
