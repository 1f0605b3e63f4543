"""The HTTP API on Home Assistant's port: REST, history, live feed, and the file of the cards."""

from typing import Any

from aiohttp.hdrs import METH_ANY
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.http import request_handler_factory

from ..feed.feed import Feed
from ..storage import FEED_FILE, EntryFile
from .clients import CLIENTS, ClientRegistry
from .feed_view import FeedView
from .rest import VIEWS
from .view import ApiView


async def reserve_feed_numbers(hass: HomeAssistant, *, starts: bool = True) -> None:
    """Give all messages of the feed higher numbers than before Home Assistant started.

    Later, `starts` is False: then only a file is replaced that was removed with the last inverter.
    """
    file, reserved = EntryFile(hass, None, FEED_FILE), 0

    def restore(stored: dict[str, Any]) -> None:
        nonlocal reserved
        reserved = int(stored["reserved"])

    await file.load(restore)
    if starts or not reserved:
        await file.save({"reserved": Feed.continue_after(reserved)})


@callback
def register(hass: HomeAssistant) -> None:
    """Register all paths, once: Home Assistant cannot remove them. Each request looks its inverter up."""
    hass.data[CLIENTS] = ClientRegistry(hass)
    _register(hass, FeedView())
    for view_type in VIEWS:
        for url in (view_type.url, *view_type.extra_urls):
            # With several paths at once, aiohttp would add CORS headers to GET only.
            view = view_type()
            view.url, view.extra_urls = url, []
            _register(hass, view)


def _register(hass: HomeAssistant, view: ApiView | FeedView) -> None:
    """Register a path, also for methods for which Home Assistant has no handler: TRACE, PROPFIND."""
    hass.http.register_view(view)
    handler = request_handler_factory(hass, view, view.refuse_method)
    hass.http.app.router.add_route(METH_ANY, str(view.url), handler)
