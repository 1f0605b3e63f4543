"""What every AlphaESS entity shares."""

from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN, entity_unique_id
from .coordinator import ON_CHANGE, InverterCoordinator


class AlphaEssEntity(CoordinatorEntity[InverterCoordinator]):
    """An entity of one inverter, called by its key everywhere."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: InverterCoordinator, key: str, *, context: str = ON_CHANGE
    ) -> None:
        """Name the entity after its key, and what it follows: a block, if it is all about that."""
        super().__init__(coordinator, context)
        self._attr_unique_id = entity_unique_id(coordinator.identity.serial, key)
        self._attr_translation_key = key
        self._attr_device_info = _device_info(coordinator)


def _device_info(coordinator: InverterCoordinator) -> DeviceInfo:
    identity = coordinator.identity
    return DeviceInfo(
        identifiers={(DOMAIN, identity.serial)},
        manufacturer="AlphaESS",
        model=identity.model,
        name=coordinator.config_entry.title,
        serial_number=identity.serial,
        sw_version=identity.firmware or None,
    )
