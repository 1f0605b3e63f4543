"""Generation is what the right counter of the PV meter counts, also after a reversal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.alphaess_live.alphaess.pv_meter_direction import (
    DEFAULT_DIRECTION,
    MeterDirection,
    MeterDirectionDetector,
)
from custom_components.alphaess_live.alphaess.registers import PvMeter

from .test_snapshot import empty

NOON = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Roof:
    """A PV meter that is read four times a day."""

    def __init__(self, first: float, second: float) -> None:
        self.watch = MeterDirectionDetector()
        self.counts = (first, second)
        self.at = NOON
        self.update()

    @property
    def meter(self) -> PvMeter:
        first, second = self.counts
        return replace(empty(PvMeter), energy_1_total=first, energy_2_total=second)

    @property
    def generated(self) -> float:
        return self.watch.direction.generated_energy(self.meter)

    def update(self) -> None:
        self.watch.update(self.meter, self.at)

    def live(self, first: float, second: float, *, days: int = 1) -> None:
        """Increase both counters by so many kWh each day."""
        for _ in range(4 * days):
            self.counts = self.counts[0] + first / 4, self.counts[1] + second / 4
            self.at += DAY / 4
            self.update()


@pytest.mark.parametrize("counts", [(0.05, 3204.9), (3204.9, 0.05)])
def test_higher_counter_is_generation_by_default(
    counts: tuple[float, float],
) -> None:
    assert Roof(*counts).generated == 3204.9


def test_reversed_transformer_continues_with_the_other_counter() -> None:
    roof = Roof(3000, 5)
    roof.live(8, 0.05, days=3)
    before = roof.generated
    roof.live(0.05, 8, days=3)
    assert roof.generated == pytest.approx(before + 3 * 8)
    roof.live(8, 0.05, days=2)
    assert roof.generated == pytest.approx(before + 5 * 8)


def test_generated_energy_does_not_decrease_at_a_reversal() -> None:
    roof = Roof(3000, 5)
    seen = [roof.generated]
    for day in range(6):
        for _ in range(4):
            roof.live(0.02, 2 + day)
            seen.append(roof.generated)
    assert seen == sorted(seen)
    assert roof.watch.direction.counter == 2


def test_new_meter_that_is_corrected_at_once_is_followed() -> None:
    roof = Roof(20, 0)
    roof.live(0, 6, days=2)
    assert roof.generated == 32


def test_consumption_of_weeks_without_sun_is_no_generation() -> None:
    roof = Roof(3000, 5)
    roof.live(0, 0.3, days=30)
    assert roof.watch.direction == DEFAULT_DIRECTION
    assert roof.generated == 3000


def test_load_behind_the_meter_at_night_is_no_reversal() -> None:
    roof = Roof(3000, 800)
    roof.live(2, 12, days=10)
    assert roof.generated == 3020


def test_direction_survives_storage() -> None:
    direction = MeterDirection(counter=2, offset=2995.5)
    assert MeterDirection.from_dict(direction.to_dict()) == direction


def metered(first: float, second: float, power: float) -> PvMeter:
    """Return a meter with both energies and a power."""
    counters = {"energy_1_total": first, "energy_2_total": second}
    return replace(empty(PvMeter), power=power, **counters)


@pytest.mark.parametrize(
    ("first", "second", "power", "generated"),
    [
        (0.05, 3204.9, 3000, 3000),
        (0.05, 3204.9, -16, 0),
        (3204.9, 0.05, -3000, 3000),
        (3204.9, 0.05, 16, 0),
        (0.5, 0.2, -3000, 3000),
        (2000, 3204.9, -3000, 3000),
    ],
)
def test_power_has_the_sign_of_the_counter_if_that_is_known(
    first: float, second: float, power: float, generated: float
) -> None:
    meter = metered(first, second, power)
    assert DEFAULT_DIRECTION.generated_power(meter) == generated


def test_sign_that_a_device_shows_replaces_the_usual_one() -> None:
    watch, total = MeterDirectionDetector(), 3000.0
    for step in range(12):
        watch.update(metered(5, total, -3000), NOON + step * DAY / 24)
        total += 0.1
    assert watch.direction.generated_power(metered(5, total, -3000)) == 3000
    assert watch.direction.generated_power(metered(5, total, 20)) == 0
    stored = watch.direction.to_dict()
    assert stored["sign"] == -1
    assert MeterDirection.from_dict(stored) == watch.direction


def test_usual_sign_is_kept_while_it_explains_the_energy() -> None:
    watch, first, second = MeterDirectionDetector(), 5.0, 3000.0
    for step in range(48):
        power = 3000 if step % 8 < 4 else -7000
        watch.update(metered(first, second, power), NOON + step * DAY / 24)
        second += 3 if power > 0 else 0
        first += 0 if power > 0 else 7
    assert watch.direction.sign == 1
