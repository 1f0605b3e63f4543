"""Implausible values are read again, held, and then unknown; plausible ones are not changed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from hypothesis import given, settings, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.maps import CURRENT
from custom_components.alphaess_live.alphaess.monotonic_counter import RejectionReason
from custom_components.alphaess_live.alphaess.registers import (
    Grid,
)
from custom_components.alphaess_live.alphaess.registers.register import Quantity as Q
from custom_components.alphaess_live.alphaess.snapshot import DERIVED, READINGS
from custom_components.alphaess_live.alphaess.value_filter import (
    AGREEMENTS,
    MAX_DOUBTED_SAMPLES,
    MAX_HELD_SAMPLES,
    STEP_TIME,
)
from custom_components.alphaess_live.alphaess.value_ranges import CrossCheck
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.sky import Day
from tests.images import IMAGES, Image

from .units import (
    SMILE_B3,
    THREE_PHASE,
    GlitchingUnit,
    battery_words,
    confirmed_identity,
    grid_words,
    read_once,
    settle_refusals,
)

SPIKE = Grid.registers["power"].encode(1_000_000)
POWER = Grid.registers["power"].decode(THREE_PHASE)


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
async def test_recorded_values_are_not_changed(image: Image) -> None:
    inverter = Inverter(GlitchingUnit(image.holding))
    for _ in range(5):
        snapshot = await inverter.read()
        snapshot = await inverter.read_power(snapshot)
    assert inverter.stats.rejected_samples == 0
    words = dict.fromkeys(range(0x1100), 0) | image.holding
    for reading in READINGS:
        if reading.part != DERIVED and getattr(snapshot, reading.part) is not None:
            block = CURRENT.block(reading.part).decode(words, inverter.profile)
            shown = reading.of(snapshot)
            is_new_counter = reading.quantity is Q.ENERGY and shown is None
            assert is_new_counter or shown == getattr(block, reading.field)


@pytest.mark.parametrize("name", MODELS)
async def test_simulated_day_has_no_rejected_sample(name: str) -> None:
    unit = simulate(MODELS[name], datetime(2025, 6, 15), speed=0, day=Day.CLOUDY)  # noqa: DTZ001
    inverter = Inverter(unit)
    await inverter.read()
    settle_refusals(inverter)
    rejected: set[str] = set()
    for _ in range(96):
        snapshot = await inverter.read()
        rejected |= {one.key for one in inverter.plausibility.rejections}
        for _ in range(3):
            unit.advance(300)
            snapshot = await inverter.read_power(snapshot)
            assert snapshot.power.load is not None
    # The counters see hours pass in an instant.
    assert not {key for key in rejected if "energy" not in key}


async def test_spike_is_read_again_and_the_second_answer_shown() -> None:
    unit, inverter, _ = await read_once()
    before = len(unit.requests)
    await inverter.read()
    steady = len(unit.requests) - before
    unit.glitches = SPIKE
    snapshot = await inverter.read()
    assert snapshot.power.grid == POWER
    assert len(unit.requests) - before == 2 * steady + 1
    assert inverter.stats.last_requests == steady + 1
    assert inverter.stats.rejected_samples == 0


async def test_spike_in_both_answers_is_replaced_by_the_value_before() -> None:
    unit, inverter, _ = await read_once()
    unit.holding |= SPIKE
    snapshot = await inverter.read()
    assert snapshot.power.grid == POWER
    assert inverter.stats.rejected_samples == 1
    [rejection] = inverter.plausibility.rejections
    assert rejection == (
        "grid_power",
        snapshot.measured_at,
        1_000_000,
        POWER,
        RejectionReason.IMPOSSIBLE,
    )


@pytest.mark.parametrize(
    ("true", "torn"), [(-10, (0, 0xFFF6)), (27, (0xFFFF, 0x001B)), (3, (1, 0))]
)
@pytest.mark.parametrize("live", [False, True])
async def test_torn_power_word_is_not_shown(
    true: int, torn: tuple[int, int], *, live: bool
) -> None:
    limits = battery_words(charge_power_limit=10_000, discharge_power_limit=10_000)
    words = limits | grid_words(true)
    unit, inverter, first = await read_once(words)
    words = dict(zip((0x0021, 0x0022), torn, strict=True))
    for _ in range(2):
        unit.glitches = words
        last = await (inverter.read_power(first) if live else inverter.read())
        assert last.power == first.power
    unit.holding |= words
    for _ in range(MAX_HELD_SAMPLES):
        last = await (inverter.read_power(last) if live else inverter.read())
        assert last.power == first.power
    last = await (inverter.read_power(last) if live else inverter.read())
    assert last.power.grid is None
    assert last.power.load is None


async def test_first_sample_that_is_torn_is_not_shown() -> None:
    words = grid_words(-10) | {0x0021: 0, 0x0022: 0xFFE2}
    inverter = Inverter(GlitchingUnit(THREE_PHASE | words))
    snapshot = await inverter.read()
    assert snapshot.grid is None
    assert snapshot.power.load is None


async def test_change_by_just_a_step_beside_a_wrong_value_is_shown() -> None:
    unit, inverter, _ = await read_once(battery_words(soc=50, cell_voltage_max=3.4))
    unit.holding |= battery_words(soc=55, cell_voltage_max=9)
    snapshot = await inverter.read()
    assert snapshot.power.soc == 55
    unit.holding |= battery_words(soc=60.1)
    assert (await inverter.read()).power.soc == 55


TORN = {0x0021: 0, 0x0022: 0xFFF6}
"""-10 W with the upper half of a positive power: 65,526 W."""
NO_PHASES = (
    grid_words(0)
    | Grid.registers["power"].encode(-10)
    | battery_words(charge_power_limit=10_000, discharge_power_limit=10_000)
)


@pytest.mark.parametrize("outage", [False, True])
async def test_first_power_that_is_torn_without_phases_is_read_again(
    *, outage: bool
) -> None:
    unit = GlitchingUnit(THREE_PHASE | NO_PHASES)
    inverter = Inverter(unit, known_identity=confirmed_identity(unit.holding))
    for _ in range(1 + outage):
        await inverter.read()
    if not outage:
        inverter = Inverter(unit, known_identity=confirmed_identity(unit.holding))
    unit.glitches = TORN
    snapshot = await inverter.read(after_outage=outage)
    assert snapshot.power.grid == -10
    assert inverter.stats.rejected_samples == 0


@pytest.mark.parametrize("live", [False, True])
async def test_power_after_a_pause_that_is_torn_is_read_again(*, live: bool) -> None:
    with freeze_time(datetime.now(UTC), real_asyncio=True) as clock:
        unit, inverter, snapshot = await read_once(NO_PHASES)
        clock.tick(STEP_TIME * 1.1)
        unit.glitches = TORN
        last = await (inverter.read_power(snapshot) if live else inverter.read())
    assert last.power == snapshot.power
    assert inverter.stats.rejected_samples == 0


async def test_first_power_that_both_readings_show_is_shown_at_once() -> None:
    words = NO_PHASES | Grid.registers["power"].encode(40_000)
    unit = GlitchingUnit(THREE_PHASE | words)
    inverter = Inverter(unit, known_identity=confirmed_identity(unit.holding))
    snapshot = await inverter.read()
    first = inverter.stats.last_requests
    assert snapshot.power.grid == 40_000
    assert (await inverter.read_power(snapshot)).power.grid == 40_000
    await inverter.read()
    assert inverter.stats.rejected_samples == 0
    unit.holding |= NO_PHASES
    again = Inverter(unit, known_identity=confirmed_identity(unit.holding))
    await again.read()
    assert again.stats.last_requests == first - 1


async def test_first_powers_that_differ_are_not_shown_until_two_agree() -> None:
    unit = GlitchingUnit(THREE_PHASE | NO_PHASES | TORN)
    inverter = Inverter(unit, known_identity=confirmed_identity(unit.holding))
    unit.glitches = Grid.registers["power"].encode(-40_000)
    assert (await inverter.read()).grid is None
    unit.holding |= NO_PHASES
    assert (await inverter.read()).power.grid == -10


async def test_kettle_is_shown_at_once() -> None:
    unit, inverter, snapshot = await read_once(times=2 * AGREEMENTS)
    unit.holding |= grid_words(1000)
    assert (await inverter.read_power(snapshot)).power.grid == 3000
    unit.holding |= grid_words(-1000)
    snapshot = await inverter.read()
    assert snapshot.power.grid == -3000
    unit.holding |= battery_words(power=3000, current=3000 / 205.6)
    assert (await inverter.read_power(snapshot)).power.battery == 3000
    assert inverter.stats.rejected_samples == 0


async def test_power_that_its_phases_contradict_is_held() -> None:
    unit, inverter, first = await read_once(times=AGREEMENTS)
    unit.holding |= Grid.registers["power"].encode(700)
    assert (await inverter.read()).power == first.power
    [rejection] = inverter.plausibility.rejections
    assert rejection.reason is RejectionReason.CONTRADICTED


async def test_phase_that_contradicts_its_sum_is_held_alone() -> None:
    unit, inverter, first = await read_once(times=AGREEMENTS)
    unit.holding |= Grid.registers["power_l2"].encode(700)
    for _ in range(MAX_HELD_SAMPLES):
        assert (await inverter.read()).grid == first.grid
    snapshot = await inverter.read()
    assert snapshot.grid is not None
    assert vars(snapshot.grid)["power_l2"] is None
    assert snapshot.grid.power == POWER


async def test_check_that_a_device_disproves_is_not_used() -> None:
    unit, inverter, _ = await read_once(times=AGREEMENTS)
    unit.holding |= battery_words(power=-500)
    held = await inverter.read()
    assert held.power.battery == -2500
    unit.holding |= battery_words(current=-2.4)
    assert (await inverter.read()).power.battery == -500
    unit.holding |= battery_words(power=3000)
    assert (await inverter.read()).power.battery == 3000


async def test_contradiction_that_lasts_is_what_the_device_sends() -> None:
    unit, inverter, snapshot = await read_once(times=AGREEMENTS)
    unit.holding |= Grid.registers["power"].encode(700)
    for _ in range(MAX_DOUBTED_SAMPLES):
        snapshot = await inverter.read()
        assert snapshot.power.grid in (POWER, None)
    snapshot = await inverter.read()
    assert snapshot.power.grid == 700
    assert inverter.stats.rejected_samples == MAX_DOUBTED_SAMPLES


async def test_large_power_is_shown_where_the_phases_support_it() -> None:
    unit, inverter, _ = await read_once()
    unit.holding |= grid_words(20_000)
    assert (await inverter.read()).power.grid == 60_000
    assert inverter.stats.rejected_samples == 0


async def test_change_of_65_kilowatts_without_phases_is_held() -> None:
    words = grid_words(0) | Grid.registers["power"].encode(27)
    unit, inverter, _ = await read_once(words)
    unit.holding |= {0x0021: 1}
    assert (await inverter.read()).power.grid == 27


async def test_zero_current_of_a_smile_b3_is_no_contradiction() -> None:
    inverter = Inverter(GlitchingUnit(SMILE_B3))
    for _ in range(AGREEMENTS):
        await inverter.read()
    inverter.unit.holding |= Grid.registers["power"].encode(2000)  # type: ignore[attr-defined]
    inverter.unit.holding |= Grid.registers["power_l1"].encode(2000)  # type: ignore[attr-defined]
    assert (await inverter.read()).power.grid == 2000


async def test_spike_after_an_outage_is_not_replaced_by_an_old_value() -> None:
    unit, inverter, _ = await read_once()
    unit.holding |= SPIKE
    assert (await inverter.read(after_outage=True)).grid is None


async def test_live_polls_do_not_end_the_rejection_of_other_values() -> None:
    unit, inverter, _ = await read_once()
    unit.holding |= Grid.registers["frequency"].encode(653.97)
    shown = []
    for _ in range(MAX_HELD_SAMPLES + 2):
        snapshot = await inverter.read()
        assert snapshot.grid is not None
        shown.append(snapshot.grid.frequency)
        await inverter.read_power(snapshot)
    assert None not in shown[:MAX_HELD_SAMPLES]
    assert shown[MAX_HELD_SAMPLES:] == [None, None]


async def test_value_that_stays_impossible_is_not_read_again_for_ever() -> None:
    unit, inverter, _ = await read_once()
    before = len(unit.requests)
    await inverter.read()
    steady = len(unit.requests) - before
    unit.holding |= SPIKE
    requests = []
    for _ in range(MAX_HELD_SAMPLES + 2):
        await inverter.read()
        requests.append(inverter.stats.last_requests - steady)
    assert requests == [1] * MAX_HELD_SAMPLES + [0, 0]


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(sorted(THREE_PHASE)), st.integers(0, 0xFFFF), max_size=8
        ),
        max_size=8,
    )
)
async def test_random_words_give_no_impossible_power(
    garbage: list[dict[int, int]],
) -> None:
    unit, inverter, _ = await read_once()
    for words in garbage:
        unit.holding |= THREE_PHASE | words
        power = (await inverter.read()).power
        assert power.grid is None or abs(power.grid) <= inverter.plausibility.max_power
        assert power.battery is None or abs(power.battery) <= 32_768
        assert power.soc is None or 0 <= power.soc <= 100


@dataclass(frozen=True)
class PowerOfTwo:
    """A block with a power and the two values that it is computed from."""

    power: float
    first: float
    second: float


@pytest.mark.parametrize(
    ("now", "blamed"),
    [
        # The power and its estimate have changed by the same: a value that it is computed from.
        (PowerOfTwo(1500, 0, 500), "first"),
        (PowerOfTwo(1501, 0, 500), "power"),
        (PowerOfTwo(1499, 0, 500), "first"),
        (PowerOfTwo(1000, 500, 0), "second"),
        # The first has changed by more, but the second by the larger share.
        (PowerOfTwo(1000, 600, 410), "second"),
        # Both inputs have changed by the same share: the first.
        (PowerOfTwo(1000, 250, 250), "first"),
    ],
)
def test_value_that_has_changed_more_is_blamed(now: PowerOfTwo, blamed: str) -> None:
    check = CrossCheck(
        part="grid",
        field="power",
        inputs=("first", "second"),
        compute=sum,
        tolerance=0,
        share=0,
    )
    assert check.blamed_field(now, PowerOfTwo(1000, 500, 500)) == blamed
    assert check.blamed_field(now, None) == "power"
    unused = PowerOfTwo(500, 0, 500)
    assert check.blamed_field(PowerOfTwo(500, 0, 1000), unused) == "second"
