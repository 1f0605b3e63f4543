"""Odd words, frost, exchanged devices: what the entities show, and what is written to the inverter."""

from collections.abc import Mapping
from dataclasses import dataclass
import logging
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess import inverter as reading, slow_blocks
from custom_components.alphaess_live.alphaess.registers import (
    InverterState,
    SystemTotals,
)
from custom_components.alphaess_live.alphaess.scales import VARIANTS
from custom_components.alphaess_live.const import (
    CONF_CONFIRMED_SCALES,
    CONF_MODEL_FAMILY,
    CONF_VARIANTS,
)

from .conftest import House, poll, set_behaviour
from .service_calls import call_action, set_number

FLOOR, TARGET = 0x0850, 0x0855
KEYS = (
    "grid_voltage_l1",
    "battery_cell_voltage_max",
    "inverter_temperature",
    "system_pv_energy_total",
    "discharge_floor",
    "charge_target",
)


@dataclass
class Reader:
    """A house whose entry is read once in 21 seconds, without waiting."""

    hass: HomeAssistant
    house: House
    seconds: float = 0

    async def sample(
        self, odd: Mapping[int, int] | None = None, count: int = 1
    ) -> None:
        """Read full snapshots with these words in place of the right ones."""
        set_behaviour(self.house, word_overrides=odd or {})
        for _ in range(count):
            self.seconds += 21
            await poll(self.house, full=True)
        set_behaviour(self.house, word_overrides={})
        await self.hass.async_block_till_done()

    def show(self, key: str) -> str:
        """Return the state of a sensor or a number."""
        return self.house.state(self.hass, key)

    async def set_floor(self, percent: float) -> int:
        """Set the discharge floor, and return its word."""
        await set_number(self.hass, self.house, "discharge_floor", percent)
        return self.house.inverter.words()[FLOOR]

    async def refusal(self, percent: float = 20) -> str | None:
        """Set the discharge floor; return the key of the error, after which nothing was written."""
        self.house.inverter.journal.clear()
        with pytest.raises(ServiceValidationError) as caught:
            await self.set_floor(percent)
        assert not self.house.inverter.journal.written
        return caught.value.translation_key


@pytest.fixture
def stored() -> dict[str, Any]:
    """Return what is stored of the scales; tests parametrize it."""
    return {CONF_VARIANTS: []}


@pytest.fixture
def first_words() -> dict[int, int]:
    """Return the words in place of the right ones at the first reading; tests parametrize it."""
    return {}


@pytest.fixture
async def reader(
    hass: HomeAssistant,
    house: House,
    stored: dict[str, Any],
    first_words: dict[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> Reader:
    """Set up an entry of which nothing but this is stored, with the entities of its scales."""
    reader = Reader(hass, house)
    for module in (reading, slow_blocks):
        monkeypatch.setattr(module, "monotonic", lambda: reader.seconds)
    data = {k: v for k, v in house.entry.data.items() if k != CONF_CONFIRMED_SCALES}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, data=data | stored)
    registry = er.async_get(hass)
    for key in KEYS:
        domain = "number" if key in KEYS[-2:] else "sensor"
        unique_id = f"{house.identity.serial}_{key}"
        registry.async_get_or_create(
            domain, "alphaess_live", unique_id, config_entry=house.entry
        )
    set_behaviour(house, word_overrides=first_words)
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    set_behaviour(house, word_overrides={})
    return reader


ODD = (
    {TARGET: 300},
    {FLOOR: 0xFFFF},
    {FLOOR: 200, TARGET: 950},
    {0x0014: 0xFFFF},
    {0x0014: 2300},
    {0x010A: 40},
    {0x0107: 330, 0x010A: 334},
    {0x0435: 2530},
    {0x0435: 0xFFFF},
)


@pytest.mark.parametrize("first_words", ODD)
async def test_odd_word_at_the_first_read_changes_nothing(reader: Reader) -> None:
    await reader.sample(count=5)
    assert await reader.set_floor(20) == 20
    assert float(reader.show("grid_voltage_l1")) == pytest.approx(230, abs=8)
    assert float(reader.show("battery_cell_voltage_max")) == pytest.approx(3.3, abs=0.3)
    assert 20 < float(reader.show("inverter_temperature")) < 70
    assert reader.house.entry.data[CONF_VARIANTS] == []


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_odd_word_in_the_first_minute_writes_no_wrong_floor(
    reader: Reader, odd: dict[int, int], at: int
) -> None:
    refusals = []
    for n in range(1, 8):
        await reader.sample(odd if n == at else None)
        set_behaviour(reader.house, word_overrides={})
        try:
            assert await reader.set_floor(15 + n) == 15 + n
        except ServiceValidationError as err:
            refusals.append(err.translation_key)
            assert reader.house.inverter.words()[FLOOR] == 10
    assert reader.house.inverter.words()[FLOOR] == 22
    assert set(refusals) == {"schedule_uncertain_scale"}


@pytest.mark.parametrize(
    ("odd", "key"),
    [
        ({0x0014: 2300}, "grid_voltage_l1"),
        ({0x0014: 0xFFFF}, "grid_voltage_l1"),
        ({0x010A: 40}, "battery_cell_voltage_max"),
        ({0x0435: 900 + 401}, "inverter_temperature"),
    ],
)
async def test_odd_word_out_of_the_range_of_a_scale_is_held_and_counted(
    reader: Reader, odd: dict[int, int], key: str
) -> None:
    await reader.sample(count=5)
    before = reader.show(key)
    stats = reader.house.coordinator.inverter.stats
    for count in range(1, 4):
        await reader.sample(odd)
        assert reader.show(key) == before
        assert stats.rejected_samples == count
    await reader.sample(odd)
    assert reader.show(key) == "unknown"
    await reader.sample()
    assert reader.show(key) == before


async def test_odd_word_that_fits_the_other_scale_is_unknown_once(
    reader: Reader,
) -> None:
    await reader.sample(count=5)
    before = reader.show("inverter_temperature")
    await reader.sample({0x0435: 9000})
    assert reader.show("inverter_temperature") == "unknown"
    await reader.sample()
    assert reader.show("inverter_temperature") == before


async def test_floor_is_refused_in_the_first_minute_only(reader: Reader) -> None:
    assert reader.show("discharge_floor") == "10"
    assert await reader.refusal() == "schedule_uncertain_scale"
    await reader.sample(count=2)
    assert await reader.refusal() == "schedule_uncertain_scale"
    await call_action(reader.hass, "set_schedule", {"charge_period_1_end": "05:00"})
    await reader.sample(count=2)
    assert await reader.set_floor(20) == 20


async def test_confirmed_scales_are_stored_for_the_next_start(reader: Reader) -> None:
    await reader.sample(count=5)
    confirmed = set(reader.house.entry.data[CONF_CONFIRMED_SCALES])
    assert confirmed >= {"cut_off_charge", "grid_voltage", "cell_voltage"}
    await reader.hass.config_entries.async_reload(reader.house.entry.entry_id)
    assert await reader.set_floor(20) == 20


@pytest.mark.parametrize("stored", [{CONF_VARIANTS: ["cut_off_charge", "of_tomorrow"]}])
async def test_scale_of_one_odd_word_from_0_1_0_is_withdrawn(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    logged = [record.message for record in caplog.get_records("setup")]
    assert "Unknown scales are ignored: of_tomorrow" in logged
    assert reader.show("discharge_floor") == "unknown"
    assert await reader.refusal() == "schedule_uncertain_scale"
    await reader.sample(count=5)
    assert reader.show("discharge_floor") == "10"
    assert await reader.set_floor(20) == 20
    assert reader.house.entry.data[CONF_VARIANTS] == ["of_tomorrow"]


async def test_floor_in_tenths_of_percent_is_confirmed_and_written(
    reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    reader.house.inverter.write_as_app(FLOOR, 200)
    reader.house.inverter.write_as_app(TARGET, 950)
    await reader.sample(count=2)
    assert reader.show("charge_target") == "unknown"
    assert await reader.refusal() == "schedule_uncertain_scale"
    await reader.sample(count=4)
    assert (reader.show("discharge_floor"), reader.show("charge_target")) == (
        "20.0",
        "95.0",
    )
    assert await reader.set_floor(25) == 250
    assert reader.house.entry.data[CONF_VARIANTS] == ["cut_off_charge"]
    assert "Scale of cut_off_charge confirmed: 0.1" in caplog.text


@pytest.mark.parametrize(
    "options", [{"message_spacing": 0, CONF_MODEL_FAMILY: "tenths_of_percent"}]
)
@pytest.mark.parametrize("first_words", [{FLOOR: 100, TARGET: 950}])
async def test_chosen_family_settles_the_scale_at_once(reader: Reader) -> None:
    assert reader.show("charge_target") == "95.0"
    assert await reader.refusal() == "schedule_scale"  # The words are whole percents.
    reader.house.inverter.write_as_app(FLOOR, 100)
    reader.house.inverter.write_as_app(TARGET, 950)
    assert await reader.set_floor(20) == 200
    assert reader.house.entry.data[CONF_VARIANTS] == []
    assert CONF_CONFIRMED_SCALES not in reader.house.entry.data


@pytest.mark.parametrize(
    "stored",
    [{CONF_VARIANTS: [], CONF_CONFIRMED_SCALES: [one.name for one in VARIANTS]}],
)
@pytest.mark.parametrize(
    ("words", "value"),
    [
        ({TARGET: 300}, "0x0850 = 10, 0x0855 = 300"),
        ({FLOOR: 200, TARGET: 950}, "0x0850 = 200, 0x0855 = 950"),
        ({FLOOR: 0xFFFF}, "0x0850 = 65535, 0x0855 = 95"),
    ],
)
async def test_words_that_contradict_the_scale_are_not_overwritten(
    reader: Reader, words: dict[int, int], value: str
) -> None:
    set_behaviour(reader.house, word_overrides=words)
    reader.house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError) as caught:
        await set_number(reader.hass, reader.house, "discharge_floor", 20)
    assert caught.value.translation_key == "schedule_scale"
    assert caught.value.translation_placeholders == {"value": value}
    assert not reader.house.inverter.journal.written
    set_behaviour(reader.house, word_overrides={})
    assert await reader.set_floor(20) == 20


@pytest.mark.parametrize("options", [{"message_spacing": 0, "groups": []}])
async def test_settings_that_are_not_polled_are_confirmed_by_attempts(
    reader: Reader,
) -> None:
    change = {"discharge_floor": 20}
    for _ in range(2):
        with pytest.raises(ServiceValidationError):
            await call_action(reader.hass, "set_schedule", change)
        reader.seconds += 30
    await call_action(reader.hass, "set_schedule", change)
    assert reader.house.inverter.words()[FLOOR] == 20


async def test_feed_in_limit_above_100_percent_is_not_overwritten(
    reader: Reader,
) -> None:
    set_behaviour(reader.house, word_overrides={0x0800: 700})
    reader.house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(reader.hass, "limit_feed_in", {"share": 70})
    assert caught.value.translation_key == "schedule_scale"
    assert caught.value.translation_placeholders == {"value": "0x0800 = 700"}
    assert not reader.house.inverter.journal.written


def exchanged(grown: float) -> dict[int, int]:
    """Return the totals of a system and of its new inverter, some kWh after the exchange."""
    total = SystemTotals.registers["pv_energy_total"].encode(15000 + grown)
    return total | InverterState.registers["pv_energy_total"].encode(1300 + grown)


async def test_frost_is_shown_and_changes_no_scale(reader: Reader) -> None:
    await reader.sample({0x0435: 0xFFCE}, count=32)
    assert reader.show("inverter_temperature") == "-5.0"
    await reader.sample({0x0435: 253}, count=32)
    assert reader.show("inverter_temperature") == "25.3"


@pytest.mark.parametrize(
    "stored",
    [{CONF_VARIANTS: [], CONF_CONFIRMED_SCALES: [one.name for one in VARIANTS]}],
)
@pytest.mark.parametrize("first_words", [exchanged(0)])
async def test_total_of_two_inverters_after_an_exchange_is_kept(reader: Reader) -> None:
    await reader.sample(exchanged(0))
    for grown in range(20):
        await reader.sample(exchanged(grown / 4))
        shown = float(reader.show("system_pv_energy_total"))
        assert 15000 <= shown <= 15000 + grown / 4 + 0.06
    assert reader.house.entry.data[CONF_VARIANTS] == []


@pytest.mark.parametrize("first_words", [exchanged(0)])
async def test_total_after_an_exchange_is_unknown_until_it_grows(
    reader: Reader,
) -> None:
    shown = set()
    for grown in range(20):
        await reader.sample(exchanged(grown / 4))
        shown.add(reader.show("system_pv_energy_total"))
    assert "unavailable" in shown
    assert all(one == "unavailable" or float(one) >= 15000 for one in shown)
    assert "total_energy" in reader.house.entry.data[CONF_CONFIRMED_SCALES]


async def test_centivolt_cells_of_another_model_scale_only_the_cells(
    reader: Reader,
) -> None:
    cells = {0x0107: 333, 0x010A: 334, 0x0014: 231, 0x0435: 253}
    await reader.sample(cells)
    assert reader.show("battery_cell_voltage_max") == "unknown"
    await reader.sample(cells, count=6)
    assert reader.show("battery_cell_voltage_max") == "3.34"
    assert reader.show("grid_voltage_l1") == "231"
    assert reader.show("inverter_temperature") == "25.3"
    assert reader.house.entry.data[CONF_VARIANTS] == ["cell_voltage"]
