"""What the raw words of one sample prove about scales: a rule for each scale that differs between models."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from .errors import InvalidScheduleError, ScheduleProblem
from .maps import CURRENT, RegisterMap
from .registers.register import Memory
from .scales import (
    AC_POWER,
    CELL_VOLTAGE,
    CUT_OFF_CHARGE,
    GRID_VOLTAGE,
    INVERTER_TEMPERATURE,
    TOTAL_ENERGY,
    ScaleProfile,
    ScaleVariant,
)
from .schedule import Schedule


class Weight(Enum):
    """How many samples without a contrary one, over how many seconds, confirm a scale."""

    PROOF = (3, 60.0)
    """Words that only one of the two scales explains."""
    CHANGE = (3, 210.0)
    """A change of a certain value: an odd word lasts for less."""
    HINT = (30, 1800.0)
    """One wrong word that stays for some time would look the same."""
    DOUBT = (0, 0.0)
    """Confirms nothing; but the values are unknown while no scale is confirmed."""


@dataclass(slots=True)
class Streak[T]:
    """Samples that support the same, without another one between them."""

    latest: T | None = None
    count: int = 0
    _since: float = 0.0
    _at: float = 0.0

    def add(self, supported: T, at: float, *, counts: bool = True) -> None:
        """Add a sample, at a time in seconds of a clock that is never set."""
        if supported != self.latest:
            self.latest, self.count = supported, 0
        if counts:
            self._since, self._at = self._since if self.count else at, at
            self.count += 1

    def end(self) -> None:
        """End it: a sample supports nothing."""
        self.latest, self.count = None, 0

    def interrupt(self) -> None:
        """Count from the next sample on: one could not be used."""
        self.count = 0

    def lasts(self, weight: Weight) -> bool:
        """Whether the samples confirm what they support."""
        least_count, least_seconds = weight.value
        return self.count >= least_count and self._at - self._since >= least_seconds


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one sample supports: the alternative scale, or the default one."""

    alternative: bool
    weight: Weight = Weight.PROOF


DEFAULT, ALTERNATIVE = Evidence(alternative=False), Evidence(alternative=True)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one sample, by the names of block and field. Raises KeyError for what was not read."""

    memory: Memory
    register_map: RegisterMap

    def value(self, block: str, field: str) -> float:
        """Return a value at its default scale."""
        register = self.register_map.block(block).registers[field]
        number: float = register.decode(self.memory)
        return number

    def raw(self, block: str, *fields: str) -> tuple[int, ...]:
        """Return numbers without a scale and without a sign."""
        registers = self.register_map.block(block).registers
        return tuple(registers[field].raw(self.memory) for field in fields)


type Rule = Callable[[Words], Evidence | None]
"""Returns what a sample supports; None if that is neither scale, or both. KeyError if it was not read."""


def one_of(*, default: bool, alternative: bool) -> Evidence | None:
    """Return the evidence for the only scale that explains the words; None if both or neither do."""
    if default is alternative:
        return None
    return ALTERNATIVE if alternative else DEFAULT


UNEXPLAINED = Evidence(alternative=False, weight=Weight.DOUBT)
"""For words that fit neither scale: a doubt of the samples before stays."""


_PHASE_VOLTAGES = ("voltage_l1", "voltage_l2", "voltage_l3")


def _grid_voltage(words: Words) -> Evidence | None:
    """Every live phase has a mains voltage, near the one that the inverter measures itself in 0.1 V."""
    phases = [raw for raw in words.raw("grid", *_PHASE_VOLTAGES) if raw]
    output = 0.0
    with suppress(KeyError):
        output = words.value("output", "voltage_l1")

    def fits(step: float) -> bool:
        volts = [raw * step for raw in phases]
        agrees = not output or all(0.8 <= one / output <= 1.25 for one in volts)
        return agrees and min(volts) >= 85 and max(volts) <= 280

    if not phases:
        return None
    return one_of(default=fits(1), alternative=fits(0.1)) or UNEXPLAINED


def _cell_voltage(words: Words) -> Evidence | None:
    """No cell has less than 2.0 V or more than 4.3 V; the lowest one has no more than the highest."""
    low, high = words.raw("battery", "cell_voltage_min", "cell_voltage_max")
    if not high:
        return None
    default, alternative = 2000 <= low <= high <= 4300, 200 <= low <= high <= 430
    return one_of(default=default, alternative=alternative) or UNEXPLAINED


def _inverter_temperature(words: Words) -> Evidence | None:
    """Above 150 °C no inverter runs; below 10 °C few do. In between both scales are possible."""
    [raw] = words.raw("state", "temperature")
    raw -= raw // 0x8000 * 0x10000
    return one_of(
        default=raw not in (0, -1) and -500 <= raw < 1000,
        alternative=1500 < raw <= 10000,
    )


def has_temperature(words: Words) -> bool:
    """Whether the inverter's temperature was read, and differs between the scales."""
    try:
        [raw] = words.raw("state", "temperature")
    except KeyError:
        return False
    return raw not in (0, 0xFFFF)


def _ac_power(words: Words) -> Evidence | None:
    """Without sun the output has the battery's power; its voltage and current agree with its power.

    A large load that was switched on between two updates looks like the alternative
    scale; but then voltage and current agree with the default one.
    """
    strings = sum(words.value("strings", f"pv{n}_power") for n in (1, 2, 3))
    battery = words.value("battery", "power")
    power, apparent = words.value("output", "power"), _apparent_power(words)
    if not strings and abs(battery) >= 300:
        agrees = not apparent or 5 < abs(power) / apparent < 15
        if 7 < power / battery < 13 and agrees:
            return ALTERNATIVE
        if 0.6 < power / battery < 1.4:
            return DEFAULT
    fits = apparent >= 300 and 0.5 < abs(power) / apparent < 1.2
    return DEFAULT if fits else None


def _apparent_power(words: Words) -> float:
    """Return the product of the output's voltage and current in VA; no real power is higher."""
    return sum(
        words.value("output", f"voltage_l{n}")
        * abs(words.value("output", f"current_l{n}"))
        for n in (1, 2, 3)
    )


def _cut_off_charge(words: Words) -> Evidence | None:
    """Floor and target are 4 to 100 %, in whole percent; the floor is no higher than the target.

    0.1 % with one word up to 100 is a hint only: the other word may be wrong. Beside a
    word that neither scale explains, one that both explain is a doubt.
    """
    floor, target = words.raw("periods", "discharge_floor", "charge_target")
    low, high = min(floor, target), max(floor, target)
    default = low >= 4 and high <= 100 and (floor <= target or high < 40)
    tenths = 40 <= floor <= target <= 1000 and floor % 10 == target % 10 == 0
    found = one_of(default=default, alternative=tenths)
    if found is ALTERNATIVE and low <= 100:
        return Evidence(alternative=True, weight=Weight.HINT)
    scales = [_scales_of_limit(raw) for raw in (floor, target)]
    if not found and (False, False) in scales and (True, True) in scales:
        return _DOUBTFUL_LIMITS
    return found


_DOUBTFUL_LIMITS = Evidence(alternative=True, weight=Weight.DOUBT)
"""For a limit that both scales explain, while the other one is wrong and shows neither."""


def _scales_of_limit(raw: int) -> tuple[bool, bool]:
    """Return whether a floor or target can have the default and the alternative scale."""
    return 4 <= raw <= 100, 40 <= raw <= 1000 and raw % 10 == 0


class GrowthOfTotals:
    """Compares the growth of the system's PV total with that of its parts: it is the same.

    The totals themselves can differ by any factor, after one of the counting devices was
    exchanged: a ratio of ten is a doubt, no proof.
    """

    LEAST_GROWTH = 1.0
    """kWh of the parts, for any conclusion."""
    LARGEST_STEP = 5.0
    """kWh of the parts between two samples; with more, one of the numbers is wrong."""
    RESOLUTION = 2.0
    """kWh by which the total can advance at its default scale before the parts do."""
    LEAST_PARTS = 10
    """kWh of the parts, for a ratio."""

    def __init__(self) -> None:
        """Start without samples; nothing shows the scale."""
        self._first = self._last = (0.0, 0.0)
        self._has_meter = False
        self._doubt = Evidence(alternative=True, weight=Weight.DOUBT)
        """What the last known ratio supports."""

    def __call__(self, words: Words) -> Evidence | None:
        """Add a sample, and return what the growth, or else the ratio, supports.

        A number above 0 is unknown before one of them has shown its scale.
        """
        total = words.value("totals", "pv_energy_total")
        if not total and not words.value("totals", "pv_meter_energy_total"):
            return None
        parts = self._parts(words)
        if parts is None:
            return self._doubt
        step, grown = self._growth(total, parts)
        if step >= self.LEAST_GROWTH:
            is_equal, is_tenfold = 0.6 < grown / step < 1.6, 7 < grown / step < 14
            if evidence := one_of(default=is_equal, alternative=is_tenfold):
                return evidence
        if parts > self.LEAST_PARTS and 8 < total / parts < 12:
            self._doubt = Evidence(alternative=True, weight=Weight.DOUBT)
        elif parts > self.LEAST_PARTS and 0.8 < total / parts < 1.25:
            self._doubt = Evidence(alternative=False, weight=Weight.DOUBT)
        return self._doubt

    def _parts(self, words: Words) -> float | None:
        """Return the sum of the parts; None if one of them was not read."""
        try:
            strings = words.value("state", "pv_energy_total")
        except KeyError:
            return None
        try:
            meter = max(words.value("pv_meter", f"energy_{n}_total") for n in (1, 2))
        except KeyError:
            return None if self._has_meter else strings
        self._has_meter = True
        return strings + meter

    def _growth(self, total: float, parts: float) -> tuple[float, float]:
        """Add a sample; return the growth of the parts and of the total, without jumps."""
        now, (last_total, last_parts) = (total, parts), self._last
        step, grown = parts - last_parts, total - last_total
        self._last = now
        if (
            not 0 <= step <= self.LARGEST_STEP
            or not 0 <= grown <= 20 * step + self.RESOLUTION
        ):
            self._first = now
        return parts - self._first[1], total - self._first[0]


def require_certain_limits(memory: Memory, profile: ScaleProfile) -> None:
    """Check that floor and target may be written over these words of the periods.

    Raises InvalidScheduleError while the scale is not confirmed, and for words that
    contradict it: a floor of 20 would become 200.
    """
    if CUT_OFF_CHARGE not in profile.confirmed:
        raise InvalidScheduleError(ScheduleProblem.UNCERTAIN_SCALE)
    evidence = _cut_off_charge(Words(memory, CURRENT))
    is_alternative = CUT_OFF_CHARGE in profile.alternatives
    limits = Schedule.decode(memory, profile)
    if (
        limits.discharge_floor is None
        or limits.charge_target is None
        or (evidence and evidence.alternative is not is_alternative)
    ):
        words = (f"0x{at:04X} = {memory[at]}" for at in (0x0850, 0x0855))
        raise InvalidScheduleError(ScheduleProblem.SCALE, value=", ".join(words))
    if is_alternative and not evidence and not profile.is_fixed:
        # Words that fit both scales: a wrong detection would write ten times too much.
        raise InvalidScheduleError(ScheduleProblem.UNCERTAIN_SCALE)


RULES: tuple[tuple[ScaleVariant, Callable[[], Rule]], ...] = (
    (GRID_VOLTAGE, lambda: _grid_voltage),
    (CELL_VOLTAGE, lambda: _cell_voltage),
    (INVERTER_TEMPERATURE, lambda: _inverter_temperature),
    (TOTAL_ENERGY, GrowthOfTotals),
    (AC_POWER, lambda: _ac_power),
    (CUT_OFF_CHARGE, lambda: _cut_off_charge),
)
"""The rule of each variant, made for one device."""
