"""Mending what an issue tells of: a new address, a clock that is set, entities that are left over."""

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
from .coordinator import InverterCoordinator
from .exceptions import ControlsOffError
from .monitor.issues import CLOCK, CONNECTION_LOST, STALE
from .monitor.orphaned_entities import orphaned, remove_orphaned


class NewAddressFlow(RepairsFlow):
    """Leads to the form that asks where an inverter is now.

    That form makes sure that the same inverter answers there. The issue stays until
    it does.
    """

    def __init__(self, entry_id: str) -> None:
        """Mend one inverter's entry."""
        self._entry_id = entry_id

    async def async_step_init(
        self, _: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say what may be the matter: a new address is only one of the causes."""
        return await self.async_step_address()

    async def async_step_address(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Open the form."""
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


class InverterFlow(RepairsFlow):
    """Asks about one inverter before anything is done."""

    def __init__(self, entry_id: str) -> None:
        """Mend what is wrong with one inverter's entry."""
        self._entry_id = entry_id

    async def async_step_init(
        self, _: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask first."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask, and do it when told to."""
        raise NotImplementedError

    @property
    def coordinator(self) -> InverterCoordinator | None:
        """What reads the inverter; None while its entry is not loaded."""
        loaded = self.hass.config_entries.async_loaded_entries(DOMAIN)
        ours = (entry for entry in loaded if entry.entry_id == self._entry_id)
        return next((entry.runtime_data for entry in ours), None)


class ClockFlow(InverterFlow):
    """Sets the inverter's clock, once."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Set the clock when told to."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=probatio.Schema({})
            )
        if (coordinator := self.coordinator) is None:
            return self.async_abort(reason="not_loaded")
        try:
            await set_clock(coordinator)
        except ControlsOffError:
            return self.async_abort(reason="controls_off")
        except IllegalRequestError, NotAppliedError:
            return self.async_abort(reason="refused")
        except CommunicationError:
            return self.async_abort(reason="unanswered")
        return self.async_create_entry(data={})


class OrphanedEntitiesFlow(InverterFlow):
    """Removes entities that the inverter does not serve any more; lifetime counters only if that is ticked."""

    @override
    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Name everything, and remove it when told to."""
        if (coordinator := self.coordinator) is None:
            return self.async_abort(reason="not_loaded")
        totals = orphaned(coordinator, totals=True)
        if user_input is not None:
            remove_orphaned(coordinator, totals=user_input.get("totals", False))
            return self.async_create_entry(data={})
        others = orphaned(coordinator, totals=False)
        tick = {probatio.Required("totals", default=False): bool} if totals else {}
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema(tick),
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
    """Choose how an issue is mended."""
    kind = issue_id.partition("_")[0]
    return FLOWS[kind](str((data or {})["entry_id"]))


FLOWS: dict[str, type[NewAddressFlow | InverterFlow]] = {
    CONNECTION_LOST: NewAddressFlow,
    CLOCK: ClockFlow,
    STALE: OrphanedEntitiesFlow,
}
"""How each kind of issue is mended."""
