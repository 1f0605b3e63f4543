"""Repair flows: a new address, the inverter's clock, entities that are not available any more."""

from typing import Any, override

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
import probatio

from .alphaess.errors import (
    CommunicationError,
    IllegalRequestError,
    NotAppliedError,
)
from .const import DOMAIN
from .control.clock import set_clock
from .exceptions import ControlsOffError
from .monitor.issues import CLOCK, CONNECTION_LOST, ORPHANED, REBASED
from .monitor.orphaned_entities import orphaned, remove_orphaned
from .runtime import AlphaEssConfigEntry, RuntimeData


class EntryFlow(RepairsFlow):
    """A repair flow of one config entry."""

    def __init__(self, entry_id: str) -> None:
        """Store the id of the entry."""
        self._entry_id = entry_id


class NewAddressFlow(EntryFlow):
    """Opens the reconfigure form of the entry, which asks for the address.

    That form checks that the same inverter answers there. The issue stays until it does.
    """

    async def async_step_init(
        self, _: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the possible causes: a new address is one of them."""
        return await self.async_step_address()

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Open the form of the entry."""
        if user_input is None:
            return self.async_show_form(
                step_id="address", data_schema=probatio.Schema({})
            )
        if self.hass.config_entries.async_get_entry(self._entry_id) is None:
            return self.async_abort(reason="not_loaded")
        form = await self.hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_RECONFIGURE, "entry_id": self._entry_id},
        )
        return self.async_abort(
            reason="asked_for_address",
            next_flow=(FlowType.CONFIG_FLOW, form["flow_id"]),
        )


class InverterFlow(EntryFlow):
    """A repair of one inverter that asks for confirmation, or a message to acknowledge."""

    async def async_step_init(
        self, _: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask for confirmation."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask for confirmation, then do the repair."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=probatio.Schema({})
            )
        return await self.repair()

    async def repair(self) -> RepairsFlowResult:
        """Do the repair; without one, the issue is deleted."""
        return self.async_create_entry(data={})

    @property
    def runtime(self) -> RuntimeData | None:
        """The inverter; None while its entry is not loaded."""
        loaded: list[AlphaEssConfigEntry] = (
            self.hass.config_entries.async_loaded_entries(DOMAIN)
        )
        found = (entry for entry in loaded if entry.entry_id == self._entry_id)
        return next((entry.runtime_data for entry in found), None)


class ClockFlow(InverterFlow):
    """Sets the inverter's clock, once."""

    @override
    async def repair(self) -> RepairsFlowResult:
        """Set the clock."""
        if (runtime := self.runtime) is None:
            return self.async_abort(reason="not_loaded")
        try:
            await set_clock(runtime.controller)
        except ControlsOffError:
            return self.async_abort(reason="controls_off")
        except IllegalRequestError, NotAppliedError:
            return self.async_abort(reason="refused")
        except CommunicationError:
            return self.async_abort(reason="unanswered")
        return self.async_create_entry(data={})


class OrphanedEntitiesFlow(InverterFlow):
    """Removes entities that the inverter does not serve any more; lifetime counters only if that is selected."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """List the entities, and remove them after confirmation."""
        if (runtime := self.runtime) is None:
            return self.async_abort(reason="not_loaded")
        coordinator = runtime.coordinator
        totals = orphaned(coordinator, totals=True)
        if user_input is not None:
            remove_orphaned(coordinator, totals=user_input.get("totals", False))
            return self.async_create_entry(data={})
        others = orphaned(coordinator, totals=False)
        fields = {probatio.Required("totals", default=False): bool} if totals else {}
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema(fields),
            description_placeholders={
                "inverter": coordinator.config_entry.title,
                "entities": _as_list(others),
                "totals": _as_list(totals),
            },
        )


def _as_list(entities: list[str]) -> str:
    return "".join(f"\n- {entity}" for entity in entities) or " –"


async def async_create_fix_flow(
    _: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow of an issue."""
    kind = issue_id.partition("_")[0]
    return FLOWS[kind](str((data or {})["entry_id"]))


FLOWS: dict[str, type[EntryFlow]] = {
    CONNECTION_LOST: NewAddressFlow,
    CLOCK: ClockFlow,
    ORPHANED: OrphanedEntitiesFlow,
    REBASED: InverterFlow,
}
"""The flow of each kind of issue."""
