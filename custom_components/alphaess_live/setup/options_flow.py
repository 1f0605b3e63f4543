"""The options of an inverter: intervals, register groups, controls, and the energy dashboard."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
    OptionsFlowWithReload,
)
from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import probatio

from ..alphaess.registers.block import BlockGroup
from ..alphaess.scales import ModelFamily
from ..connection.intervals import Intervals
from ..connection.link import ConnectionConfig
from ..const import (
    CONF_CHECK_INTERVAL,
    CONF_CONTROLS,
    CONF_END_AT_TARGET,
    CONF_GROUPS,
    CONF_LIVE_INTERVAL,
    CONF_MESSAGE_SPACING,
    CONF_MODEL_FAMILY,
    CONF_POWER_UPDATE_INTERVAL,
    CONF_SLOW_INTERVAL,
    CONF_SNAPSHOT_INTERVAL,
    CONF_STOP_ON_UNLOAD,
    DEFAULT_GROUPS,
)
from ..control.options import ControlOptions
from ..storage import readable_options
from ..totals.energy_dashboard import (
    Dashboard,
    EnergySource,
    add_sources,
    has_dashboard,
    remove_sources,
    statistic_ids,
)

_DEFAULT_INTERVALS = Intervals.from_options({})
_DEFAULT_CONTROLS = ControlOptions.from_options({})


def _seconds(minimum: float, maximum: float, *, step: float = 1) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=minimum,
            max=maximum,
            step=step,
            mode=NumberSelectorMode.BOX,
            unit_of_measurement=UnitOfTime.SECONDS,
        )
    )


_FAMILY = SelectSelector(
    SelectSelectorConfig(
        options=[family.value for family in ModelFamily],
        translation_key=CONF_MODEL_FAMILY,
        mode=SelectSelectorMode.DROPDOWN,
    )
)


_GROUPS = SelectSelector(
    SelectSelectorConfig(
        options=[
            group.value for group in BlockGroup if group is not BlockGroup.MEASUREMENTS
        ],
        translation_key=CONF_GROUPS,
        mode=SelectSelectorMode.LIST,
        multiple=True,
    )
)


_INTERVAL_FIELDS = {
    probatio.Required(option, default=default.total_seconds()): _seconds(*limits)
    for option, default, limits in (
        (CONF_SNAPSHOT_INTERVAL, _DEFAULT_INTERVALS.snapshot, (5, 300)),
        (CONF_CHECK_INTERVAL, _DEFAULT_INTERVALS.idle, (2, 60)),
        (CONF_LIVE_INTERVAL, _DEFAULT_INTERVALS.live, (1, 30)),
        (CONF_SLOW_INTERVAL, _DEFAULT_INTERVALS.slow, (60, 3600)),
        (CONF_POWER_UPDATE_INTERVAL, _DEFAULT_INTERVALS.power_update, (5, 60)),
    )
}
_READ_FIELDS = {
    probatio.Required(CONF_MODEL_FAMILY, default=ModelFamily.AUTOMATIC.value): _FAMILY,
    **_INTERVAL_FIELDS,
    probatio.Required(CONF_GROUPS, default=sorted(DEFAULT_GROUPS)): _GROUPS,
}
_CONTROL_FIELDS = {
    probatio.Required(option, default=default): BooleanSelector()
    for option, default in (
        (CONF_CONTROLS, _DEFAULT_CONTROLS.controls),
        (CONF_STOP_ON_UNLOAD, _DEFAULT_CONTROLS.stop_on_unload),
        (CONF_END_AT_TARGET, _DEFAULT_CONTROLS.end_at_target),
    )
}


def _schema(config: ConnectionConfig) -> probatio.Schema:
    """Build the settings form. A serial line needs a minimum pause between two requests."""
    default = ConnectionConfig.with_defaults(config.transport).spacing_seconds
    minimum = default if config.transport.has_serial_line else 0.05
    spacing = probatio.Required(CONF_MESSAGE_SPACING, default=default)
    return probatio.Schema(
        _READ_FIELDS | {spacing: _seconds(minimum, 2, step=0.05)} | _CONTROL_FIELDS
    )


_INTERVALS = {
    CONF_SNAPSHOT_INTERVAL,
    CONF_CHECK_INTERVAL,
    CONF_LIVE_INTERVAL,
    CONF_SLOW_INTERVAL,
    CONF_POWER_UPDATE_INTERVAL,
}
_APPLIED_WITHOUT_RELOAD = _INTERVALS | {CONF_STOP_ON_UNLOAD, CONF_END_AT_TARGET}
"""The others change the link, the entities, or how registers are decoded."""


def _with_defaults(entry: ConfigEntry[Any]) -> Mapping[str, Any]:
    """Return the options that apply, also those that were never set."""
    schema = _schema(ConnectionConfig.from_entry(entry.data, {}))
    defaults: dict[str, Any] = schema({})
    return defaults | readable_options(entry.options)


class AlphaEssOptionsFlow(OptionsFlowWithReload):
    """The options flow of one inverter; changes apply at once, if possible without a reload."""

    async def async_step_init(self, _: None = None) -> ConfigFlowResult:
        """Show the menu."""
        return self.async_show_menu(menu_options=["settings", "energy"])

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the current settings, and store the changed ones."""
        errors = _interval_errors(user_input or {})
        if user_input is not None and not errors:
            options = self.config_entry.options | user_input
            self._apply(options)
            return self.async_create_entry(data=options)
        values = user_input or readable_options(self.config_entry.options)
        schema = _schema(ConnectionConfig.from_entry(self.config_entry.data, {}))
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
        )

    def _apply(self, options: Mapping[str, Any]) -> None:
        """Apply what needs no reload, and reload for the rest; only a change of the link ends our dispatch."""
        entry = self.config_entry
        before = _with_defaults(entry)
        changed = {name for name, value in options.items() if before.get(name) != value}
        self.automatic_reload = not changed <= _APPLIED_WITHOUT_RELOAD
        if entry.state is not ConfigEntryState.LOADED:
            return
        runtime = entry.runtime_data
        if self.automatic_reload:
            runtime.controller.keeps_dispatch = CONF_MESSAGE_SPACING not in changed
        elif changed & _INTERVALS:
            runtime.coordinator.set_intervals(Intervals.from_options(options))

    async def async_step_energy(self, _: None = None) -> ConfigFlowResult:
        """Offer to add the missing sources to the energy dashboard, or to remove ours."""
        if not has_dashboard(self.hass):
            return self.async_abort(reason="no_energy_dashboard")
        dashboard = await Dashboard.load(self.hass, self.config_entry)
        if dashboard.addable:
            return self._confirm(
                "energy_add", present=dashboard.present, ours=dashboard.addable
            )
        if dashboard.added:
            return self._confirm(
                "energy_remove", present=dashboard.present, ours=dashboard.added
            )
        return self.async_abort(reason="nothing_to_add")

    async def async_step_energy_add(self, _: dict[str, Any]) -> ConfigFlowResult:
        """Add the sources that were listed."""
        await add_sources(self.hass, self.config_entry)
        return self.async_abort(reason="energy_added")

    async def async_step_energy_remove(self, _: dict[str, Any]) -> ConfigFlowResult:
        """Remove the sources that were listed."""
        await remove_sources(self.hass, self.config_entry)
        return self.async_abort(reason="energy_removed")

    def _confirm(
        self, step: str, *, present: list[EnergySource], ours: list[EnergySource]
    ) -> ConfigFlowResult:
        others = [source for source in present if source not in ours]
        return self.async_show_form(
            step_id=step,
            data_schema=probatio.Schema({}),
            description_placeholders={
                "ours": self._names(ours),
                "others": self._names(others),
            },
        )

    def _names(self, sources: Iterable[EnergySource]) -> str:
        """List the names of the statistics; the id of one without an entity."""
        states = {stat: self.hass.states.get(stat) for stat in statistic_ids(sources)}
        names = [state.name if state else stat for stat, state in states.items()]
        return "\n".join(f"- {name}" for name in names) or "–"


def _interval_errors(options: Mapping[str, Any]) -> dict[str, str]:
    """Find intervals in the wrong order: a read of more blocks must be less frequent."""
    if not options:
        return {}
    if options[CONF_LIVE_INTERVAL] > options[CONF_CHECK_INTERVAL]:
        return {CONF_LIVE_INTERVAL: "live_above_check"}
    if options[CONF_CHECK_INTERVAL] > options[CONF_SNAPSHOT_INTERVAL]:
        return {CONF_CHECK_INTERVAL: "check_above_snapshot"}
    if options[CONF_SNAPSHOT_INTERVAL] > options[CONF_SLOW_INTERVAL]:
        return {CONF_SNAPSHOT_INTERVAL: "snapshot_above_slow"}
    return {}
