"""What all entities of an inverter share."""

from collections.abc import Callable
from typing import override

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.const import Platform
from homeassistant.core import Context, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .alphaess.registers import DispatchOrder
from .const import DOMAIN, entity_unique_id
from .control.controller import InverterController
from .control.order_report import CheckedContext, as_context
from .coordinator import ON_CHANGE, ON_SNAPSHOT, InverterCoordinator


class AlphaEssEntity(CoordinatorEntity[InverterCoordinator]):
    """An entity of one inverter. Its key is also its translation key and the end of its unique id."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: InverterCoordinator, key: str, *, context: str = ON_CHANGE
    ) -> None:
        """Subscribe to updates of `context`: a block's name, or one of the coordinator's constants."""
        super().__init__(coordinator, context)
        self._attr_unique_id = entity_unique_id(coordinator.identity.serial, key)
        self._attr_translation_key = key
        self._attr_device_info = _device_info(coordinator)


class ControlEntity(AlphaEssEntity):
    """An entity that shows or changes what is written to the inverter."""

    def __init__(
        self, controller: InverterController, key: str, *, context: str = ON_CHANGE
    ) -> None:
        """Subscribe as any entity does."""
        super().__init__(controller.coordinator, key, context=context)
        self.controller = controller
        self.call_context: Context | None = None
        """The context of the newest action on this entity."""

    @callback
    @override
    def async_set_context(self, context: Context) -> None:
        """Keep the context of an action, for the order that it gives."""
        self.call_context = context
        super().async_set_context(context)

    @property
    def caller(self) -> Context | None:
        """Who has called the newest action: the permission is checked again before anything is written."""
        context = self.call_context
        return context and CheckedContext.of_user(
            self.hass, context, self._may_be_controlled_by
        )

    def _may_be_controlled_by(self, user: User) -> bool:
        return user.permissions.check_entity(self.entity_id, POLICY_CONTROL)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show the update; an order that is being carried out is its cause."""
        ordered_by = self.controller.ordered_by
        if ordered_by and self.coordinator_context == DispatchOrder.name:
            self.async_set_context(as_context(ordered_by))
        super()._handle_coordinator_update()


def registered_entity_id(
    coordinator: InverterCoordinator, platform: Platform, key: str
) -> str | None:
    """Find the id of a registered entity by its key; None if it was never added."""
    unique_id = entity_unique_id(coordinator.identity.serial, key)
    registry = er.async_get(coordinator.hass)
    return registry.async_get_entity_id(platform, DOMAIN, unique_id)


def update_device(coordinator: InverterCoordinator) -> Callable[[], None]:
    """Show a changed identity of the inverter at its device; returns an unsubscribe."""
    shown = coordinator.identity

    @callback
    def update() -> None:
        nonlocal shown
        if shown == coordinator.identity:
            return
        shown = coordinator.identity
        dr.async_get(coordinator.hass).async_get_or_create(
            config_entry_id=coordinator.config_entry.entry_id,
            **_device_info(coordinator),
        )

    return coordinator.async_add_listener(update, ON_SNAPSHOT)


def _device_info(coordinator: InverterCoordinator) -> DeviceInfo:
    identity, firmware = coordinator.identity, coordinator.identity.firmware
    if coordinator.inverter.register_map.probable:
        firmware = f"{firmware} (Modbus < V1.20, probable)".lstrip()
    return DeviceInfo(
        identifiers={(DOMAIN, identity.serial)},
        manufacturer="AlphaESS",
        model=identity.model,
        name=coordinator.config_entry.title,
        serial_number=identity.serial,
        sw_version=firmware or None,
    )
