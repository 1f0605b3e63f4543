"""The sun over the house, and the clouds before it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import cos, radians, sin

from .chance import random_at, smooth_random_at

LATITUDE = radians(48.0)
NOON = 12.5
"""When the sun stands highest, by the clock on the wall (h)."""
MIDSUMMER = 165
MIDWINTER = 355


class Day(StrEnum):
    """The kind of day that the house lives through, again and again."""

    SUNNY = "sunny"
    CLOUDY = "cloudy"
    RAINY = "rainy"
    WINTER = "winter"
    TODAY = "today"
    """The season of the calendar, and each date its own weather."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How much of the sun gets through: at worst, and at best."""

    darkest: float
    brightest: float
    diffuse: float
    """Share of the light that comes from everywhere: clouds scatter it."""


_WEATHER = {
    Day.SUNNY: Weather(0.97, 1.0, 0.12),
    Day.CLOUDY: Weather(0.22, 1.05, 0.35),
    Day.RAINY: Weather(0.05, 0.22, 0.95),
    Day.WINTER: Weather(0.55, 0.95, 0.3),
}
_OF_A_DATE = (Day.SUNNY, Day.CLOUDY, Day.SUNNY, Day.CLOUDY, Day.RAINY)


@dataclass(frozen=True, slots=True)
class Sky:
    """Says how bright it is at any moment; the same moment is always as bright."""

    day: Day
    seed: int

    def light(self, clock: datetime, *, tilt: float, azimuth: float) -> float:
        """Tell the light on a roof as a share of full sun.

        The tilt is in degrees from level, the azimuth from south, west positive.
        """
        height, west, south = self._sun_position(clock)
        if height <= 0:
            return 0.0
        slope, facing = radians(tilt), radians(azimuth)
        level = south * cos(facing) + west * sin(facing)
        beam = max(0.0, height * cos(slope) + level * sin(slope))
        weather = self._weather(clock.date())
        through = 1.0 - 0.3 * (1 - height) ** 2
        share = weather.diffuse * height + (1 - weather.diffuse) * beam
        return min(1.1, share * through * self._cloud_factor(weather, clock))

    def room_temperature(self, clock: datetime) -> float:
        """Tell the temperature of the cellar in which the inverter hangs (°C)."""
        height, _, _ = self._sun_position(clock)
        return (
            14.0
            + 8.0 * max(0.0, height)
            + 2.0 * smooth_random_at(self.seed, clock.toordinal() + clock.hour / 24)
        )

    def _sun_position(self, clock: datetime) -> tuple[float, float, float]:
        """Point at the sun: how high, how far west, how far south."""
        hour = clock.hour + clock.minute / 60 + clock.second / 3600
        angle = radians(15 * (hour - NOON))
        declination = radians(23.44) * sin(
            radians((284 + self._day_of_year(clock)) * 360 / 365)
        )
        height = sin(LATITUDE) * sin(declination) + cos(LATITUDE) * cos(
            declination
        ) * cos(angle)
        south = sin(LATITUDE) * cos(declination) * cos(angle) - cos(LATITUDE) * sin(
            declination
        )
        return height, cos(declination) * sin(angle), south

    def _day_of_year(self, clock: datetime) -> int:
        match self.day:
            case Day.TODAY:
                return clock.timetuple().tm_yday
            case Day.WINTER:
                return MIDWINTER
            case _:
                return MIDSUMMER

    def _weather(self, on: date) -> Weather:
        if self.day is not Day.TODAY:
            return _WEATHER[self.day]
        drawn = random_at(self.seed, on.toordinal())
        return _WEATHER[_OF_A_DATE[int(drawn * len(_OF_A_DATE))]]

    def _cloud_factor(self, weather: Weather, clock: datetime) -> float:
        """Tell how much the clouds let through: banks of them, with holes."""
        minutes = (
            clock.toordinal() * 1440
            + clock.hour * 60
            + clock.minute
            + clock.second / 60
        )
        banks = smooth_random_at(self.seed + 1, minutes / 25)
        holes = smooth_random_at(self.seed + 2, minutes / 3)
        open_sky = 0.65 * banks + 0.35 * holes
        return weather.darkest + (weather.brightest - weather.darkest) * open_sky
