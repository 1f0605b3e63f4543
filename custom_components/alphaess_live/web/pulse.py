"""Which clients are still there: one clock for all of them."""

import asyncio
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval

from .client import SLICE, Client

BEAT = timedelta(seconds=30)
"""How often every client is pinged; who has not been heard since the last time is gone."""


class Pulse:
    """Pings, and drops whoever missed one.

    aiohttp could do it with a timer for each client, but starts that anew when a
    client answers the server's goodbye, and so keeps every client for another minute.
    """

    def __init__(self, hass: HomeAssistant, clients: Mapping[Client, None]) -> None:
        """Beat until Home Assistant stops."""
        self._clients = clients
        self._due: deque[Client] = deque()
        async_track_time_interval(hass, self._beat, BEAT, cancel_on_shutdown=True)

    @callback
    def _beat(self, _: datetime) -> None:
        self._due.extend(self._clients)
        self._ping_some()

    def _ping_some(self) -> None:
        for _ in range(min(SLICE, len(self._due))):
            self._due.popleft().ping()
        if self._due:
            asyncio.get_running_loop().call_soon(self._ping_some)
