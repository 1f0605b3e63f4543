"""Figures for Home Assistant's system health page."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import DOMAIN
from .coordinator import InverterCoordinator


@callback
def async_register(_: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the figures."""
    register.async_register_info(system_health_info)


async def system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return the sums over all loaded inverters, since their entries were loaded."""
    integration = await async_get_integration(hass, DOMAIN)
    inverters: list[InverterCoordinator] = [
        entry.runtime_data.coordinator
        for entry in hass.config_entries.async_loaded_entries(DOMAIN)
    ]
    connections = [inverter.connection for inverter in inverters]
    counters = [inverter.inverter.stats for inverter in inverters]
    connected = sum(connection.connected for connection in connections)
    return {
        "version": str(integration.version),
        "inverters_connected": f"{connected} / {len(inverters)}",
        "polling_off": sum(not inverter.is_polled for inverter in inverters),
        "last_snapshot": _age(inverters),
        "requests": sum(counter.requests for counter in counters),
        "reconnects": sum(connection.reconnects for connection in connections),
        "probable_register_maps": sum(
            inverter.inverter.register_map.probable for inverter in inverters
        ),
        "negative_load": sum(
            inverter.negative_load.since is not None for inverter in inverters
        ),
        "rejected_samples": sum(counter.rejected_samples for counter in counters),
    }


def _age(inverters: list[InverterCoordinator]) -> str | None:
    """Return the age of the latest snapshot; with several inverters, of the oldest one.

    It does not depend on the host's clock, which may be set meanwhile.
    """
    ages = [age for inverter in inverters if (age := inverter.snapshot_age) is not None]
    return f"{max(ages).total_seconds():.0f} s" if ages else None
