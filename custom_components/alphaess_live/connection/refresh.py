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
    """One scheduled refresh at most; none while Home Assistant stops."""

    def __init__(
        self, hass: HomeAssistant, action: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Start without one."""
        self._hass = hass
        self._action = action
        self._cancel: Callable[[], None] | None = None

    def schedule(self, delay: timedelta) -> None:
        """Refresh after a delay, instead of what was scheduled before."""

        async def run(_: datetime) -> None:
            self._cancel = None
            await self._action()

        self.cancel()
        job = HassJob(run, cancel_on_shutdown=True)
        self._cancel = async_call_later(self._hass, delay, job)

    def cancel(self) -> None:
        """Cancel the scheduled refresh."""
        if self._cancel:
            self._cancel()
            self._cancel = None
