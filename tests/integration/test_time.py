"""Start and end of the charging periods."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from .conftest import House
from .service_calls import entity_state, select_periods, set_time


async def test_same_period_end_twice_is_written_once(
    hass: HomeAssistant, enabled_house: House
) -> None:
    for _ in range(2):
        await set_time(hass, enabled_house, "charge_period_1_end", "05:00")
    [request] = enabled_house.inverter.journal.written
    assert (request.address, request.values) == (0x0857, (5,))


async def test_period_that_overlaps_another_is_rejected(
    hass: HomeAssistant, enabled_house: House
) -> None:
    await set_time(hass, enabled_house, "charge_period_1_end", "05:00")
    await set_time(hass, enabled_house, "charge_period_2_start", "06:00")
    await set_time(hass, enabled_house, "charge_period_2_end", "07:00")
    await select_periods(hass, enabled_house, "charge")
    with pytest.raises(ServiceValidationError) as caught:
        await set_time(hass, enabled_house, "charge_period_2_start", "04:00")
    assert caught.value.translation_key == "schedule_overlap"
    start = entity_state(hass, enabled_house, "time", "charge_period_2_start")
    assert start == "06:00:00"
