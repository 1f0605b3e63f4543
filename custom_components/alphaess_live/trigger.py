"""Triggers for the automation editor: connection, faults and dispatch of the inverters in a target."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast, override

from homeassistant.const import (
    ATTR_DEVICE_ID,
    ATTR_ENTITY_ID,
    CONF_FOR,
    CONF_OPTIONS,
    CONF_TARGET,
    STATE_OFF,
    STATE_ON,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    HomeAssistant,
    State,
    callback,
)
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.target import (
    TargetStateChangedData,
    async_track_target_selector_state_change_event,
)
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType
import probatio

from .control.dispatch_status import DispatchOwner
from .control.order_report import EndReason
from .control.targets import TARGET_FIELDS, entities_with_key, selected_devices
from .feed.messages import LinkRestored
from .monitor.bus_events import DISPATCH_EVENT_TYPE, EVENT_TYPE
from .monitor.dispatch_record import DispatchChange

CONF_OUTAGE = "outage"
CONF_WARNINGS = "warnings"
CONF_CONTROLLED_BY = "controlled_by"
CONF_REASON = "reason"

END_REASONS = tuple(reason for reason in EndReason if reason is not EndReason.REPLACED)
"""A dispatch that is replaced has changed."""

_TARGET = probatio.All(cv.has_at_least_one_key(*TARGET_FIELDS), cv.TARGET_FIELDS)


def _schema(**options: Any) -> probatio.Schema:
    """Return the schema of a trigger with these options, all of them optional."""
    schema = {probatio.Optional(name): validate for name, validate in options.items()}
    return probatio.Schema(
        {
            probatio.Required(CONF_TARGET): _TARGET,
            probatio.Required(CONF_OPTIONS, default={}): schema,
        }
    )


def _several(*choices: str) -> Callable[[Any], Any]:
    """Return a validator for one or more of these choices."""
    return probatio.All(probatio.EnsureList(), [probatio.In(choices)])


class InverterTrigger(Trigger):
    """A trigger with inverters as target."""

    schema: ClassVar[probatio.Schema]

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Check the target and the options."""
        return cast(ConfigType, cls.schema(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Store the target and the options."""
        super().__init__(hass, config)
        self.hass = hass
        self.target = config.target or {}
        self.options = config.options or {}


class EventTrigger(InverterTrigger):
    """Fires on events of the bus. They are fired for changes only, never for a restart."""

    event_type: ClassVar[str]

    def matches(self, data: Mapping[str, Any]) -> bool:
        """Whether an event of an inverter in the target fires the trigger."""
        raise NotImplementedError

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Run the action for each event that matches, with its data, until the result is called."""

        @callback
        def on_event(event: Event) -> None:
            data = event.data
            if not self.matches(data):
                return
            # The target may be an area, whose devices change.
            if data[ATTR_DEVICE_ID] in selected_devices(self.hass, self.target):
                description = f"{data['type']} of {data['serial']}"
                run_action(dict(data), description, event.context)

        return self.hass.bus.async_listen(self.event_type, on_event)


class ConnectedTrigger(EventTrigger):
    """The inverter answers again, after an outage of some length."""

    event_type = EVENT_TYPE
    schema = _schema(**{CONF_OUTAGE: cv.positive_time_period})

    @override
    def matches(self, data: Mapping[str, Any]) -> bool:
        """Whether an outage is over that was long enough."""
        outage, least = data.get("outage_seconds"), self.options.get(CONF_OUTAGE)
        if data["type"] != LinkRestored.type or outage is None:
            return False
        return least is None or timedelta(seconds=outage) >= least


class FaultTrigger(EventTrigger):
    """The inverter reports a fault or, if chosen, a warning."""

    event_type = EVENT_TYPE
    schema = _schema(**{CONF_WARNINGS: cv.boolean})

    @override
    def matches(self, data: Mapping[str, Any]) -> bool:
        """Whether a fault or a chosen warning begins."""
        warnings = self.options.get(CONF_WARNINGS, False)
        types = ("fault_raised", "warning_raised") if warnings else ("fault_raised",)
        return data["type"] in types


class DispatchTrigger(EventTrigger):
    """A change of the dispatch, of this program or another one."""

    event_type = DISPATCH_EVENT_TYPE
    schema = _schema(
        **{CONF_CONTROLLED_BY: _several(DispatchOwner.OURS, DispatchOwner.OTHER)}
    )

    @override
    def matches(self, data: Mapping[str, Any]) -> bool:
        """Whether it is a dispatch of a chosen program."""
        owners = self.options.get(CONF_CONTROLLED_BY)
        return not owners or data["controlled_by"] in owners


class TargetReachedTrigger(DispatchTrigger):
    """A dispatch is at its target, or was when it began; once for each dispatch."""

    @override
    def matches(self, data: Mapping[str, Any]) -> bool:
        """Whether the target is reached now."""
        is_over = data["type"] in (DispatchChange.ENDED, DispatchChange.REFUSED)
        return bool(data["target_reached"]) and not is_over and super().matches(data)


class DispatchEndedTrigger(DispatchTrigger):
    """A dispatch has ended; one that another order of the same program replaces has not."""

    schema = _schema(
        **{
            CONF_CONTROLLED_BY: _several(DispatchOwner.OURS, DispatchOwner.OTHER),
            CONF_REASON: _several(*END_REASONS),
        }
    )

    @override
    def matches(self, data: Mapping[str, Any]) -> bool:
        """Whether it has ended for a chosen reason."""
        reasons = self.options.get(CONF_REASON)
        if data["type"] != DispatchChange.ENDED or not super().matches(data):
            return False
        return not reasons or data["reason"] in reasons


class ForeignDispatchTrigger(DispatchTrigger):
    """A dispatch of another program has begun."""

    schema = _schema()

    @override
    def matches(self, data: Mapping[str, Any]) -> bool:
        """Whether another program controls the battery from now on."""
        change = data["type"], data["controlled_by"]
        return change == (DispatchChange.STARTED, DispatchOwner.OTHER)


class DisconnectedTrigger(InverterTrigger):
    """The inverter has not answered for some time; once for each outage.

    An outage that is found at the start counts from then: after a power failure, Home
    Assistant may be back without the inverter. While an entry is not loaded nothing counts.
    """

    schema = _schema(**{CONF_FOR: cv.positive_time_period})

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Store the time."""
        super().__init__(hass, config)
        self.duration: timedelta = self.options.get(CONF_FOR) or timedelta()
        self.run_action: TriggerActionRunner | None = None
        self.timers: dict[str, CALLBACK_TYPE] = {}
        """By connectivity sensor."""
        self.reported: set[str] = set()
        """The sensors whose outage needs no report: it was reported, or had begun before without a time to wait."""

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Run the action for each outage that is long enough, until the result is called."""
        self.run_action = run_action
        stop = await async_track_target_selector_state_change_event(
            self.hass,
            self.target,
            self.on_state,
            lambda _: entities_with_key(self.hass, self.target, "modbus"),
            self.on_entities,
            primary_entities_only=False,
        )

        @callback
        def remove() -> None:
            stop()
            for entity_id in tuple(self.timers):
                self.cancel(entity_id)

        return remove

    @callback
    def on_state(self, change: TargetStateChangedData) -> None:
        """Follow the state of a sensor."""
        event = change.state_change_event
        before = event.data["old_state"]
        is_new = before is not None and before.state == STATE_ON
        self.update(event.data["entity_id"], event.data["new_state"], is_new=is_new)

    @callback
    def on_entities(
        self, added: set[str], removed: set[str], states: Mapping[str, State | None]
    ) -> None:
        """Follow the sensors of the target, at the start and when it changes."""
        for entity_id in removed:
            self.cancel(entity_id)
        for entity_id in added:
            self.update(entity_id, states[entity_id], is_new=False)

    @callback
    def update(self, entity_id: str, state: State | None, *, is_new: bool) -> None:
        """Start or cancel the time of an outage; `is_new` says whether it has just begun."""
        if state is None or state.state == STATE_ON:
            self.reported.discard(entity_id)
        if state is None or state.state != STATE_OFF:
            self.cancel(entity_id)
        elif entity_id in self.reported or entity_id in self.timers:
            return
        elif self.duration:

            @callback
            def on_time(_: datetime) -> None:
                del self.timers[entity_id]
                self.report(entity_id, state)

            self.timers[entity_id] = async_call_later(self.hass, self.duration, on_time)
        elif is_new:
            self.report(entity_id, state)
        else:
            self.reported.add(entity_id)

    @callback
    def cancel(self, entity_id: str) -> None:
        """Forget the time of an outage."""
        if cancel := self.timers.pop(entity_id, None):
            cancel()

    @callback
    def report(self, entity_id: str, state: State) -> None:
        """Run the action, once for this outage."""
        self.reported.add(entity_id)
        if self.run_action:
            description = f"{entity_id} is disconnected"
            self.run_action(self.payload(entity_id), description, state.context)

    def payload(self, entity_id: str) -> dict[str, Any]:
        """Return what actions may use: the device, and the cause of the outage as the sensor has it."""
        entity = er.async_get(self.hass).async_get(entity_id)
        state = self.hass.states.get(entity_id)
        attributes: Mapping[str, Any] = state.attributes if state else {}
        return {
            ATTR_ENTITY_ID: entity_id,
            ATTR_DEVICE_ID: entity and entity.device_id,
            CONF_FOR: self.duration,
            **{
                name: attributes.get(name)
                for name in ("since", "error_kind", "error_message")
            },
        }


TRIGGERS: dict[str, type[InverterTrigger]] = {
    "disconnected": DisconnectedTrigger,
    "connected": ConnectedTrigger,
    "fault_raised": FaultTrigger,
    "target_reached": TargetReachedTrigger,
    "dispatch_ended": DispatchEndedTrigger,
    "foreign_dispatch_began": ForeignDispatchTrigger,
}


async def async_get_triggers(_: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by their keys."""
    return {**TRIGGERS}
