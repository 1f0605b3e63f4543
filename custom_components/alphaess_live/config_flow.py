"""Adding an inverter, and pointing one at a new address; says what is wrong with a link that fails."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.core import callback

from .alphaess.identity import Identity
from .connection.intervals import MIN_RECONNECT_DELAY
from .connection.link import ConnectionConfig, Transport
from .const import CONF_IDENTITY, CONF_SERVED, CONF_VARIANTS, DOMAIN
from .setup.forms import FIELDS, FORMS, filled_in, placeholders, read_form
from .setup.options_flow import AlphaEssOptionsFlow
from .setup.probe import (
    DiscoveredInverter,
    NotFoundError,
    SetupProblem,
    connect_and_identify,
    find_inverter,
)


class AlphaEssConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks where an inverter is, and goes to see it before it is added."""

    VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Let the user choose how it is read."""
        return AlphaEssOptionsFlow()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what kind of inverter it is."""
        return self.async_show_menu(
            step_id="user", menu_options=["network", "bridge", "serial", "demo"]
        )

    async def async_step_network(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add an inverter on the network."""
        return await self._ask("network", Transport.TCP, typed=user_input)

    async def async_step_bridge(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add an inverter behind a bridge that passes on the frames of its serial line."""
        return await self._ask("bridge", Transport.RTU_OVER_TCP, typed=user_input)

    async def async_step_serial(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add an inverter at an RS485 adapter of this computer."""
        return await self._ask("serial", Transport.SERIAL, typed=user_input)

    async def async_step_demo(
        self, _: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Add the inverter that is only imagined."""
        config = ConnectionConfig(transport=Transport.DEMO)
        return await self._add(config, await connect_and_identify(self.hass, config))

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Point an inverter at a new address."""
        entry = self._get_reconfigure_entry()
        old = ConnectionConfig.from_entry(entry.data, {})
        if old.transport is Transport.DEMO:
            return self.async_abort(reason="demo_has_no_address")
        problem = None
        if user_input is not None:
            try:
                config = self._config(old.transport, user_input)
                async with self._released(entry):
                    found = await find_inverter(self.hass, config)
                    await self._call(found)
                    self._abort_if_unique_id_mismatch()
            except NotFoundError as err:
                problem = err.problem
            else:
                return self.async_update_reload_and_abort(
                    entry, data=_moved(entry.data, config, found)
                )
        known = user_input or filled_in(old)
        return self._form("reconfigure", old.transport, known=known, problem=problem)

    async def _ask(
        self, step: str, transport: Transport, *, typed: dict[str, Any] | None
    ) -> ConfigFlowResult:
        """Ask where an inverter is, until one is found there."""
        problem = None
        if typed is not None:
            try:
                config = self._config(transport, typed)
                found = await find_inverter(self.hass, config)
            except NotFoundError as err:
                problem = err.problem
            else:
                return await self._add(config, found)
        return self._form(step, transport, known=typed or {}, problem=problem)

    def _config(
        self, transport: Transport, typed: Mapping[str, Any]
    ) -> ConnectionConfig:
        """Understand what was typed. Raises NotFoundError where it cannot be meant."""
        config = read_form(transport, typed)
        for entry in self._async_current_entries(include_ignore=False):
            other = ConnectionConfig.from_entry(entry.data, {})
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
        known: Mapping[str, Any],
        problem: SetupProblem | None,
    ) -> ConfigFlowResult:
        """Show the form, filled in with what is known, and what was wrong with it."""
        schema = FORMS[transport]
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, known),
            errors={FIELDS.get(problem, "base"): problem} if problem else {},
            description_placeholders=placeholders(known),
        )

    async def _add(
        self, config: ConnectionConfig, found: DiscoveredInverter
    ) -> ConfigFlowResult:
        await self._call(found)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(
            title=f"AlphaESS {found.identity.serial[-4:]}", data=_data(config, found)
        )

    async def _call(self, found: DiscoveredInverter) -> None:
        """Call an inverter what it is called already: it may have been met by its other serial number."""
        known = {entry.unique_id for entry in self._async_current_entries()}
        serials = (serial for serial in found.serials if serial in known)
        await self.async_set_unique_id(next(serials, found.identity.serial))

    @asynccontextmanager
    async def _released(self, entry: ConfigEntry) -> AsyncIterator[None]:
        """Let go of the one connection that an inverter serves, and take it back after a failure."""
        held = entry.state is ConfigEntryState.LOADED
        if held:
            await self.hass.config_entries.async_unload(entry.entry_id)
            await asyncio.sleep(MIN_RECONNECT_DELAY.total_seconds())
        try:
            yield
        except BaseException:
            if held:
                await self.hass.config_entries.async_setup(entry.entry_id)
            raise


def _moved(
    known: Mapping[str, Any], config: ConnectionConfig, found: DiscoveredInverter
) -> dict[str, Any]:
    """Change the address; what was learned of the inverter in all its time is still true."""
    new = _data(config, found)
    identity = Identity.from_dict(known[CONF_IDENTITY]).merged_with(found.identity)
    learned = {
        key: sorted({*known[key], *new[key]}) for key in (CONF_SERVED, CONF_VARIANTS)
    }
    return dict(known) | new | learned | {CONF_IDENTITY: identity.to_dict()}


def _data(config: ConnectionConfig, found: DiscoveredInverter) -> dict[str, Any]:
    """Lay out what an entry keeps."""
    return replace(config, unit_id=found.unit_id).to_entry_data() | {
        CONF_IDENTITY: found.identity.to_dict(),
        CONF_SERVED: list(found.served),
        CONF_VARIANTS: list(found.variants),
    }
