"""The energy ledger: totals of a real reading never fall or leap, whatever is missing or odd in a snapshot."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.alphaess_live.alphaess.counter_samples import CONFIRM_SAMPLES
from custom_components.alphaess_live.alphaess.energy_ledger import EnergyLedger
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.monotonic_counter import (
    FEW_SAMPLES,
    RejectionReason,
)
from custom_components.alphaess_live.alphaess.plausibility import KEPT_REJECTIONS
from custom_components.alphaess_live.alphaess.pv_meter_direction import (
    DAYS_TO_REVERSE,
    MeterDirection,
)
from custom_components.alphaess_live.alphaess.registers import (
    Grid,
    InverterState,
    PvMeter,
    System,
)
from custom_components.alphaess_live.alphaess.scales import PROFILES, ModelFamily
from custom_components.alphaess_live.alphaess.snapshot import Snapshot

from .readers import IMPORT, MANY, POLL, PV, Reader
from .units import THREE_PHASE, confirmed_identity, grid_words, load, refuse, serve


def meter_words(power: float) -> dict[int, int]:
    """Encode a power of the PV meter on one phase, in W."""
    words = PvMeter.registers["power"].encode(power)
    for phase in (1, 2, 3):
        one = PvMeter.registers[f"power_l{phase}"]
        words |= one.encode(power if phase == 1 else 0)
    return words


@pytest.mark.parametrize("snapshots", [1, 2, 4, 8])
@pytest.mark.parametrize("part", ["strings", "meter_2"])
async def test_part_that_reads_zero_after_a_restart_keeps_its_energy(
    both: Reader, part: str, snapshots: int
) -> None:
    right = 5000 if part == "strings" else 3000
    both.restart()
    for _ in range(snapshots):
        both.set(**{part: 0})
        assert await both.read() == 8000
    both.set(**{part: right})
    assert await both.read() == 8000
    both.set(**{part: right + 0.1})
    assert await both.read() == pytest.approx(8000.1)


async def test_held_block_after_a_pause_loses_no_energy(both: Reader) -> None:
    both.clock.tick(timedelta(hours=2))
    await both.read(times=FEW_SAMPLES, **{IMPORT: 3569})
    await both.inverter.read_power(both.snapshot)
    load(both.unit, dict.fromkeys(Grid.addresses(), 0))
    both.clock.tick(POLL)
    snapshot = await both.inverter.read()
    assert snapshot.held == {"grid"}
    load(both.unit, {at: THREE_PHASE[at] for at in Grid.addresses()})
    await both.read(times=CONFIRM_SAMPLES, **{IMPORT: 3569})
    assert both.ledger.value(IMPORT) == 3569
    assert both.ledger.offset(IMPORT) == 0


@pytest.mark.parametrize("block", [InverterState, PvMeter])
async def test_part_that_is_refused_after_a_restart_keeps_its_energy(
    both: Reader, block: Any
) -> None:
    both.restart()
    refuse(both.unit, block.addresses())
    assert await both.read(times=3) == 8000
    serve(both.unit, block.addresses())
    both.inverter.rediscover()
    assert await both.read(times=3) == 8000


async def test_part_that_is_new_adds_only_what_it_counts_from_now_on(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, system=5000)
    refuse(reader.unit, PvMeter.addresses())
    assert await reader.begin() == 5000
    serve(reader.unit, PvMeter.addresses())
    reader.inverter.rediscover()
    assert await reader.read(meter_2=3204.9) == 5000
    # Whether its other counter stays 0 is known after ten minutes.
    assert await reader.read(times=MANY) == 5000
    assert await reader.read(meter_2=3205.0) == pytest.approx(5000.1)
    assert reader.ledger.offset(PV) == pytest.approx(-3204.9)
    assert reader.ledger.register_value(PV) == pytest.approx(8205.0)
    reader.restart()
    assert await reader.read(meter_2=3205.1) == pytest.approx(5000.2)


async def test_meter_that_read_zero_adds_only_what_it_counts_from_now_on(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, system=5000)
    assert await reader.read(times=FEW_SAMPLES) == 5000
    assert await reader.begin() == 5000
    assert await reader.read(times=MANY, meter_2=3204.9) == 5000
    assert await reader.read(meter_2=3205.0) == pytest.approx(5000.1)


async def test_meter_of_a_new_house_counts_from_its_first_energy(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, system=5000)
    assert await reader.read(times=FEW_SAMPLES) == 5000
    await reader.begin()
    assert await reader.read(meter_1=0.1) == pytest.approx(5000.1)


async def test_pv_energy_of_a_waking_inverter_waits_for_all_parts(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, system=8000)
    assert await reader.read(times=3) is None
    reader.set(meter_1=0.05)
    assert await reader.read(times=FEW_SAMPLES - 1, meter_2=3000) is None
    assert await reader.read() == 8000


async def test_zeros_at_first_are_no_pv_energy(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=0)
    assert await reader.read(times=3) is None
    reader.set(system=19913.5)
    assert await reader.read(times=FEW_SAMPLES, strings=19913.5) == 19913.5
    assert await reader.read(strings=19913.6) == pytest.approx(19913.6)


async def test_pv_energy_without_a_system_total_waits_ten_minutes(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000)
    assert await reader.read(times=3) is None
    assert await reader.begin() == 5000


async def test_system_total_of_a_known_scale_shows_that_nothing_is_missing(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, system=5000.9)
    assert await reader.read(times=FEW_SAMPLES) == 5000
    reader = Reader(frozen_clock, strings=5000, system=50_000)
    assert await reader.read(times=FEW_SAMPLES) is None


async def test_strings_of_an_ac_coupled_inverter_are_not_awaited(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(
        frozen_clock, strings=0, meter_1=0.05, meter_2=3204.9, system=3204.89
    )
    assert await reader.read(times=FEW_SAMPLES) == 3204.9


async def test_part_that_began_late_joins_without_energy(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(
        frozen_clock, strings=0, meter_1=0.05, meter_2=3204.9, system=3204.9
    )
    assert await reader.read(times=FEW_SAMPLES) == 3204.9
    assert await reader.read(times=FEW_SAMPLES, strings=700) == 3204.9
    assert await reader.read(strings=700.1) == pytest.approx(3205)


async def test_snapshot_of_zeros_moves_nothing(both: Reader) -> None:
    both.set(**{IMPORT: 3562.1})
    before = await both.read()
    words, totals = dict(both.unit.holding), _totals(both.snapshot)
    for word in words:
        both.unit.holding[word] = 0
    both.inverter.expire_slow_blocks()
    assert await both.read() == before
    assert _totals(both.snapshot) == totals
    both.unit.holding.update(words)
    both.inverter.expire_slow_blocks()
    assert await both.read() == before
    assert _totals(both.snapshot) == totals
    assert not both.ledger.rebasings


def _totals(snapshot: Snapshot) -> list[float | None]:
    grid, battery = snapshot.grid, snapshot.battery
    assert grid
    assert battery
    return [
        grid.import_energy_total,
        grid.export_energy_total,
        battery.charge_energy_total,
        battery.discharge_energy_total,
    ]


async def test_other_serial_number_and_rediscovery_reset_no_total(both: Reader) -> None:
    before = both.ledger.value(IMPORT)
    load(both.unit, System.registers["serial"].encode("AL7019999999999"))
    both.inverter.rediscover()
    both.set(**{IMPORT: 7})
    assert await both.read() == 8000
    assert both.ledger.value(IMPORT) == before


async def test_wrong_total_is_rejected_and_counted(both: Reader) -> None:
    before = both.snapshot.grid
    both.set(**{IMPORT: 0})
    await both.read(times=30)
    assert both.snapshot.grid == before
    assert both.inverter.stats.rejected_samples == 30
    rejections = both.inverter.plausibility.rejections
    assert len(rejections) == KEPT_REJECTIONS
    assert {one.reason for one in rejections} == {RejectionReason.DECREASED}


async def test_first_total_that_is_impossible_is_none(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock)
    reader.set(**{IMPORT: 42949672.95})
    await reader.read()
    assert _totals(reader.snapshot)[0] is None
    reader.set(**{IMPORT: 3562.1})
    await reader.read(times=FEW_SAMPLES)
    assert _totals(reader.snapshot)[0] == 3562.1


@pytest.mark.parametrize("odd", [12189.95, 0.07, 6553.5])
async def test_odd_number_after_zeros_at_the_first_setup_is_not_shown(
    frozen_clock: FrozenDateTimeFactory, odd: float
) -> None:
    reader = Reader(frozen_clock)
    for number in (0, odd, odd, 12845.3, 12845.3):
        reader.set(**{IMPORT: number})
        await reader.read()
        assert _totals(reader.snapshot)[0] is None
    await reader.read()
    assert _totals(reader.snapshot)[0] == 12845.3


async def test_block_that_is_read_again_with_the_power_shows_the_totals(
    both: Reader,
) -> None:
    before = both.ledger.value(IMPORT)
    both.set(**{IMPORT: 2906.75})
    load(both.unit, Grid.registers["power"].encode(-3_000_000))
    snapshot = await both.inverter.read_power(both.snapshot)
    assert snapshot.grid
    assert snapshot.grid.import_energy_total == before


async def test_reading_of_power_is_no_sample_of_a_total(both: Reader) -> None:
    both.clock.tick(timedelta(hours=1))
    before = both.ledger.value(IMPORT)
    both.set(**{IMPORT: 3565.0})
    snapshot = await both.inverter.read()
    for _ in range(2 * CONFIRM_SAMPLES):
        both.clock.tick(POLL)
        snapshot = await both.inverter.read_power(snapshot)
    assert both.ledger.value(IMPORT) == before
    await both.read(times=CONFIRM_SAMPLES - 1)
    assert both.ledger.value(IMPORT) == 3565.0


async def test_reversed_transformer_continues_over_restarts(both: Reader) -> None:
    await both.begin()
    assert both.ledger.direction == MeterDirection(counter=2)
    # 6 kW for a quarter of an hour, of which most is exported.
    load(both.unit, grid_words(-3000) | meter_words(-6000))
    first = 0.05
    for day in range(DAYS_TO_REVERSE):
        for _ in range(30):
            energy = await both.read(meter_1=first)
            assert energy == 8000 or day == DAYS_TO_REVERSE - 1
            first = round(first + 0.05, 2)
        both.clock.tick(timedelta(hours=12))
        direction = both.ledger.direction
        both.restart()
        both.ledger.restore_direction(direction)
        both.clock.tick(timedelta(hours=12))
    assert both.ledger.direction.counter == 1
    assert await both.read() == pytest.approx(8000 + DAYS_TO_REVERSE * 1.5, abs=0.11)


async def test_new_meter_that_is_charged_before_the_first_sun_adds_only_the_sun(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, system=5000)
    assert await reader.begin() == 5000
    load(reader.unit, grid_words(5000) | meter_words(-12000))
    for number in range(220):
        await reader.read(meter_1=round(number / 10, 2))
    assert reader.snapshot.derived.pv_energy_total == pytest.approx(5000, abs=0.11)
    load(reader.unit, grid_words(-3000) | meter_words(6000))
    for number in range(100):
        await reader.read(meter_2=round(number / 20, 2))
    assert reader.snapshot.derived.pv_energy_total == pytest.approx(5005, abs=0.11)
    assert reader.ledger.direction.counter == 2


async def test_odd_numbers_of_the_meter_at_first_hide_its_power_for_minutes(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, meter_2=3000, system=8000)
    load(reader.unit, meter_words(1500))
    await reader.read(times=FEW_SAMPLES, meter_1=49_999.0)
    await reader.read(times=3 * MANY, meter_1=0.05)
    assert reader.ledger.direction.counter == 2
    assert reader.snapshot.pv_meter_power == 1500
    before = reader.snapshot.derived.pv_energy_total
    assert before is not None
    assert await reader.read(meter_2=3000.1) == pytest.approx(before + 0.1)


async def test_odd_word_of_the_meter_keeps_the_direction(both: Reader) -> None:
    both.ledger.restore_direction(MeterDirection(counter=1, offset=2999.95))
    assert await both.read(meter_1=0) == 8000
    assert await both.read(times=5, meter_1=0.02) == 8000
    assert both.ledger.direction == MeterDirection(counter=1, offset=2999.95)


async def test_exchanged_meter_continues_the_energy(both: Reader) -> None:
    await both.begin()
    both.set(meter_1=0.01)
    assert await both.read(times=MANY, meter_2=12) == 8000
    assert await both.read(meter_2=12.1) == pytest.approx(8000.1)


async def test_stored_ledger_without_a_key_changes_nothing(both: Reader) -> None:
    stored = both.ledger.to_dict()
    del stored["pv"]
    ledger = EnergyLedger()
    with pytest.raises(KeyError):
        ledger.load(stored)
    assert ledger.value(PV) is ledger.value(IMPORT) is None


async def test_counter_of_another_release_is_ignored(both: Reader) -> None:
    stored = both.ledger.to_dict()
    stored["counters"]["other_energy_total"] = {}
    del stored["pv_meter_evidence"]  # Older releases have none.
    ledger = EnergyLedger()
    ledger.load(stored)
    assert ledger.value(PV) == 8000


async def test_total_is_confirmed_until_its_growth_began(both: Reader) -> None:
    assert EnergyLedger().confirmed_at(PV) is None
    assert EnergyLedger().confirmed_at(IMPORT) is None
    before = both.snapshot.measured_at
    both.clock.tick(timedelta(days=3))
    await both.read(times=CONFIRM_SAMPLES - 1, strings=5050)
    assert both.ledger.confirmed_at(PV) == both.snapshot.measured_at
    assert not both.ledger.late_energies(PV)
    assert both.ledger.confirmed_at(IMPORT) == both.snapshot.measured_at
    await both.read(times=2)
    (late,) = both.ledger.late_energies(PV)
    assert (late.energy, late.since) == (50, before)
    assert late.until > before + timedelta(days=3)
    assert not both.ledger.late_energies(IMPORT)
    await both.read(times=2, strings=0, meter_2=0)
    assert both.ledger.confirmed_at(PV) == both.snapshot.measured_at


async def test_total_of_a_corrected_model_family_continues_with_an_offset(
    both: Reader,
) -> None:
    system = "system_pv_energy_total"
    stored = EnergyLedger().to_dict()
    for family in (ModelFamily.STANDARD, ModelFamily.SMILE_B3):
        both.inverter = Inverter(
            both.unit,
            profile=PROFILES[family],
            known_identity=confirmed_identity(),
        )
        both.ledger.load(stored)
        await both.read(times=MANY, system=32_049)
        stored = both.ledger.to_dict()
    assert both.ledger.value(system) == 32_049
    assert both.ledger.register_value(system) == 3204.9
    assert both.ledger.offset(system) == pytest.approx(32_049 - 3204.9)
    assert both.ledger.value(PV) == 8000
    await both.read(system=32_050)
    assert both.ledger.value(system) == 32_049.1
