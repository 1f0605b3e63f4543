"""Adds an inverter, and changes its address; shows the reason if none is found there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
    UnknownEntry,
)
from homeassistant.core import callback
from homeassistant.data_entry_flow import UnknownFlow

from .alphaess.identity import Identity
from .alphaess.maps import CURRENT
from .connection.link import (
    ConnectionConfig,
    Transport,
    hand_over,
    have_same_endpoint,
    open_link,
)
from .const import (
    CONF_IDENTITY,
    CONF_LIMITS,
    CONF_REGISTER_MAP,
    CONF_SERIALS,
    CONF_SERVED,
    CONF_VARIANTS,
    DOMAIN,
)
from .setup.forms import FIELDS, FORMS, form_values, placeholders, read_form
from .setup.options_flow import AlphaEssOptionsFlow
from .setup.probe import (
    DiscoveredInverter,
    NotFoundError,
    SetupProblem,
    connect_and_identify,
    find_inverter,
)
from .storage import restore_serials


class AlphaEssConfigFlow(ConfigFlow, domain=DOMAIN):
    """The config flow. It connects to the inverter before it is added."""

    VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Create the options flow."""
        return AlphaEssOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the menu of the connection types."""
        return self.async_show_menu(
            step_id="user", menu_options=["network", "bridge", "serial", "demo"]
        )

    async def async_step_network(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add an inverter on the network."""
        return await self._address_step("network", Transport.TCP, user_input)

    async def async_step_bridge(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add an inverter behind a bridge that passes on the frames of its serial line."""
        return await self._address_step("bridge", Transport.RTU_OVER_TCP, user_input)

    async def async_step_serial(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add an inverter at an RS485 adapter of this computer."""
        return await self._address_step("serial", Transport.SERIAL, user_input)

    async def async_step_demo(
        self, _: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add the simulated inverter."""
        config = ConnectionConfig(transport=Transport.DEMO)
        found = await connect_and_identify(self.hass, config)
        async with self._keeping(config, found):
            return await self._add(config, found)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the address of an inverter."""
        try:
            return await self._reconfigure(user_input)
        except UnknownEntry:
            return self.async_abort(reason="entry_removed")

    async def _reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the form until the inverter is found. Raises UnknownEntry if its entry was removed meanwhile."""
        entry = self._get_reconfigure_entry()
        current = ConnectionConfig.from_entry(entry.data, {})
        if current.transport is Transport.DEMO:
            return self.async_abort(reason="demo_has_no_address")
        problem = None
        if user_input is not None:
            try:
                config = self._read_config(current.transport, user_input)
                async with self._disconnected(entry, current, config):
                    found = await find_inverter(self.hass, config)
                    async with self._keeping(config, found):
                        await self._set_unique_id(found)
                        self._abort_if_unique_id_mismatch()
                        self._require_dialog()
                        data = _data_with_new_address(entry.data, config, found)
                        return self.async_update_reload_and_abort(entry, data=data)
            except NotFoundError as err:
                self._get_reconfigure_entry()
                problem = err.problem
        values = user_input or form_values(current)
        return self._form(
            "reconfigure", current.transport, values=values, problem=problem
        )

    def _require_dialog(self) -> None:
        """Raise UnknownFlow if the dialog was closed while the inverter was searched for."""
        flows = self.hass.config_entries.flow.async_progress_by_handler(
            DOMAIN, include_uninitialized=True
        )
        if not any(flow["flow_id"] == self.flow_id for flow in flows):
            raise UnknownFlow

    async def _address_step(
        self, step: str, transport: Transport, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Show the form of a transport until an inverter is found at the address."""
        problem = None
        if user_input is not None:
            try:
                config = self._read_config(transport, user_input)
                found = await find_inverter(self.hass, config)
            except NotFoundError as err:
                problem = err.problem
            else:
                async with self._keeping(config, found):
                    return await self._add(config, found)
        return self._form(step, transport, values=user_input or {}, problem=problem)

    def _read_config(
        self, transport: Transport, user_input: Mapping[str, Any]
    ) -> ConnectionConfig:
        """Convert the user's input. Raises NotFoundError for invalid input, or an address in use."""
        config = read_form(transport, user_input)
        for entry in self._async_current_entries(include_ignore=False):
            try:
                other = ConnectionConfig.from_entry(entry.data, {})
            except LookupError, ValueError:
                continue  # A newer release stored it.
            if entry.entry_id != self.context.get("entry_id") and (
                config.is_same_unit(other)
            ):
                raise NotFoundError(SetupProblem.ALREADY_IN_USE)
        return config

    def _form(
        self,
        step: str,
        transport: Transport,
        *,
        values: Mapping[str, Any],
        problem: SetupProblem | None,
    ) -> ConfigFlowResult:
        """Show the form with its values, and the problem with them."""
        schema = FORMS[transport]
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors={FIELDS.get(problem, "base"): problem} if problem else {},
            description_placeholders=placeholders(values),
        )

    async def _add(
        self, config: ConnectionConfig, found: DiscoveredInverter
    ) -> ConfigFlowResult:
        await self._set_unique_id(found)
        self._require_dialog()
        self._abort_if_unique_id_configured()
        return self.async_create_entry(
            title=f"AlphaESS {found.identity.serial[-4:]}",
            data=_entry_data(config, found),
        )

    async def _set_unique_id(self, found: DiscoveredInverter) -> None:
        """Use the unique id of the entry that has one of these serial numbers; an inverter has several."""
        known = (
            entry.unique_id
            for entry in self._async_current_entries()
            if not restore_serials(entry).isdisjoint(found.serials)
        )
        await self.async_set_unique_id(next(known, None) or found.identity.serial)

    @asynccontextmanager
    async def _keeping(
        self, config: ConnectionConfig, found: DiscoveredInverter
    ) -> AsyncIterator[None]:
        """Hand the connection of a found inverter over to its entry; close it if there will be none."""
        try:
            yield
        except BaseException:
            await found.link.close()
            raise
        hand_over(self.hass, replace(config, unit_id=found.unit_id), found.link)

    @asynccontextmanager
    async def _disconnected(
        self, entry: ConfigEntry[Any], current: ConnectionConfig, new: ConnectionConfig
    ) -> AsyncIterator[None]:
        """Unload the entry, because an inverter serves one connection; load it again after a failure.

        A dispatch of ours runs on: it is the same inverter, or the entry stays as it was.
        A connection that is used at the new address too stays open.
        """
        was_loaded = entry.state is ConfigEntryState.LOADED
        async with AsyncExitStack() as stack:
            if was_loaded and have_same_endpoint(current, new):
                stack.push_async_callback((await open_link(self.hass, new)).close)
            try:
                if was_loaded:
                    entry.runtime_data.controller.keeps_dispatch = True
                    await self.hass.config_entries.async_unload(entry.entry_id)
                yield
            except BaseException:
                if was_loaded and entry.state is ConfigEntryState.NOT_LOADED:
                    await self.hass.config_entries.async_setup(entry.entry_id)
                raise


def _data_with_new_address(
    current: Mapping[str, Any], config: ConnectionConfig, found: DiscoveredInverter
) -> dict[str, Any]:
    """Change the address in the entry data, and keep what was learned about the inverter."""
    new = _entry_data(config, found)
    known = {key: value for key, value in current.items() if key not in _LEARNED_ANEW}
    stored: Mapping[str, Any] = current.get(CONF_IDENTITY, {})
    identity = Identity.from_dict(stored, serial=found.identity.serial)
    learned = {
        CONF_SERVED: sorted({*current.get(CONF_SERVED, ()), *new[CONF_SERVED]}),
        CONF_VARIANTS: current.get(CONF_VARIANTS, []),
    }
    identity = identity.completed_by(found.identity)
    serials = {*current.get(CONF_SERIALS, ()), *found.serials} - {identity.serial}
    learned[CONF_SERIALS] = sorted(serials)
    return known | new | learned | {CONF_IDENTITY: identity.stored_with(stored)}


_LEARNED_ANEW = (CONF_LIMITS, CONF_REGISTER_MAP)
"""Keys that other firmware changes: what was stored of them is replaced, or removed."""


def _entry_data(config: ConnectionConfig, found: DiscoveredInverter) -> dict[str, Any]:
    """Build the entry data."""
    data = replace(config, unit_id=found.unit_id).to_entry_data() | {
        CONF_IDENTITY: found.identity.to_dict(),
        CONF_SERIALS: sorted({*found.serials} - {found.identity.serial}),
        CONF_SERVED: list(found.served),
        CONF_VARIANTS: [],  # One reading confirms none.
        CONF_LIMITS: found.limits,
    }
    if found.register_map is not CURRENT:
        data[CONF_REGISTER_MAP] = found.register_map.name
    return {key: value for key, value in data.items() if value or key not in _OPTIONAL}


_OPTIONAL = (CONF_SERIALS, CONF_LIMITS)
"""Keys that are not stored while they are empty."""
