"""How orders and settings are given: by actions, entities and REST, each with its answer."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
import json
from typing import Any, Self
from unittest.mock import MagicMock

from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import KEY_AUTHENTICATED, KEY_HASS
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.alphaess_live.alphaess.dispatch import HoldBlock
from custom_components.alphaess_live.alphaess.grid_regulator import MAX_LEASE_SECONDS
from custom_components.alphaess_live.alphaess.registers import (
    DispatchMode,
    DispatchOrder,
    FeedIn,
    Periods,
)
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control.manual import ManualAction, Setpoint
from custom_components.alphaess_live.runtime import AlphaEssConfigEntry
from custom_components.alphaess_live.web.order_views import (
    ChargeView,
    DischargeView,
    GridTargetView,
    HoldView,
    OrderView,
    StopView,
)

PARTS = (Platform.BUTTON, Platform.SELECT, Platform.SWITCH)
"""The platforms that give orders."""


class Interface(StrEnum):
    """By which interface an order is given."""

    ACTION = "action"
    BUTTON = "button"
    SELECT = "select"
    REST = "REST"


class Kind(StrEnum):
    """What is ordered or set."""

    CHARGE = "charge"
    DISCHARGE = "discharge"
    HOLD = "hold"
    BLOCK_DISCHARGE = "block_discharge"
    BLOCK_CHARGE = "block_charge"
    GRID = "hold_grid"
    STOP = "stop"
    PV_OFF = "pv_off"
    PV_ON = "pv_on"
    FEED_IN = "feed_in"
    SCHEDULE = "schedule"


FORCES = (Kind.CHARGE, Kind.DISCHARGE)
STARTS = (*FORCES, Kind.HOLD, Kind.BLOCK_DISCHARGE, Kind.BLOCK_CHARGE, Kind.GRID)
"""Those that begin a dispatch."""
SETTINGS = (Kind.FEED_IN, Kind.SCHEDULE)
BY_ACTION = (*SETTINGS, Kind.GRID)
"""Those for which no button exists."""
BLOCKS = {
    Kind.HOLD: HoldBlock.BOTH,
    Kind.BLOCK_DISCHARGE: HoldBlock.DISCHARGE,
    Kind.BLOCK_CHARGE: HoldBlock.CHARGE,
}
MODES = {
    Kind.BLOCK_DISCHARGE: DispatchMode.PV_CHARGE_ONLY,
    Kind.BLOCK_CHARGE: DispatchMode.NO_CHARGE,
}
SETPOINTS = {
    Setpoint.POWER: 2500,
    Setpoint.CHARGE_TARGET: 81,
    Setpoint.DISCHARGE_TARGET: 29,
    Setpoint.DURATION: 2,
}
"""What the buttons and the select order."""
GRID_BOUNDS = {"min_soc": 20, "max_soc": 90}
GRID_LIMIT = 3000
"""W; the power of the battery while it holds one at the meter."""
NO_TARGET = 100
"""%; the target of a hold."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One order or setting, and who asks for it how."""

    kind: Kind
    interface: Interface = Interface.ACTION
    power: int = 2000
    """W."""
    target: int = 80
    """%; also the value of a setting."""
    minutes: int = 3
    take_over: bool = False
    delay: float = 0.0
    """Seconds until it is given."""
    cancelled_after: float | None = None
    """Seconds after which its caller is cancelled."""

    @classmethod
    def normalised(cls, **fields: Any) -> Self:
        """Build a request; an entity has the setpoints of all entities."""
        request = cls(**fields)
        if request.interface in (Interface.ACTION, Interface.REST):
            return request
        targets = {
            Kind.CHARGE: Setpoint.CHARGE_TARGET,
            Kind.DISCHARGE: Setpoint.DISCHARGE_TARGET,
        }
        target = targets.get(request.kind)
        return replace(
            request,
            power=SETPOINTS[Setpoint.POWER],
            target=SETPOINTS[target] if target else request.target,
            minutes=SETPOINTS[Setpoint.DURATION],
            take_over=False,
        )

    def __str__(self) -> str:
        """Format in one line."""
        parts = [f"{self.kind} by {self.interface}"]
        if self.kind in FORCES:
            parts.append(f"{self.power} W")
        if self.kind in (*FORCES, *SETTINGS):
            parts.append(f"{self.target} %")
        if self.kind in STARTS:
            parts.append(f"{self.minutes} min")
        if self.take_over:
            parts.append("take over")
        if self.delay:
            parts.append(f"after {self.delay} s")
        if self.cancelled_after is not None:
            parts.append(f"cancelled after {self.cancelled_after} s")
        return ", ".join(parts)

    @property
    def seconds(self) -> int:
        """The duration."""
        return 60 * self.minutes

    def may_order(self, order: DispatchOrder) -> bool:
        """Whether a grid target may give this order."""
        bounds = {NO_TARGET, *GRID_BOUNDS.values()}
        return (
            order.mode is DispatchMode.SOC_CONTROL
            and abs(order.power) <= GRID_LIMIT
            and any(abs(order.target_soc - bound) < 0.5 for bound in bounds)
            and order.duration <= MAX_LEASE_SECONDS
        )

    def words(self, *, rated: int, shorter: int = 0) -> dict[int, int]:
        """Return the words of the order; it may be shorter by some seconds, to differ from others that may run."""
        signs = {Kind.CHARGE: -1, Kind.DISCHARGE: 1}
        power = signs.get(self.kind, 0) * self.power
        if self.kind is Kind.BLOCK_DISCHARGE:
            power = -rated
        return DispatchOrder(
            start=1,
            power=power,
            reactive_power=0,
            mode=MODES.get(self.kind, DispatchMode.SOC_CONTROL),
            target_soc=self.target if self.kind in FORCES else NO_TARGET,
            duration=self.seconds - shorter,
        ).encode()

    @property
    def setting(self) -> dict[int, int]:
        """Return the words of a setting."""
        register = (
            FeedIn.registers["limit"]
            if self.kind is Kind.FEED_IN
            else Periods.registers["discharge_floor"]
        )
        return register.encode(self.target)


class AnswerKind(StrEnum):
    """What the caller learns of its order."""

    VERIFIED = "verified"
    NOT_APPLIED = "not applied"
    FOREIGN = "a dispatch of another program runs"
    UNKNOWN = "unknown"
    UNREACHED = "nothing was written"
    REJECTED = "rejected"
    """Not possible, not permitted, or not loaded."""
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Answer:
    """One answer."""

    kind: AnswerKind
    detail: str = ""
    applied: dict[str, Any] = field(default_factory=dict)


_REST_CODES = {
    "foreign_dispatch": AnswerKind.FOREIGN,
    "not_applied": AnswerKind.NOT_APPLIED,
    "outcome_unknown": AnswerKind.UNKNOWN,
    "no_answer": AnswerKind.UNREACHED,
    "modbus_disconnected": AnswerKind.UNREACHED,
}
_VIEWS: dict[Kind, type[OrderView]] = {
    Kind.CHARGE: ChargeView,
    Kind.DISCHARGE: DischargeView,
    Kind.GRID: GridTargetView,
    Kind.STOP: StopView,
    **dict.fromkeys(BLOCKS, HoldView),
}


class Caller:
    """Gives orders to one entry, by any interface."""

    def __init__(self, hass: HomeAssistant, entry: AlphaEssConfigEntry) -> None:
        """Use the entities of this Home Assistant."""
        self._hass = hass
        self._entry = entry

    async def give(self, request: Request, context: Context) -> Answer:
        """Give an order, and return its answer."""
        if self._entry.state is not ConfigEntryState.LOADED:
            return Answer(AnswerKind.REJECTED, "not loaded")
        if request.interface is Interface.REST and request.kind in _VIEWS:
            return await self._post(request, context)
        try:
            applied = await self._call(request, context)
        except HomeAssistantError as err:
            return _answer_of(err)
        if applied is None:
            return Answer(AnswerKind.REJECTED, "unavailable")
        return Answer(AnswerKind.VERIFIED, applied=applied)

    async def _call(self, request: Request, context: Context) -> dict[str, Any] | None:
        """Call an action; returns None if its entity is unavailable."""
        kind, entity = request.kind, {}
        if kind in (Kind.PV_ON, Kind.PV_OFF):
            domain, action = "switch", f"turn_{kind.removeprefix('pv_')}"
            entity = self._entity(Platform.SWITCH, "dispatch_pv")
        elif kind not in BY_ACTION and request.interface is Interface.BUTTON:
            domain, action = "button", "press"
            entity = self._entity(Platform.BUTTON, f"dispatch_{ManualAction(kind)}")
        elif kind not in BY_ACTION and request.interface is Interface.SELECT:
            domain, action = "select", "select_option"
            entity = self._entity(Platform.SELECT, "dispatch")
            if entity:
                entity = entity | {"option": ManualAction(kind).value}
        else:
            return await self._call_action(request, context)
        if not entity:
            return None
        await self._hass.services.async_call(
            domain, action, entity, blocking=True, context=context
        )
        return {}

    def _entity(self, platform: Platform, key: str) -> dict[str, Any]:
        unique_id = f"{self._entry.runtime_data.coordinator.identity.serial}_{key}"
        found = er.async_get(self._hass).async_get_entity_id(
            platform, DOMAIN, unique_id
        )
        state = self._hass.states.get(found) if found else None
        if state is None or state.state == "unavailable":
            return {}
        return {"entity_id": found}

    async def _call_action(self, request: Request, context: Context) -> dict[str, Any]:
        fields: dict[str, Any] = {"take_over": request.take_over}
        action = str(request.kind)
        if request.kind is Kind.FEED_IN:
            action, fields["share"] = "limit_feed_in", request.target
        elif request.kind is Kind.SCHEDULE:
            action, fields = "set_schedule", {"discharge_floor": request.target}
        elif request.kind in STARTS:
            fields["duration"] = timedelta(seconds=request.seconds)
        if request.kind in FORCES:
            fields |= {"power": request.power, "target_soc": request.target}
        if request.kind is Kind.GRID:
            fields |= GRID_BOUNDS
            fields |= {"power": 0, "max_power": GRID_LIMIT}
        if block := BLOCKS.get(request.kind):
            action, fields["block"] = "hold", block
        answer: Any = await self._hass.services.async_call(
            DOMAIN,
            action,
            fields,
            blocking=True,
            context=context,
            return_response=True,
        )
        assert answer["verified"]
        return dict(answer["applied"])

    async def _post(self, request: Request, context: Context) -> Answer:
        """Post an order as the HTTP server passes it to the view; its user has the id of the context."""
        body: dict[str, Any] = {"takeOver": request.take_over}
        if request.kind in STARTS:
            body["duration"] = request.seconds
        if request.kind in FORCES:
            body |= {"power": request.power, "targetSoc": request.target}
        if block := BLOCKS.get(request.kind):
            body["block"] = block
        if request.kind is Kind.GRID:
            body |= {"minSoc": GRID_BOUNDS["min_soc"], "maxSoc": GRID_BOUNDS["max_soc"]}
            body |= {"power": 0, "maxPower": GRID_LIMIT}
        view, content = _VIEWS[request.kind](), json.dumps(body).encode()
        payload = StreamReader(MagicMock(), limit=4096)
        payload.feed_data(content)
        payload.feed_eof()
        app = MagicMock()
        app.__getitem__.side_effect = {KEY_HASS: self._hass}.__getitem__
        http = make_mocked_request("POST", view.path, payload=payload, app=app)
        http[KEY_AUTHENTICATED] = True
        http[KEY_HASS_USER] = MockUser(id=context.id, is_owner=True)
        response = await view.post(http)
        assert isinstance(response.body, bytes)
        answer = json.loads(response.body)
        if response.status == 200:
            assert answer["verified"]
            return Answer(AnswerKind.VERIFIED, applied=_snake_case(answer["applied"]))
        code = answer["error"]
        return Answer(_REST_CODES.get(code, AnswerKind.REJECTED), answer["message"])


def _snake_case(applied: dict[str, Any]) -> dict[str, Any]:
    return {"target_soc" if k == "targetSoc" else k: v for k, v in applied.items()}


def _answer_of(err: HomeAssistantError) -> Answer:
    """Return what the caller of an action learns of its failure."""
    key = err.translation_key or ""
    for beginning, kind in (
        ("not_applied", AnswerKind.NOT_APPLIED),
        ("foreign_dispatch", AnswerKind.FOREIGN),
        ("order_unknown", AnswerKind.UNKNOWN),
        ("unanswered", AnswerKind.UNREACHED),
    ):
        if key.startswith(beginning):
            return Answer(kind, str(err))
    return Answer(AnswerKind.REJECTED, f"{key}: {err}")
