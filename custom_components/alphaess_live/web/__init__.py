"""Home Assistant's own port: REST, history, and the live feed."""

from homeassistant.core import HomeAssistant, callback

from .clients import CLIENTS, ClientRegistry
from .feed_view import FeedView
from .rest import VIEWS


@callback
def register(hass: HomeAssistant) -> None:
    """Make the addresses known: once, for they cannot be taken back. They find inverters when asked."""
    hass.data[CLIENTS] = ClientRegistry(hass)
    for view in (*VIEWS, FeedView):
        hass.http.register_view(view())
