"""One thing that is to be done soon: a newer appointment takes the place of the older one."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from homeassistant.core import HassJob, HomeAssistant
from homeassistant.helpers.event import async_call_later


class Soon:
    """An appointment; none in the beginning, and none while Home Assistant stops."""

    def __init__(
        self, hass: HomeAssistant, act: Callable[[], Coroutine[Any, Any, None]]
    ) -> None:
        """Say what is to be done."""
        self._hass = hass
        self._act = act
        self._cancel: Callable[[], None] | None = None

    async def now(self) -> None:
        """Do it, to its end: also if whoever wanted it does not wait any more."""
        await asyncio.shield(self._hass.async_create_task(self._act()))

    def within(self, delay: timedelta) -> None:
        """Make the appointment."""

        async def come(_: datetime) -> None:
            self._cancel = None
            await self._act()

        self.cancel()
        job = HassJob(come, cancel_on_shutdown=True)
        self._cancel = async_call_later(self._hass, delay, job)

    def cancel(self) -> None:
        """Give up what there is."""
        if self._cancel:
            self._cancel()
            self._cancel = None
