"""The wiring diagram: link → inverter → coordinator → platforms."""

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.typing import ConfigType

from . import web
from .alphaess.identity import Identity
from .alphaess.inverter import Inverter
from .alphaess.maps import CURRENT, MAPS
from .alphaess.pv_meter_direction import MeterDirection
from .alphaess.registers.block import BlockGroup
from .alphaess.scales import PROFILES, VARIANTS, ModelFamily
from .connection.intervals import Intervals
from .connection.link import ConnectionConfig, open_link
from .const import (
    CONF_GROUPS,
    CONF_IDENTITY,
    CONF_MODEL_FAMILY,
    CONF_PV_METER,
    CONF_REFUSED,
    CONF_REGISTER_MAP,
    CONF_SERVED,
    CONF_VARIANTS,
    DEFAULT_GROUPS,
    DOMAIN,
)
from .control.controller import remove_stored
from .control.supervisor import start_control, stop_control
from .coordinator import AlphaEssConfigEntry, InverterCoordinator
from .monitor.bus_events import spread_news
from .monitor.fault_persistence import forget_faults, open_fault_watch
from .monitor.issues import IssueMonitor, withdraw_issues
from .monitor.orphaned_entities import OrphanTracker
from .services import async_setup_services
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
    """Make known what all inverters share."""
    async_setup_services(hass)
    web.register(hass)
    await card_resource.register_static_path(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> bool:
    """Set up one inverter. It need not be there: then the entry loads disconnected."""
    config = ConnectionConfig.from_entry(entry.data, entry.options)
    link = await open_link(hass, config, entry)
    family = ModelFamily(entry.options.get(CONF_MODEL_FAMILY, ModelFamily.AUTOMATIC))
    known = entry.data[CONF_VARIANTS] if family is ModelFamily.AUTOMATIC else ()
    identity = Identity.from_dict(entry.data[CONF_IDENTITY])
    register_map = MAPS[entry.data.get(CONF_REGISTER_MAP, CURRENT.name)]
    inverter = Inverter(
        link.unit,
        expected_serial=identity.serial,
        profile=PROFILES[family] | {v for v in VARIANTS if v.name in known},
        scales_fixed=family is not ModelFamily.AUTOMATIC,
        groups={
            BlockGroup(name) for name in entry.options.get(CONF_GROUPS, DEFAULT_GROUPS)
        },
        slow_interval=Intervals.from_options(entry.options).slow,
        register_map=register_map,
        served_blocks=set(register_map.named(entry.data[CONF_SERVED])),
    )
    refused = entry.data.get(CONF_REFUSED, ())
    inverter.unsupported.mark_refused(*register_map.named(refused))
    if turned := entry.data.get(CONF_PV_METER):
        inverter.plausibility.restore_direction(MeterDirection.from_dict(turned))
    coordinator = InverterCoordinator(
        hass,
        entry,
        identity=identity,
        inverter=inverter,
        link=link,
    )
    entry.async_on_unload(coordinator.close)
    # Home Assistant stops without unloading: the inverter's one connection is freed.
    stop = hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, coordinator.close)
    entry.async_on_unload(stop)
    faults = await open_fault_watch(coordinator)
    # Not the first-refresh helper: a set-up inverter that is off now is shown as
    # disconnected, with its history and its feed, instead of not at all.
    await coordinator.async_refresh()
    await start_control(coordinator)
    entry.async_on_unload(spread_news(coordinator))
    entry.async_on_unload(IssueMonitor(coordinator).close)
    entry.runtime_data = coordinator
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(OrphanTracker(coordinator).close)
    faults.begin()
    await card_resource.register_resource(hass)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> bool:
    """Take one inverter down again."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await stop_control(entry.runtime_data)
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> None:
    """Forget one inverter."""
    withdraw_issues(hass, entry)
    await remove_stored(hass, entry)
    await forget_faults(hass, entry)
    if not hass.config_entries.async_entries(DOMAIN):
        await card_resource.remove_resource(hass)
