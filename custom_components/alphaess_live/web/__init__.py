"""Home Assistant's own port: REST, history, and the live feed."""

from homeassistant.core import HomeAssistant, callback

from .door import DOOR, Door
from .rest import VIEWS
from .socket import PowerSocketView


@callback
def register(hass: HomeAssistant) -> None:
    """Make the addresses known: once, for they cannot be taken back. They find inverters when asked."""
    hass.data[DOOR] = Door(hass)
    for view in (*VIEWS, PowerSocketView):
        hass.http.register_view(view())
