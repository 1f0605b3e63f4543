"""Sets up and unloads an inverter: link → inverter → coordinator → controller → platforms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from . import web
from .connection.link import ConnectionConfig, end_hand_over, open_link
from .const import DOMAIN
from .control.supervisor import DispatchSupervisor, stop_control
from .coordinator import InverterCoordinator
from .entity import update_device
from .monitor.bus_events import fire_bus_events, fire_dispatch_events
from .monitor.issues import IssueMonitor, delete_issues
from .monitor.orphaned_entities import OrphanTracker
from .runtime import AlphaEssConfigEntry, load_runtime_data
from .services import async_setup_services
from .storage import remove_files, restore_inverter
from .web import card_resource

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
)


async def async_setup(hass: HomeAssistant, _: ConfigType) -> bool:
    """Register the actions, the web API and the cards."""
    async_setup_services(hass)
    await web.reserve_feed_numbers(hass)
    web.register(hass)
    await card_resource.register_static_path(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> bool:
    """Set up one inverter. It need not answer: then the entry loads disconnected."""
    try:
        config = ConnectionConfig.from_entry(entry.data, entry.options)
    except (LookupError, ValueError) as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN, translation_key="newer_entry"
        ) from err
    await web.reserve_feed_numbers(hass, starts=False)
    link = await open_link(hass, config, entry)
    entry.async_on_unload(link.close)
    coordinator = InverterCoordinator(
        hass,
        entry,
        inverter=restore_inverter(entry, link.unit),
        link=link,
    )
    entry.async_on_unload(coordinator.close)
    # Home Assistant stops without unloading: the inverter's only connection must be closed.
    stop = hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, coordinator.close)
    entry.async_on_unload(stop)
    runtime = entry.runtime_data = await load_runtime_data(coordinator)
    # Not `async_config_entry_first_refresh`: an inverter that is off now is shown as
    # disconnected, with its history and its feed.
    await coordinator.async_refresh()
    await end_hand_over(hass, config)
    DispatchSupervisor(runtime.controller)
    entry.async_on_unload(fire_bus_events(coordinator))
    entry.async_on_unload(fire_dispatch_events(coordinator, runtime.dispatch_log))
    IssueMonitor(runtime.controller)
    async with _platforms(hass, entry):
        entry.async_on_unload(update_device(coordinator))
        entry.async_on_unload(OrphanTracker(coordinator).close)
        runtime.faults.start()
        runtime.dispatch_log.start()
        await card_resource.register_resource(hass)
    return True


@asynccontextmanager
async def _platforms(
    hass: HomeAssistant, entry: AlphaEssConfigEntry
) -> AsyncIterator[None]:
    """Set up the platforms, and unload them if the rest of the set-up fails: Home Assistant does not."""
    try:
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
        yield
    except BaseException:
        for platform in PLATFORMS:
            with suppress(ValueError):  # It was not set up.
                await hass.config_entries.async_forward_entry_unload(entry, platform)
        raise


async def async_unload_entry(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> bool:
    """Unload one inverter; our dispatch is stopped first, unless the options keep it."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await stop_control(entry.runtime_data.controller)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> None:
    """Remove what is stored of one inverter."""
    delete_issues(hass, entry)
    await remove_files(hass, entry)
    if not hass.config_entries.async_entries(DOMAIN):
        await card_resource.remove_resource(hass)
