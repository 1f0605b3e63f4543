"""What is chosen for an inverter: how it is read, what may be done with it, and its place on the energy dashboard."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult, OptionsFlowWithReload
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
    CONF_SLOW_INTERVAL,
    CONF_SNAPSHOT_INTERVAL,
    CONF_STOP_ON_UNLOAD,
    DEFAULT_GROUPS,
)
from ..control.options import ControlOptions
from ..totals.energy_dashboard import (
    Dashboard,
    EnergySource,
    add_sources,
    has_dashboard,
    remove_sources,
    statistic_ids,
)

_DEFAULT = Intervals.from_options({})
_TERMS = ControlOptions.from_options({})


def _seconds(least: float, most: float, *, step: float = 1) -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=least,
            max=most,
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


_PACE = {
    probatio.Required(CONF_MODEL_FAMILY, default=ModelFamily.AUTOMATIC.value): _FAMILY,
    probatio.Required(
        CONF_SNAPSHOT_INTERVAL, default=_DEFAULT.snapshot.total_seconds()
    ): _seconds(5, 300),
    probatio.Required(
        CONF_CHECK_INTERVAL, default=_DEFAULT.idle.total_seconds()
    ): _seconds(2, 60),
    probatio.Required(
        CONF_LIVE_INTERVAL, default=_DEFAULT.live.total_seconds()
    ): _seconds(1, 30),
    probatio.Required(
        CONF_SLOW_INTERVAL, default=_DEFAULT.slow.total_seconds()
    ): _seconds(60, 3600),
    probatio.Required(CONF_GROUPS, default=sorted(DEFAULT_GROUPS)): _GROUPS,
}
_CONTROLS = {
    probatio.Required(CONF_CONTROLS, default=_TERMS.controls): BooleanSelector(),
    probatio.Required(
        CONF_STOP_ON_UNLOAD, default=_TERMS.stop_on_unload
    ): BooleanSelector(),
    probatio.Required(
        CONF_END_AT_TARGET, default=_TERMS.end_at_target
    ): BooleanSelector(),
}


def _choices(config: ConnectionConfig) -> probatio.Schema:
    """Ask for everything; a serial line needs its pause between two requests."""
    usual = ConnectionConfig.with_defaults(config.transport).spacing_seconds
    least = usual if config.transport.has_serial_line else 0.05
    spacing = probatio.Required(CONF_MESSAGE_SPACING, default=usual)
    return probatio.Schema(_PACE | {spacing: _seconds(least, 2, step=0.05)} | _CONTROLS)


class AlphaEssOptionsFlow(OptionsFlowWithReload):
    """Asks how one inverter is read and controlled; what is chosen applies at once."""

    async def async_step_init(self, _: None = None) -> ConfigFlowResult:
        """Ask what this is about."""
        return self.async_show_menu(menu_options=["settings", "energy"])

    async def async_step_settings(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what applies, and keep what is chosen."""
        errors = _contradictions(user_input or {})
        if user_input is not None and not errors:
            return self.async_create_entry(data=self.config_entry.options | user_input)
        known = user_input or self.config_entry.options
        choices = _choices(ConnectionConfig.from_entry(self.config_entry.data, {}))
        return self.async_show_form(
            step_id="settings",
            data_schema=self.add_suggested_values_to_schema(choices, known),
            errors=errors,
        )

    async def async_step_energy(self, _: None = None) -> ConfigFlowResult:
        """Offer to add what is not on the energy dashboard yet; else to take it away again."""
        if not has_dashboard(self.hass):
            return self.async_abort(reason="no_energy_dashboard")
        found = await Dashboard.load(self.hass, self.config_entry)
        if found.addable:
            return self._confirm("energy_add", there=found.present, ours=found.addable)
        if found.added:
            return self._confirm("energy_remove", there=found.present, ours=found.added)
        return self.async_abort(reason="nothing_to_add")

    async def async_step_energy_add(self, _: dict[str, Any]) -> ConfigFlowResult:
        """Add what was shown."""
        await add_sources(self.hass, self.config_entry)
        return self.async_abort(reason="energy_added")

    async def async_step_energy_remove(self, _: dict[str, Any]) -> ConfigFlowResult:
        """Take away what was shown."""
        await remove_sources(self.hass, self.config_entry)
        return self.async_abort(reason="energy_removed")

    def _confirm(
        self, step: str, *, there: list[EnergySource], ours: list[EnergySource]
    ) -> ConfigFlowResult:
        others = [source for source in there if source not in ours]
        return self.async_show_form(
            step_id=step,
            data_schema=probatio.Schema({}),
            description_placeholders={
                "ours": self._names(ours),
                "others": self._names(others),
            },
        )

    def _names(self, of: Iterable[EnergySource]) -> str:
        """List the statistics as the dashboard calls them; those of no entity by their id."""
        states = {stat: self.hass.states.get(stat) for stat in statistic_ids(of)}
        names = [state.name if state else stat for stat, state in states.items()]
        return "\n".join(f"- {name}" for name in names) or "–"


def _contradictions(chosen: Mapping[str, Any]) -> dict[str, str]:
    """Find intervals that defeat each other: the more is read, the rarer it must be."""
    if not chosen:
        return {}
    if chosen[CONF_LIVE_INTERVAL] > chosen[CONF_CHECK_INTERVAL]:
        return {CONF_LIVE_INTERVAL: "live_above_check"}
    if chosen[CONF_CHECK_INTERVAL] > chosen[CONF_SNAPSHOT_INTERVAL]:
        return {CONF_CHECK_INTERVAL: "check_above_snapshot"}
    if chosen[CONF_SNAPSHOT_INTERVAL] > chosen[CONF_SLOW_INTERVAL]:
        return {CONF_SNAPSHOT_INTERVAL: "snapshot_above_slow"}
    return {}
