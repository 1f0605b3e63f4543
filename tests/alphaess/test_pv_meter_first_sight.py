"""A PV meter's counter is known at first sight if it is much higher then: what grows later shows nothing."""

from datetime import timedelta

import pytest

from custom_components.alphaess_live.alphaess.counter_samples import (
    CONFIRM_SAMPLES,
    CONFIRM_TIME,
)
from custom_components.alphaess_live.alphaess.pv_meter_direction import (
    MeterDirection,
    MeterDirectionDetector,
)

from .test_pv_meter_direction import DAWN, Roof, metered


@pytest.mark.parametrize("counts", [(0.05, 3204.9), (3204.9, 0.05)])
def test_much_higher_counter_is_generation(counts: tuple[float, float]) -> None:
    roof = Roof(*counts)
    assert roof.generated == 3204.9
    assert roof.direction.counter == (2 if counts[1] > 1 else 1)


def test_much_higher_counter_is_certain_only_after_ten_minutes() -> None:
    detector = MeterDirectionDetector()
    for number in range(2 * CONFIRM_SAMPLES):
        at = DAWN + number * CONFIRM_TIME / (2 * CONFIRM_SAMPLES - 1)
        assert detector.direction.counter is None
        detector.update(metered(5, 3000, 0), at, registers=(5.0, 3000.0), others=300.0)
    assert detector.direction == MeterDirection(counter=2)


@pytest.mark.parametrize(
    ("counts", "counter"),
    [((101, 10.05), 1), ((99, 0), None), ((10.05, 101), 2), ((101, 10.2), None)],
)
def test_counter_is_clear_with_100_kwh_and_ten_times_the_other(
    counts: tuple[float, float], counter: int | None
) -> None:
    assert Roof(*counts).direction.counter == counter


def test_numbers_of_before_a_rebasing_show_no_direction() -> None:
    roof = Roof(0, 0)
    roof.offsets = [9998.95, 0.0]
    roof.counts = [9999.0, 30.0]
    roof.live()
    assert roof.direction.counter is None
    # Another meter, and with it another basis of the counter, is a first sight again.
    roof.offsets[1] = -2970.0
    roof.live()
    assert roof.direction.counter == 2


def test_rebased_meter_of_a_wallbox_is_no_first_sight() -> None:
    roof = Roof(0, 0)
    roof.offsets = [9998.95, 0.0]
    roof.counts = [9999.0, 0.03]
    for _ in range(12):
        roof.live(sun=150, hours=4)
        roof.night(car=7000, hours=1.4)
    assert roof.counts[0] > 10_109
    assert roof.direction.counter is None


@pytest.mark.parametrize("restarted", [False, True])
def test_wallbox_that_counts_ten_times_a_small_roof_is_no_generation(
    *, restarted: bool
) -> None:
    roof = Roof(0, 0)
    for _ in range(12):
        roof.live(sun=150, hours=4)
        roof.night(car=7000, hours=1.4)
        if restarted:
            roof.restart()
    assert roof.counts[0] > max(110, 10 * roof.counts[1])
    assert roof.direction.counter is None
    assert roof.generated < 0.1
    charging = metered(roof.counts[0], roof.counts[1], -7000)
    assert roof.direction.generated_power(charging, 7300) is None
    roof.live(sun=3000, hours=0.5)
    assert roof.direction == MeterDirection(counter=2, offset=roof.direction.offset)
    assert roof.generated == pytest.approx(12 * 0.6 + 1.5, abs=0.1)


def test_numbers_that_the_ledger_has_not_accepted_show_no_direction() -> None:
    detector = MeterDirectionDetector()
    meter = metered(5, 3000, 0)
    for number in range(3 * CONFIRM_SAMPLES):
        at = DAWN + number * timedelta(seconds=30)
        detector.update(
            meter, at, registers=(5.0, 3000.0), are_accepted=False, others=None
        )
        assert detector.direction.counter is None
