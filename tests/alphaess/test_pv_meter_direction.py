"""Generation is what the right counter of the PV meter counts, also with a wallbox or after a reversal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.alphaess_live.alphaess.pv_meter_direction import (
    DAYS_TO_REVERSE,
    DEFAULT_DIRECTION,
    DirectionEvidence,
    MeterDirection,
    MeterDirectionDetector,
)
from custom_components.alphaess_live.alphaess.registers import PvMeter

from .test_snapshot import empty

DAY = timedelta(days=1)
DAWN = datetime(2025, 12, 1, 8, tzinfo=UTC)
POLL = timedelta(minutes=2)


def metered(first: float, second: float, power: float) -> PvMeter:
    """Return a meter with both energies and a power."""
    counters = {"energy_1_total": first, "energy_2_total": second}
    return replace(empty(PvMeter), power=power, **counters)


class Roof:
    """A PV meter, maybe with a wallbox behind it, that is read every two minutes."""

    def __init__(self, first: float, second: float) -> None:
        self.detector = MeterDirectionDetector()
        self.counts = [first, second]
        self.generation = 1
        """The index of the counter of generation."""
        self.at, self.power = DAWN, 0.0
        self.offsets = [0.0, 0.0]
        self.live(hours=0.8)

    @property
    def direction(self) -> MeterDirection:
        return self.detector.direction

    @property
    def meter(self) -> PvMeter:
        return metered(self.counts[0], self.counts[1], self.power)

    @property
    def generated(self) -> float:
        return self.direction.generated_energy(self.meter) or 0.0

    def update(self, others: float | None) -> None:
        self.at += POLL
        registers = [
            count - offset
            for count, offset in zip(self.counts, self.offsets, strict=True)
        ]
        self.detector.update(
            self.meter, self.at, registers=(registers[0], registers[1]), others=others
        )

    def live(
        self,
        *,
        sun: float = 0,
        car: float = 0,
        house: float = 300,
        hours: float = 1,
    ) -> None:
        """Let a roof generate and a car charge with so many W."""
        flow = (sun - car) * (1 if self.generation else -1)
        others = house + car - sun
        self.power = flow
        self.update(others)
        for _ in range(round(hours * 30)):
            index = self.generation if sun >= car else 1 - self.generation
            self.counts[index] += abs(flow) / 30_000
            self.update(others)

    def night(self, **wallbox: float) -> None:
        """Let the rest of the day pass, during which a car may charge."""
        self.live(**wallbox)
        self.live()
        self.at = datetime(self.at.year, self.at.month, self.at.day, 8, tzinfo=UTC)
        self.at += DAY

    def doubts(self) -> bool:
        """Whether the energy waits."""
        return self.direction.doubted_at is not None

    def restart(self) -> None:
        """Continue with what was stored."""
        before, self.detector = self.detector, MeterDirectionDetector()
        self.detector.direction = MeterDirection.from_dict(before.direction.to_dict())
        self.detector.evidence = DirectionEvidence.from_dict(before.evidence.to_dict())


def test_counter_that_a_wallbox_makes_higher_is_no_generation() -> None:
    roof = Roof(150, 3204.9)
    for _ in range(4):
        roof.live(sun=1500, hours=2)
        roof.night(car=11000, hours=100)
    assert roof.counts[0] > roof.counts[1]
    assert roof.direction.counter == 2
    assert roof.generated == pytest.approx(3204.9 + 4 * 3)


def test_wallbox_behind_the_meter_on_dark_days_is_no_generation() -> None:
    roof = Roof(150, 3204.9)
    for _ in range(5):
        roof.live(sun=150, hours=8)
        roof.night(car=5500, hours=4)
        assert roof.direction.generated_power(metered(160, 3205, -5500), 5800) == 0
    assert roof.generated == pytest.approx(3204.9 + 5 * 1.2)


@pytest.mark.parametrize("restarted", [False, True])
def test_new_meter_that_is_charged_at_first_waits_for_the_sun(
    *, restarted: bool
) -> None:
    roof = Roof(0, 0)
    roof.night(car=5500, hours=4)
    assert roof.generated < 0.3
    assert roof.direction.generated_power(roof.meter, 300) == 0
    assert roof.direction.generated_power(metered(22, 0, -5500), 5800) is None
    if restarted:
        roof.restart()
    roof.live(sun=3000, house=5000, hours=1)
    roof.live(sun=3000, hours=0.3)
    assert roof.generated < 0.3
    roof.live(sun=3000, hours=1)
    assert roof.direction.counter == 2
    assert roof.generated == pytest.approx(2.3 * 3, abs=0.3)
    assert roof.direction.generated_power(metered(22, 7, -5500), 5800) == 0


def test_counters_of_similar_height_wait_for_evidence_and_lose_nothing() -> None:
    roof = Roof(2000, 3204.9)
    roof.live(sun=3000, house=8000)
    assert roof.generated == 3204.9
    roof.live(sun=3000)
    assert roof.generated == pytest.approx(3204.9 + 6)


@pytest.mark.parametrize("restarted", [False, True])
def test_reversed_transformer_continues_with_the_other_counter(
    *, restarted: bool
) -> None:
    roof = Roof(5, 3000)
    roof.live(sun=3000)
    roof.night(car=5500)
    roof.generation = 0
    for _ in range(DAYS_TO_REVERSE):
        assert roof.generated == pytest.approx(3003, abs=0.2)
        roof.live(sun=3000)
        roof.night()
        if restarted:
            roof.restart()
    assert roof.direction.counter == 1
    assert roof.generated == pytest.approx(3003 + DAYS_TO_REVERSE * 3, abs=0.2)


def test_one_wrong_proof_is_withdrawn_by_a_right_one() -> None:
    roof = Roof(5, 3000)
    for _ in range(2 * DAYS_TO_REVERSE):
        # The grid meter does not answer while a car is charged.
        roof.live(car=5500, house=-5500)
        assert roof.doubts()
        assert roof.direction.counter == 2
        roof.night()
        roof.live(sun=3000)
        assert not roof.doubts()
        roof.night()
    assert roof.generated == pytest.approx(3000 + 2 * DAYS_TO_REVERSE * 3)


def test_days_that_disprove_the_direction_must_follow_each_other() -> None:
    roof = Roof(5, 3000)
    for _ in range(DAYS_TO_REVERSE - 1):
        roof.live(car=5500, house=-5500, hours=3)
        roof.night()
    assert len(roof.detector.evidence.against) == DAYS_TO_REVERSE - 1
    roof.live(sun=3000)
    assert roof.detector.evidence.against == []


def test_growth_that_the_power_does_not_explain_is_no_evidence() -> None:
    roof = Roof(20, 30)
    roof.live(sun=3000, hours=0.2)
    roof.counts[0] += 2.75  # Counted before, updated late.
    roof.live(sun=3000, hours=0.2)
    assert roof.direction.counter is None
    roof.live(sun=3000, hours=0.5)
    assert roof.direction.counter == 2


def test_growth_of_both_counters_is_no_evidence() -> None:
    roof = Roof(20, 30)
    for _ in range(6):
        roof.counts[0] += 0.5
        roof.live(sun=3000, hours=0.2)
    assert roof.direction.counter is None


@pytest.mark.parametrize("others", [None, 1500.0, 3000.0])
def test_power_that_may_be_consumption_is_no_evidence(others: float | None) -> None:
    roof = Roof(20, 30)
    roof.power = 3000
    for _ in range(60):
        roof.counts[1] += 0.1
        roof.update(others)
    assert roof.direction.counter is None
    assert roof.direction.generated_power(roof.meter, others) is None


def test_time_between_distant_readings_is_no_evidence() -> None:
    roof = Roof(20, 30)
    for _ in range(6):
        roof.at += timedelta(minutes=30)
        roof.power = 3000
        roof.counts[1] += 1.5
        roof.update(-2000)
    assert roof.direction.counter is None


@pytest.mark.parametrize("hours", [0, 1])
def test_growth_while_the_clock_is_set_back_is_no_evidence(hours: int) -> None:
    roof = Roof(20, 30)
    roof.live(sun=3000, hours=0.2)
    roof.at -= POLL + timedelta(hours=hours)
    roof.counts[0] += 2
    roof.update(-2700)
    roof.live(sun=3000, hours=0.3)
    assert roof.direction.counter == 2


@pytest.mark.parametrize(
    ("share", "counter"), [(0.4, None), (0.6, 2), (1.4, 2), (1.6, None)]
)
def test_growth_must_be_about_what_the_power_adds_up_to(
    share: float, counter: int | None
) -> None:
    roof = Roof(20, 30)
    roof.power = 3000
    roof.update(-2700)
    for _ in range(12):
        roof.counts[1] += share * 0.1
        roof.update(-2700)
    assert roof.direction.counter == counter


def test_low_power_is_no_evidence_but_is_shown() -> None:
    roof = Roof(20, 30)
    roof.live(sun=190, house=0, hours=8)
    assert roof.direction.counter is None
    assert roof.direction.generated_power(roof.meter, None) == 190


@pytest.mark.parametrize("counter", [None, 2])
def test_power_that_is_unknown_is_no_generation_and_no_evidence(
    counter: int | None,
) -> None:
    detector = MeterDirectionDetector()
    detector.direction = before = MeterDirection(counter=counter)
    unknown: dict[str, Any] = {"power": None}
    blank = replace(metered(5, 3000, 0), **unknown)
    assert before.generated_power(blank, None) is None
    assert before.signed_power(blank) is None
    for number in range(3):
        at = DAWN + number * POLL
        detector.update(blank, at, registers=(5.0, 3000.0), others=-3000.0)
    assert detector.direction == before


@pytest.mark.parametrize(
    "stored",
    [
        {"counter": 2, "before": 2960},
        {"counter": 1, "before": 2.5, "sign": -1},
        {"counter": None, "before": 0.0, "doubted_at": [2.0, 3.5]},
    ],
)
def test_direction_survives_storage(stored: dict[str, Any]) -> None:
    assert MeterDirection.from_dict(stored).to_dict() == stored


@pytest.mark.parametrize(
    "damage",
    [
        {"counter": 5},
        {"counter": "2"},
        {"before": None},
        {"before": "0"},
        {"before": True},
        {"before": float("nan")},
        {"sign": 0},
        {"sign": "x"},
        {"doubted_at": [1.0]},
        {"doubted_at": [1.0, "x"]},
        {"doubted_at": 5},
    ],
)
def test_damaged_direction_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        MeterDirection.from_dict({"counter": 2, "before": 0.0} | damage)


@pytest.mark.parametrize(
    ("first", "second", "power", "generated"),
    [
        (0.05, 3204.9, 3000, 3000),
        (0.05, 3204.9, -16, 0),
        (3204.9, 0.05, -3000, 3000),
        (3204.9, 0.05, 16, 0),
        (0.5, 0.2, -3000, None),
        (2000, 3204.9, -3000, None),
    ],
)
def test_power_has_the_sign_of_the_counter_if_that_is_known(
    first: float, second: float, power: float, generated: float | None
) -> None:
    meter = metered(first, second, power)
    assert DEFAULT_DIRECTION.generated_power(meter, None) == generated


def test_sign_that_a_device_shows_replaces_the_usual_one() -> None:
    roof = Roof(5, 3000)
    for _ in range(30):
        roof.counts[1] += 0.1
        roof.power = -3000
        roof.update(None)
    assert roof.direction.generated_power(metered(5, 3003, -3000), None) == 3000
    assert roof.direction.generated_power(metered(5, 3003, 20), None) == 0
    stored = roof.direction.to_dict()
    assert stored["sign"] == -1
    assert MeterDirection.from_dict(stored) == roof.direction


def test_usual_sign_is_kept_while_it_explains_the_energy() -> None:
    roof = Roof(5, 3000)
    for _ in range(6):
        roof.live(sun=3000)
        roof.live(car=7000)
    assert roof.direction.sign == 1


@pytest.mark.parametrize("counter", ["energy_1_total", "energy_2_total"])
def test_energy_of_a_meter_without_one_of_its_counters_is_unknown(counter: str) -> None:
    unknown: dict[str, Any] = {counter: None}
    meter = replace(metered(5, 3000, 100), **unknown)
    assert MeterDirection(counter=2).generated_energy(meter) is None
    assert MeterDirection(counter=2).generated_energy(metered(5, 3000, 100)) == 3000
