"""Who gives an order, and what is reported of it: what was requested, and whether it was applied."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import Context, Event, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized

from ..alphaess.lease import Lease, OrderedBy
from ..exceptions import NotPermittedError
from .dispatch_status import DispatchOwner

MAX_CONTEXTS = 1000
"""Runs of automations and scripts whose names are kept; the oldest ones are forgotten."""

RUN_EVENTS = ("automation_triggered", "script_started")
"""What Home Assistant fires when an automation or a script begins to run, with its name."""


class CheckedContext(Context):
    """Who gives an order, with a check for the moment at which it is given: a permission may end before."""

    __slots__ = ("require_permission",)

    def __init__(
        self, context: Context, require_permission: Callable[[], Awaitable[None]]
    ) -> None:
        """Add a check to a context. It raises NotPermittedError if the order must not be given any more."""
        super().__init__(context.user_id, context.parent_id, context.id)
        self.require_permission = require_permission

    @classmethod
    def of_user(
        cls, hass: HomeAssistant, context: Context, is_permitted: Callable[[User], bool]
    ) -> Self:
        """Add a check of the user; an automation that no user has started is always permitted."""

        async def require_permission() -> None:
            if context.user_id is None:
                return
            user = await hass.auth.async_get_user(context.user_id)
            if user is None or not user.is_active or not is_permitted(user):
                refused = Unauthorized(context=context, permission=POLICY_CONTROL)
                raise NotPermittedError(refused)

        return cls(context, require_permission)


async def require_permission(context: Context | None) -> None:
    """Raise NotPermittedError if the caller may not do this any more; None is this program itself."""
    if isinstance(context, CheckedContext):
        await context.require_permission()


@asynccontextmanager
async def permitted_reading(context: Context | None) -> AsyncIterator[None]:
    """Read for a caller: what is read, or why it is not, is only for one who still may do this.

    Raises NotPermittedError, also instead of an error.
    """
    try:
        yield
    except Exception:
        await require_permission(context)
        raise
    await require_permission(context)


class EndReason(StrEnum):
    """Why a dispatch has ended."""

    TARGET_REACHED = "target_reached"
    TIME_OVER = "time_over"
    STOPPED = "stopped"
    REPLACED = "replaced"
    """By another order of this program."""
    OVERWRITTEN = "overwritten"
    """By an order of another program; or a dispatch of another program was taken over."""
    NOT_RENEWED = "not_renewed"
    """A grid target, while the connection was lost or Home Assistant did not run."""
    UNLOAD = "unload"
    INVERTER_RESTARTED = "inverter_restarted"
    """It was disconnected, and its order registers are empty."""
    UNKNOWN = "unknown"
    """Before its time: another program has stopped it, or the inverter has."""


class Refusal(StrEnum):
    """Why an order was not carried out; the error codes of the API."""

    NOT_APPLIED = "not_applied"
    FOREIGN_DISPATCH = "foreign_dispatch"


@dataclass(frozen=True, kw_only=True)
class OrderRequest:
    """What is requested, and by whom."""

    requested: Mapping[str, Any] | None
    """As `alphaess.dispatch.to_dict` returns it; None if it begins and ends none."""
    context: Context | None
    """None if this program gives the order itself."""
    end_reason: EndReason
    """Why the running dispatch ends, if it does."""

    def permitted_reading(self) -> AbstractAsyncContextManager[None]:
        """Read for this caller; see the function."""
        return permitted_reading(self.context)


@dataclass(frozen=True, kw_only=True)
class OrderReport:
    """What became of a request."""

    request: OrderRequest
    ordered_by: OrderedBy | None
    applied: Mapping[str, Any] | None
    """What the inverter has applied, or what runs instead; None if that is unknown."""
    is_applied: bool
    refusal: Refusal | None
    """None if it is applied, and also if that is unknown."""
    owner_before: DispatchOwner | None
    """Whose dispatch was running before; None if that could not be read."""
    lease: Lease | None = None
    """The order as it was written, if it has taken effect or still may; None for other orders."""


class Callers:
    """Finds the name of who calls: of the automation or script that runs, otherwise of the user."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Keep the names of automations and scripts that begin to run, until `close`."""
        self._hass = hass
        self._names: dict[str, str] = {}
        self._unsubscribe: list[Callable[[], None]] = [
            hass.bus.async_listen(event, self._on_run) for event in RUN_EVENTS
        ]

    @callback
    def close(self) -> None:
        """Stop."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()

    @callback
    def _on_run(self, event: Event) -> None:
        # A script that an automation calls has the same context: the automation came first.
        self._names.setdefault(event.context.id, str(event.data.get("name")))
        if len(self._names) > MAX_CONTEXTS:
            del self._names[next(iter(self._names))]

    async def identify(self, context: Context | None) -> OrderedBy | None:
        """Return who gives an order with this context; None for this program itself."""
        if context is None:
            return None
        # A trigger of this program runs its automation before the bus delivers that it runs.
        await asyncio.sleep(0)
        name = self._names.get(context.id)
        if name is None and context.user_id:
            user = await self._hass.auth.async_get_user(context.user_id)
            name = user.name if user else None
        return OrderedBy(
            name=name,
            context_id=context.id,
            user_id=context.user_id,
            parent_id=context.parent_id,
        )


def as_context(ordered_by: OrderedBy) -> Context:
    """Return the context of an order, so that Home Assistant shows what has caused a change."""
    return Context(
        id=ordered_by.context_id,
        user_id=ordered_by.user_id,
        parent_id=ordered_by.parent_id,
    )
