"""The PV energy if the ledger was lost: it continues at least at what was shown, without any other energy."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.alphaess_live.alphaess.counter_samples import CONFIRM_SAMPLES
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES

from .readers import MANY, NOON, PV, Reader


async def test_pv_energy_of_before_the_update_limits_the_first_parts(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, system=5000)
    reader.ledger.restore(PV, 8000, NOON)
    assert await reader.read() == 8000
    reader.set(meter_1=0.05)
    assert await reader.read(times=CONFIRM_SAMPLES, meter_2=3000) == 8000
    assert reader.ledger.offset(PV) == 0
    assert await reader.read(meter_2=3000.1) == pytest.approx(8000.1)


async def test_pv_energy_of_before_the_update_continues_on_other_parts(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5000, system=5000)
    reader.ledger.restore(PV, 8000, NOON)
    await reader.read(times=CONFIRM_SAMPLES)
    assert await reader.read(times=MANY, strings=5000.1) == pytest.approx(8000.1)
    assert reader.ledger.offset(PV) == 3000
    [(key, rebasing)] = reader.ledger.drain_rebasings()
    assert (key, rebasing.before, rebasing.after) == (PV, 8000, 5000.1)
    assert list(reader.ledger.drain_rebasings()) == []
    reader.restart()
    assert list(reader.ledger.drain_rebasings()) == []
    assert reader.ledger.rebasings == ((PV, rebasing),)
    # The part that was missing is new now.
    assert await reader.read(meter_2=3000) == pytest.approx(8000.1)


@pytest.mark.parametrize("odd", [0, 12, 3002.5, 4100])
@pytest.mark.parametrize("times", [1, FEW_SAMPLES, CONFIRM_SAMPLES - 1])
async def test_odd_part_after_the_ledger_was_lost_adds_nothing(
    frozen_clock: FrozenDateTimeFactory, *, odd: float, times: int
) -> None:
    reader = Reader(frozen_clock, strings=5000, meter_1=0.05, meter_2=odd, system=8000)
    reader.ledger.restore(PV, 7999.6, NOON - timedelta(hours=5))
    assert await reader.read(times=times) == 7999.6
    assert await reader.read(times=CONFIRM_SAMPLES, meter_2=3000) == 8000
    assert await reader.read(meter_2=3000.1) == pytest.approx(8000.1)
    assert reader.ledger.offset(PV) == 0


async def test_part_of_a_lost_ledger_is_awaited_though_others_have_grown(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    reader = Reader(frozen_clock, strings=5009, system=0)
    reader.ledger.restore(PV, 5007, NOON - timedelta(hours=9))
    assert await reader.read(times=10) == 5007
    reader.set(meter_1=0.05)
    # The strings are confirmed then, but not the meter.
    assert await reader.read(times=15, meter_2=8) == 5007
    assert await reader.read(times=6) == 5017
    assert reader.ledger.offset(PV) == 0


async def test_restored_pv_energy_is_kept_while_nothing_is_read(
    frozen_clock: FrozenDateTimeFactory, both: Reader
) -> None:
    both.ledger.restore(PV, 8000.5, NOON)
    both.ledger.restore(PV, 8000.2, NOON)
    assert both.ledger.value(PV) == 8000.5
    assert await both.read(strings=5000.3) == 8000.5
    assert await both.read(strings=5000.6) == pytest.approx(8000.6)
    reader = Reader(frozen_clock)
    reader.ledger.restore(PV, 70, NOON)
    reader.restart()
    assert reader.ledger.value(PV) == 70
    assert reader.ledger.register_value(PV) is None
