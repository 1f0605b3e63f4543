"""Sun, clouds and temperature: reproducible functions of time and seed."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from math import cos, floor, radians, sin

LATITUDE = radians(48.0)
NOON = 12.5
"""Time of the highest sun, in hours of the wall clock."""
MIDSUMMER = 165
MIDWINTER = 355


class Day(StrEnum):
    """The weather that is simulated each day."""

    SUNNY = "sunny"
    CLOUDY = "cloudy"
    BROKEN_CLOUDS = "broken_clouds"
    """Small clouds that shade the roof within seconds."""
    RAINY = "rainy"
    WINTER = "winter"
    TODAY = "today"
    """The season of the calendar, and different weather for each date."""


@dataclass(frozen=True, slots=True)
class Weather:
    """Range of the light that passes the clouds, 0 to 1."""

    darkest: float
    brightest: float
    diffuse: float
    """Share of diffuse light."""
    cloud_seconds: int = 0
    """Time between the edges of small clouds; 0 without any."""


_WEATHER = {
    Day.SUNNY: Weather(0.97, 1.0, 0.12),
    Day.CLOUDY: Weather(0.22, 1.05, 0.35),
    Day.BROKEN_CLOUDS: Weather(0.25, 1.05, 0.35, cloud_seconds=25),
    Day.RAINY: Weather(0.05, 0.22, 0.95),
    Day.WINTER: Weather(0.55, 0.95, 0.3),
}
_OF_A_DATE = (Day.SUNNY, Day.CLOUDY, Day.SUNNY, Day.CLOUDY, Day.RAINY)


@dataclass(frozen=True, slots=True)
class Sky:
    """Light and temperature; the same moment always has the same values."""

    day: Day
    seed: int

    def light(self, clock: datetime, *, tilt: float, azimuth: float) -> float:
        """Compute the light on a roof as a share of full sun.

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
        """Compute the temperature of the room of the inverter (°C)."""
        height, _, _ = self._sun_position(clock)
        return (
            14.0
            + 8.0 * max(0.0, height)
            + 2.0 * smooth_random_at(self.seed, clock.toordinal() + clock.hour / 24)
        )

    def _sun_position(self, clock: datetime) -> tuple[float, float, float]:
        """Compute the direction of the sun: up, west, south."""
        hour = clock.hour + clock.minute / 60 + clock.second / 3600
        angle = radians(15 * (hour - NOON))
        declination = radians(23.44) * sin(
            radians((284 + self._day_of_year(clock)) * 360 / 365)
        )
        sine, cosine = sin(declination), cos(declination)
        height = sin(LATITUDE) * sine + cos(LATITUDE) * cosine * cos(angle)
        south = sin(LATITUDE) * cosine * cos(angle) - cos(LATITUDE) * sine
        return height, cosine * sin(angle), south

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
        """Compute the share of light that passes the clouds."""
        if weather.cloud_seconds:
            return self._small_clouds(weather, clock)
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

    def _small_clouds(self, weather: Weather, clock: datetime) -> float:
        """Compute the same for clouds with sharp edges, which pass in a few seconds."""
        seconds = seconds_of(clock)
        wave = smooth_random_at(self.seed + 2, seconds / weather.cloud_seconds)
        shade = min(1.0, max(0.0, 5 * wave - 2))
        return weather.darkest + (weather.brightest - weather.darkest) * shade


def seconds_of(clock: datetime) -> int:
    """Convert a time of the wall clock to whole seconds since the year 1."""
    minutes = clock.toordinal() * 1440 + clock.hour * 60 + clock.minute
    return minutes * 60 + clock.second


_MASK = (1 << 64) - 1


@lru_cache(maxsize=4096)
def random_at(seed: int, position: int) -> float:
    """Compute a pseudo-random number in [0, 1), the same for the same seed and position."""
    mixed = (seed * 0x9E3779B97F4A7C15 + position * 0xD1B54A32D192ED03) & _MASK
    mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
    return ((mixed ^ mixed >> 31) >> 11) / (1 << 53)


def smooth_random_at(seed: int, position: float) -> float:
    """Interpolate smoothly between the random numbers of the whole positions."""
    before = floor(position)
    part = position - before
    eased = part * part * (3 - 2 * part)
    here = random_at(seed, before)
    return here + (random_at(seed, before + 1) - here) * eased
