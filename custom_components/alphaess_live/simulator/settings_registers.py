"""The registers that a person or a program may set: configuration, periods, clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from modbus_connection import IllegalDataValueError

from ..alphaess.registers import Clock
from ..alphaess.schedule import MAX_SOC_PERCENT, Schedule
from . import periods
from .battery_orders import BatteryOrder
from .behaviour import Behaviour
from .house import House
from .models import Model

FEED_IN = 0x0800
CLOCK = range(0x0740, 0x0743)
WRITABLE = (range(0x0800, 0x0812), range(0x084F, 0x0862))
"""Kept in flash: a real inverter wears out if they are written in a loop."""


class SettingsRegisters:
    """What is set in the inverter, and what the house makes of it."""

    def __init__(self, house: House, model: Model) -> None:
        """Begin as the installer left it."""
        self._house = house
        self._profile = model.profile
        self.now: Callable[[], datetime] = lambda: house.clock
        """What time it is where the inverter hangs: the house's, unless told otherwise."""
        self.words = _initial_words(house, model)
        self._schedule = Schedule.decode(self.words, self._profile)
        self.clock_error = timedelta()
        """How far the inverter's clock is ahead of that."""

    def write(self, words: dict[int, int], behaviour: Behaviour) -> None:
        """Keep what was written; feed-in limit, reserve and periods take effect at once."""
        if behaviour.ignores_settings:
            return
        limits = behaviour.setting_limits
        self.words |= {
            at: max(limits[at][0], min(limits[at][-1], word)) if at in limits else word
            for at, word in words.items()
        }
        self._house.feed_in = min(100, self.words[FEED_IN])
        self._schedule = Schedule.decode(self.words, self._profile)
        self._house.reserve = float(
            min(MAX_SOC_PERCENT, self._schedule.discharge_floor or 0)
        )

    @property
    def period_orders(self) -> tuple[BatteryOrder, ...]:
        """What the periods make the inverter want now, by its own clock, right or wrong."""
        return periods.period_orders(self._schedule, self._clock)

    @property
    def seconds_until_change(self) -> int | None:
        """Seconds for which that stays so, if it ever changes."""
        return periods.seconds_until_change(self._schedule, self._clock)

    def set_clock(self, words: dict[int, int]) -> None:
        """Set the inverter's clock; what is no date is refused."""
        told = Clock.decode(self.clock().encode() | words).time
        if told is None:
            raise IllegalDataValueError
        self.clock_error = told - self.now()

    def clock(self) -> Clock:
        """Read the inverter's clock."""
        return replace(Clock.neutral(), time=self._clock)

    @property
    def _clock(self) -> datetime:
        return (self.now() + self.clock_error).replace(microsecond=0)


def _initial_words(house: House, model: Model) -> dict[int, int]:
    plant = model.equipment
    roofs = sum(roof.peak for roof in plant.roofs)
    words = dict.fromkeys((address for span in WRITABLE for address in span), 0)
    shares = Schedule(discharge_floor=round(house.reserve), charge_target=95)
    return (
        words
        | shares.encode(model.profile, minutes=False)
        | {
            FEED_IN: house.feed_in,
            0x0801: roofs >> 16,
            0x0802: roofs & 0xFFFF,
            0x0803: (plant.peak - roofs) >> 16,
            0x0804: (plant.peak - roofs) & 0xFFFF,
            0x0805: 3 if plant.roofs else 1,
            0x0807: 1,
            0x0809: 0xC0A8,
            0x080A: 0x0132,
            0x080B: 0xFFFF,
            0x080C: 0xFF00,
            0x080D: 0xC0A8,
            0x080E: 0x0101,
            0x080F: 85,
            0x0811: int(plant.phases == 3),
        }
    )
