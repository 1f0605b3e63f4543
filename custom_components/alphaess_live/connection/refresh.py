"""When an inverter is read apart from the regular polls: at a scheduled time, or on request."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HassJob, HomeAssistant
from homeassistant.helpers.event import async_call_later

MIN_REFRESH_INTERVAL_SECONDS = 1.0
"""Minimum time between two readings on request."""


class SharedRefresh:
    """A refresh on request, at most once a second for all callers together."""

    def __init__(
        self, hass: HomeAssistant, action: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Start without one."""
        self._hass = hass
        self._action = action
        self._task: asyncio.Task[None] | None = None
        self._ended_at = 0.0

    async def run(self) -> None:
        """Refresh, unless one is running or ended less than a second ago.

        It goes on if a caller is cancelled.
        """
        elapsed = self._hass.loop.time() - self._ended_at
        if self._task is None or (
            self._task.done() and elapsed >= MIN_REFRESH_INTERVAL_SECONDS
        ):
            self._task = self._hass.async_create_task(self._run())
        await asyncio.shield(self._task)

    async def _run(self) -> None:
        try:
            await self._action()
        finally:
            self._ended_at = self._hass.loop.time()


class RefreshTimer:
    """One scheduled refresh at most, and one that runs; none while Home Assistant stops.

    Between two of them there is at least a second: clients that come and go would
    otherwise keep the inverter busy.
    """

    def __init__(
        self, hass: HomeAssistant, action: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Start without one."""
        self._hass = hass
        self._action = action
        self._cancel: Callable[[], None] | None = None
        self._is_running = False
        self._is_due = False
        """Whether a refresh was due while one was running."""
        self._ended_at = -MIN_REFRESH_INTERVAL_SECONDS

    def schedule(self, delay: timedelta) -> None:
        """Refresh after a delay, instead of what was scheduled before."""

        async def run(_: datetime) -> None:
            self._cancel = None
            await self._run()

        self.cancel()
        earliest = (
            self._ended_at + MIN_REFRESH_INTERVAL_SECONDS - self._hass.loop.time()
        )
        delay = max(delay, timedelta(seconds=earliest))
        job = HassJob(run, cancel_on_shutdown=True)
        self._cancel = async_call_later(self._hass, delay, job)

    async def _run(self) -> None:
        if self._is_running:
            self._is_due = True
            return
        self._is_running, self._is_due = True, False
        try:
            await self._action()
        finally:
            self._is_running, self._ended_at = False, self._hass.loop.time()
        if self._is_due:
            self.schedule(timedelta(0))

    def cancel(self) -> None:
        """Cancel the scheduled refresh."""
        self._is_due = False
        if self._cancel:
            self._cancel()
            self._cancel = None
