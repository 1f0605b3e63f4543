"""Home Assistant's own port: REST, history, and the live feed."""

from homeassistant.core import HomeAssistant, callback

from .clients import DOOR, Door
from .feed_view import PowerSocketView
from .rest import VIEWS


@callback
def register(hass: HomeAssistant) -> None:
    """Make the addresses known: once, for they cannot be taken back. They find inverters when asked."""
    hass.data[DOOR] = Door(hass)
    for view in (*VIEWS, PowerSocketView):
        hass.http.register_view(view())
