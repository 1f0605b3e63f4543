"""PV energy of today: of what one part has counted in a gap, today has its share, and it never falls."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import override

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.alphaess_live.alphaess.pv_energy import LateEnergy
from custom_components.alphaess_live.alphaess.registers import PvMeter
from custom_components.alphaess_live.totals.daily import DailyTotal
from custom_components.alphaess_live.totals.restored import EnergyTotal
from tests.alphaess.readers import MANY, NOON, POLL, PV, Reader
from tests.alphaess.test_energy_ledger import meter_words
from tests.alphaess.units import battery_words, grid_words, load, refuse, serve

HOUR = timedelta(hours=1)


class PvToday(EnergyTotal):
    """The PV energy of an inverter, and its day in UTC."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.day: DailyTotal | None = None
        self.strings = self.first = self.second = 0.0
        self.energies: list[float] = []

    @property
    @override
    def value(self) -> float | None:
        return self.reader.ledger.value(PV)

    @property
    @override
    def confirmed_at(self) -> datetime | None:
        return self.reader.ledger.confirmed_at(PV)

    @property
    @override
    def late_energies(self) -> Sequence[LateEnergy]:
        return self.reader.ledger.late_energies(PV)

    @override
    def restore(self, value: float, at: datetime) -> None:
        self.reader.ledger.restore(PV, value, at)

    async def poll(
        self, duration: timedelta, *, strings: float = 0, meter: float = 0
    ) -> float:
        """Poll while so many W are generated; return the energy of today."""
        for _ in range(round(duration / POLL)):
            self.strings += strings / 120_000
            self.second += meter / 120_000
            await self.reader.read(
                strings=round(self.strings, 2),
                meter_1=round(self.first, 2),
                meter_2=round(self.second, 2),
            )
            now = self.reader.snapshot.measured_at
            midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
            self.day = DailyTotal.follow(
                self.day,
                self.value,
                at=self.confirmed_at,
                midnight=midnight,
                late=self.late_energies,
            )
            self.energies.append(self.day.energy if self.day else 0.0)
        return self.energies[-1]

    def wait(self, duration: timedelta) -> None:
        self.reader.clock.tick(duration)


@pytest.fixture
def frozen_clock() -> Iterator[FrozenDateTimeFactory]:
    """Set the time; it only passes between two readings."""
    with freeze_time(NOON, real_asyncio=True) as factory:
        yield factory  # type: ignore[misc]


@pytest.fixture
async def pv(frozen_clock: FrozenDateTimeFactory) -> PvToday:
    """Read an inverter with strings and a PV meter, at noon."""
    pv = PvToday(Reader(frozen_clock, strings=5000, meter_1=0.05, meter_2=3000))
    pv.reader.set(system=8000)
    pv.strings, pv.first, pv.second = 5000, 0.05, 3000
    await pv.poll(MANY * POLL)
    return pv


@pytest.mark.parametrize("restarted", [False, True])
async def test_meter_that_returns_after_two_days_adds_its_share_of_today(
    pv: PvToday, *, restarted: bool
) -> None:
    refuse(pv.reader.unit, PvMeter.addresses())
    await pv.poll(HOUR)
    pv.wait(44 * HOUR)
    assert await pv.poll(2 * HOUR, strings=5000) == pytest.approx(10, abs=0.1)
    if restarted:
        pv.reader.restart()
        await pv.poll(HOUR / 6)
    serve(pv.reader.unit, PvMeter.addresses())
    pv.reader.inverter.rediscover()
    pv.second += 40
    # 11 of the 47 hours since 12:11 were today, until it is confirmed.
    hours = 47.1 + restarted / 6
    energy = 15 + 40 * (hours - 35.75) / hours
    assert await pv.poll(HOUR, strings=5000) == pytest.approx(energy, abs=0.3)
    assert pv.value == pytest.approx(8055, abs=0.2)
    today = pv.energies[-4 * 120 :]
    assert today == sorted(today)
    assert await pv.poll(HOUR, meter=2000) == pytest.approx(energy + 2, abs=0.3)


async def test_meter_that_returns_after_a_night_adds_its_share_of_today(
    pv: PvToday,
) -> None:
    await pv.poll(HOUR)
    refuse(pv.reader.unit, PvMeter.addresses())
    await pv.poll(HOUR)
    pv.wait(18 * HOUR)
    await pv.poll(HOUR, strings=3000)
    serve(pv.reader.unit, PvMeter.addresses())
    pv.reader.inverter.rediscover()
    pv.second += 20
    # 9 of the 20 hours since 13:00 were today.
    assert await pv.poll(HOUR) == pytest.approx(3 + 20 * 9.3 / 20.2, abs=0.4)


@pytest.mark.parametrize("strings", [0, 2000])
@pytest.mark.parametrize("restarted", [False, True])
async def test_energy_that_waited_for_days_in_doubt_is_divided_by_time(
    frozen_clock: FrozenDateTimeFactory, strings: float, *, restarted: bool
) -> None:
    pv = PvToday(Reader(frozen_clock, strings=5000, system=5070))
    pv.strings, pv.first, pv.second = 5000, 40, 30
    dull = grid_words(2000) | battery_words(power=0, current=0, voltage=500)
    load(pv.reader.unit, dull | meter_words(0))
    await pv.poll(HOUR / 2)
    for _ in range(3):
        load(pv.reader.unit, dull | meter_words(2000))
        await pv.poll(2 * HOUR, meter=2000, strings=strings)
        if restarted:
            direction = pv.reader.ledger.direction
            pv.reader.restart()
            pv.reader.ledger.restore_direction(direction)
        load(pv.reader.unit, dull | meter_words(0))
        await pv.poll(HOUR)
        pv.wait(20 * HOUR)
        await pv.poll(HOUR)
    assert pv.reader.ledger.direction.doubted_at
    before = await pv.poll(HOUR, strings=strings)
    assert before == pytest.approx(strings / 1000, abs=0.1)
    sunny = grid_words(-2500) | meter_words(3000)
    load(pv.reader.unit, dull | sunny)
    energy = await pv.poll(HOUR, meter=3000)
    assert pv.reader.ledger.direction.counter == 2
    # 13 of 73 hours in doubt were today; what is counted afterwards is all of it.
    assert energy == pytest.approx(before + 13 * 13 / 73 + 2, abs=0.3)
    today = pv.energies[-2 * 120 :]
    assert today == sorted(today)
