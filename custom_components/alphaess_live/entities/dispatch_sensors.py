"""Sensors of the dispatch: what runs, whose it is, when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass as Device,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import UnitOfTime

from ..alphaess.dispatch import BatteryAction
from ..alphaess.registers import DispatchOrder
from ..control.controller import InverterController
from ..control.dispatch_status import DispatchOwner, DispatchStatus
from ..entity import ControlEntity
from .dynamic import EntityCandidate


@dataclass(frozen=True, kw_only=True)
class DispatchDescription(SensorEntityDescription):
    """One fact about the dispatch."""

    tell: Callable[[DispatchStatus], str | int | datetime | None]


SENSORS = (
    DispatchDescription(
        key="dispatch_status",
        device_class=Device.ENUM,
        options=[doing.value for doing in BatteryAction],
        tell=lambda told: told.battery_action.value,
    ),
    DispatchDescription(
        key="dispatch_controlled_by",
        device_class=Device.ENUM,
        options=[holder.value for holder in DispatchOwner],
        tell=lambda told: told.owner.value,
    ),
    DispatchDescription(
        key="dispatch_expires",
        device_class=Device.TIMESTAMP,
        tell=lambda told: told.expires_at,
    ),
    DispatchDescription(
        key="dispatch_remaining",
        device_class=Device.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=0,
        # It changes with every snapshot; `dispatch_expires` says the same in one row.
        entity_registry_enabled_default=False,
        tell=lambda told: told.remaining,
    ),
)


def dispatch_sensors(controller: InverterController) -> list[EntityCandidate]:
    """Show them where the inverter serves the order's registers."""
    return [
        EntityCandidate(
            key=one.key,
            part=DispatchOrder.name,
            make=partial(DispatchSensor, controller, one),
        )
        for one in SENSORS
    ]


class DispatchSensor(ControlEntity, SensorEntity):
    """One fact about the dispatch."""

    entity_description: DispatchDescription

    def __init__(
        self, controller: InverterController, description: DispatchDescription
    ) -> None:
        """Tell what the description says."""
        super().__init__(controller, description.key, context=DispatchOrder.name)
        self.entity_description = description

    @property
    @override
    def available(self) -> bool:
        """Whether the order's registers are known."""
        return super().available and self.controller.dispatch is not None

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
        """The fact; None for what is known of our own dispatch only."""
        dispatch = self.controller.dispatch
        return self.entity_description.tell(dispatch) if dispatch else None
