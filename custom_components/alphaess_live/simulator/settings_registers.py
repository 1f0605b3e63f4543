"""The writable setting registers: configuration, periods and clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from modbus_connection import IllegalDataValueError

from ..alphaess.dispatch import MAX_SOC_PERCENT
from ..alphaess.registers import Clock
from ..alphaess.schedule import Schedule
from . import periods
from .battery_orders import BatteryOrder
from .behaviour import Behaviour
from .house import House
from .models import Model

FEED_IN = 0x0800
CLOCK = range(0x0740, 0x0743)
WRITABLE = (range(0x0800, 0x0812), range(0x084F, 0x0862))
"""Registers in flash, which wears out with many writes."""


class SettingsRegisters:
    """The settings of the inverter, and their effect on the house."""

    def __init__(self, house: House, model: Model) -> None:
        """Start with the installer's settings."""
        self._house = house
        self._profile = model.profile
        self.now: Callable[[], datetime] = lambda: house.clock
        """Local time; by default the house's."""
        self.words = _initial_words(house, model)
        self._schedule = Schedule.decode(self.words, self._profile)
        self.clock_error = timedelta()
        """Error of the inverter's clock against the local time."""

    def write(self, words: dict[int, int], behaviour: Behaviour) -> None:
        """Store the words; feed-in limit, reserve and periods take effect at once."""
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
        """The battery orders of the periods now, by the inverter's own clock."""
        return periods.period_orders(self._schedule, self._clock)

    @property
    def seconds_until_change(self) -> int | None:
        """Seconds until they change; None if they never do."""
        return periods.seconds_until_change(self._schedule, self._clock)

    def set_clock(self, words: dict[int, int]) -> None:
        """Set the inverter's clock. Raises IllegalDataValueError for an invalid date."""
        time = Clock.decode(self.clock().encode() | words).time
        if time is None:
            raise IllegalDataValueError
        self.clock_error = time - self.now()

    def clock(self) -> Clock:
        """Build the clock block."""
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
