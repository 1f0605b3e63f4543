"""What every AlphaESS entity shares."""

from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .coordinator import InverterCoordinator


class AlphaEssEntity(CoordinatorEntity[InverterCoordinator]):
    """An entity of one inverter, called by its key everywhere."""

    _attr_has_entity_name = True

    def __init__(self, coordinator: InverterCoordinator, key: str) -> None:
        """Name the entity after its key."""
        super().__init__(coordinator)
        self._attr_unique_id = f"{coordinator.identity.serial}_{key}"
        self._attr_translation_key = key
        self._attr_device_info = coordinator.device_info
