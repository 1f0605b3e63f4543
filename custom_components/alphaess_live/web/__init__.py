"""The HTTP API on Home Assistant's port: REST, history, live feed, and the file of the cards."""

from homeassistant.core import HomeAssistant, callback

from .clients import CLIENTS, ClientRegistry
from .feed_view import FeedView
from .rest import VIEWS


@callback
def register(hass: HomeAssistant) -> None:
    """Register all paths, once: Home Assistant cannot remove them. Each request looks its inverter up."""
    hass.data[CLIENTS] = ClientRegistry(hass)
    for view in (*VIEWS, FeedView):
        hass.http.register_view(view())
