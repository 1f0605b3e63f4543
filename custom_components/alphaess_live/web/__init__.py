"""The HTTP API on Home Assistant's port: REST, history, live feed, and the file of the cards."""

from homeassistant.core import HomeAssistant, callback

from .clients import CLIENTS, ClientRegistry
from .feed_view import FeedView
from .rest import VIEWS


@callback
def register(hass: HomeAssistant) -> None:
    """Register all paths, once: Home Assistant cannot remove them. Each request looks its inverter up."""
    hass.data[CLIENTS] = ClientRegistry(hass)
    hass.http.register_view(FeedView())
    for view_type in VIEWS:
        for url in (view_type.url, *view_type.extra_urls):
            # With several paths at once, aiohttp would add CORS headers to GET only.
            view = view_type()
            view.url, view.extra_urls = url, []
            hass.http.register_view(view)
