"""Mending what an issue tells of: a new address, a clock that is set."""

from typing import Any

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.components.repairs.const import FlowType
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import HomeAssistant
import probatio

from .alphaess.errors import ControlsOffError, RefusedError, UnansweredError
from .clock import set_clock
from .const import DOMAIN
from .issues import AWAY, CLOCK, STALE
from .stale import remove_stale, stale


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
        form = await self.hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_RECONFIGURE, "entry_id": self._entry_id},
        )
        return self.async_abort(
            reason="asked_for_address",
            next_flow=(FlowType.CONFIG_FLOW, form["flow_id"]),
        )


class ClockFlow(RepairsFlow):
    """Sets the inverter's clock, once."""

    def __init__(self, entry_id: str) -> None:
        """Mend one inverter's clock."""
        self._entry_id = entry_id

    async def async_step_init(
        self, _: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask before anything is written."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Set the clock when told to."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm", data_schema=probatio.Schema({})
            )
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        if entry not in self.hass.config_entries.async_loaded_entries(DOMAIN):
            return self.async_abort(reason="not_loaded")
        try:
            await set_clock(entry.runtime_data)
        except ControlsOffError:
            return self.async_abort(reason="controls_off")
        except RefusedError:
            return self.async_abort(reason="refused")
        except UnansweredError:
            return self.async_abort(reason="unanswered")
        return self.async_create_entry(data={})


class StaleFlow(RepairsFlow):
    """Removes entities that the inverter does not serve any more; lifetime counters only if that is ticked."""

    def __init__(self, entry_id: str) -> None:
        """Clear up behind one inverter."""
        self._entry_id = entry_id

    async def async_step_init(
        self, _: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Name everything before anything is removed."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remove it when told to."""
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        if entry not in self.hass.config_entries.async_loaded_entries(DOMAIN):
            return self.async_abort(reason="not_loaded")
        coordinator = entry.runtime_data
        totals = stale(coordinator, totals=True)
        if user_input is not None:
            remove_stale(coordinator, totals=user_input.get("totals", False))
            return self.async_create_entry(data={})
        others = stale(coordinator, totals=False)
        tick = {probatio.Required("totals", default=False): bool} if totals else {}
        return self.async_show_form(
            step_id="confirm",
            data_schema=probatio.Schema(tick),
            description_placeholders={
                "inverter": entry.title,
                "entities": _listed(others),
                "totals": _listed(totals),
            },
        )


def _listed(entities: list[str]) -> str:
    return "".join(f"\n- {entity}" for entity in entities) or " –"


async def async_create_fix_flow(
    _: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Choose how an issue is mended."""
    kind = issue_id.partition("_")[0]
    return FLOWS[kind](str((data or {})["entry_id"]))


FLOWS: dict[str, type[NewAddressFlow | ClockFlow | StaleFlow]] = {
    AWAY: NewAddressFlow,
    CLOCK: ClockFlow,
    STALE: StaleFlow,
}
"""How each kind of issue is mended."""
