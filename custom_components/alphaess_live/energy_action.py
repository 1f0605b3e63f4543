"""The actions that add our energies to the energy dashboard, and take them away again."""

from typing import Any, cast

from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
import probatio

from .const import DOMAIN
from .coordinator import AlphaEssConfigEntry
from .energy_dashboard import add, has_dashboard, remove


async def _add(call: ServiceCall) -> ServiceResponse:
    found = await add(call.hass, _entry(call))
    return {"added": cast(Any, found.new), "left_out": cast(Any, found.left_out)}


async def _remove(call: ServiceCall) -> ServiceResponse:
    found = await remove(call.hass, _entry(call))
    return {"removed": cast(Any, found.added)}


def _entry(call: ServiceCall) -> AlphaEssConfigEntry:
    """Find whose energies are meant, where there is something to add them to."""
    if not has_dashboard(call.hass):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_energy_dashboard"
        )
    return async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )


_WHICH = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})

ENERGY_ACTIONS = (
    ("add_to_energy_dashboard", _add, _WHICH, SupportsResponse.OPTIONAL),
    ("remove_from_energy_dashboard", _remove, _WHICH, SupportsResponse.OPTIONAL),
)
