"""Sensors of the dispatch: what runs, which program controls it, when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass as Device,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import UnitOfTime

from ..alphaess.dispatch import BatteryAction
from ..alphaess.registers import DispatchOrder
from ..control.controller import InverterController
from ..control.dispatch_status import (
    HOLDING_AT_TARGET,
    HOLDING_GRID,
    DispatchOwner,
    DispatchStatus,
)
from ..control.order_warnings import feed_in_warnings
from ..entity import ControlEntity
from .dynamic import EntityCandidate


@dataclass(frozen=True, kw_only=True)
class DispatchDescription(SensorEntityDescription):
    """Describes a sensor of the dispatch."""

    value_of: Callable[[DispatchStatus], str | int | datetime | None]


STATUS = DispatchDescription(
    key="dispatch_status",
    device_class=Device.ENUM,
    options=[
        *(action.value for action in BatteryAction),
        HOLDING_AT_TARGET,
        HOLDING_GRID,
    ],
    value_of=lambda status: status.status,
)
SENSORS = (
    DispatchDescription(
        key="dispatch_controlled_by",
        device_class=Device.ENUM,
        options=[owner.value for owner in DispatchOwner],
        value_of=lambda status: status.owner.value,
    ),
    DispatchDescription(
        key="dispatch_expires",
        device_class=Device.TIMESTAMP,
        value_of=lambda status: status.expires_at,
    ),
    DispatchDescription(
        key="dispatch_remaining",
        device_class=Device.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=0,
        # It changes with every snapshot; `dispatch_expires` needs one recorded state.
        entity_registry_enabled_default=False,
        value_of=lambda status: status.remaining,
    ),
)


def dispatch_sensors(controller: InverterController) -> list[EntityCandidate]:
    """List the sensors of the dispatch, for an inverter that has its registers."""
    return [
        EntityCandidate(
            key=description.key,
            part=DispatchOrder.name,
            make=partial(sensor, controller, description),
        )
        for sensor, description in (
            (DispatchStatusSensor, STATUS),
            *((DispatchSensor, one) for one in SENSORS),
        )
    ]


class DispatchSensor(ControlEntity, SensorEntity):
    """Shows one value of the dispatch."""

    entity_description: DispatchDescription

    def __init__(
        self, controller: InverterController, description: DispatchDescription
    ) -> None:
        """Show the value that the description selects."""
        super().__init__(controller, description.key, context=DispatchOrder.name)
        self.entity_description = description

    @property
    @override
    def available(self) -> bool:
        """Whether the dispatch registers are known."""
        return super().available and self.controller.dispatch is not None

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
        """The value; None for what is known only of a dispatch of ours."""
        dispatch = self.controller.dispatch
        return self.entity_description.value_of(dispatch) if dispatch else None


class DispatchStatusSensor(DispatchSensor):
    """Shows what runs, with its power, its target, its end, and who has ordered it."""

    # They change with each renewal of an order; the event entity records the orders.
    _unrecorded_attributes = frozenset({"power", "expires_at"})

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """W (positive to discharge), %, a time in UTC, a name; None without a dispatch.

        `grid_power` is W at the meter (positive to import); None without a grid target.
        `warning` is a code: only an action has a response with the warnings of its order.
        """
        status = self.controller.dispatch
        running = status if status and status.active else None
        by = running and running.ordered_by
        target = running and running.grid_target
        warnings = (
            feed_in_warnings(self.controller, running.order)
            if running and not target
            else ()
        )
        return {
            "grid_power": target and target.power,
            "power": running and running.power,
            "block": running.block if running and not target else None,
            "target_soc": running and running.order.target_soc,
            "pv": running and running.pv,
            "expires_at": running and running.expires_at,
            "ordered_by": by and by.name,
            "warning": warnings[0].code if warnings else None,
        }
