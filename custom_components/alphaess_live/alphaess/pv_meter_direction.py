"""Which of a PV meter's two counters counts generation, also after its current transformer was reversed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from .counter_samples import parse_moment
from .registers import PvMeter

EVALUATION_PERIOD = timedelta(days=1)
"""A day and a night: in this time any roof generates."""

MIN_GENERATION_KWH = 1.0
"""A growth in one period that only generation explains: a PV inverter draws less at night."""

MAX_OTHER_SHARE = 0.1
"""The counter that does not count generation grows by at most this share of the other one."""

MIN_RATIO = 2
"""The counter of generation is known if it is higher than the other one by this factor."""

MIN_POWER_WATTS = 200
"""Below this power its sign shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDirection:
    """How the generated energy follows from a PV meter's two counters."""

    counter: int | None = None
    """1 or 2; None before the first reversal: then the higher counter is used."""
    offset: float = 0.0
    """kWh to add to the counter, so that the energy does not jump at a reversal."""
    sign: int = 1
    """1 if the second counter grows at a positive power, as at the grid meter; otherwise -1."""

    def generated_power(self, meter: PvMeter) -> float:
        """Return the power of generation in W, as far as the orientation is known.

        A power of the other sign is a consumption of the branch that is measured: of the
        PV inverter at night, or of a wallbox behind the meter. It generates nothing.
        """
        signed = self.signed_power(meter)
        return abs(meter.power) if signed is None else max(signed, 0)

    def signed_power(self, meter: PvMeter) -> float | None:
        """Return the power with generation as positive, in W; None if the orientation is unknown."""
        energies = _energies(meter)
        own = self.index(energies)
        if self.counter is None and energies[own] < max(
            MIN_GENERATION_KWH, MIN_RATIO * energies[1 - own]
        ):
            return None
        return meter.power * self.sign * (1 if own else -1)

    def generated_energy(self, meter: PvMeter) -> float:
        """Return the energy that the meter has counted in its lifetime, in kWh."""
        energies = _energies(meter)
        return round(energies[self.index(energies)] + self.offset, 2)

    def index(self, energies: tuple[float, float]) -> int:
        """Return which counter counts generation: 0 for the first, 1 for the second.

        It depends on the orientation of the current transformer, which no register has
        [dxoverdy; openwb]. The other counter holds what a PV inverter draws at night:
        0.05 against 3204.90 kWh in a recorded meter [dxoverdy-dump]. So it is the
        higher one.
        """
        if self.counter is not None:
            return self.counter - 1
        first, second = energies
        return 0 if first >= second else 1

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        sign = {} if self.sign == 1 else {"sign": self.sign}
        return {"counter": self.counter, "before": self.offset, **sign}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build from what was stored."""
        return cls(
            counter=stored["counter"],
            offset=stored["before"],
            sign=stored.get("sign", 1),
        )


DEFAULT_DIRECTION = MeterDirection()
"""The direction of a meter whose transformer was never reversed."""


class MeterDirectionDetector:
    """Detects that a transformer was reversed: from then on the other counter grows.

    Without this the energy would stand still until the other counter is higher, for
    years. Each day is evaluated by its energy, not by the power of a moment: what a
    load behind the meter draws in one night must not look like generation.
    """

    def __init__(self) -> None:
        """Start with the default direction."""
        self.direction = DEFAULT_DIRECTION
        self._period_start: tuple[datetime, tuple[float, float]] | None = None
        self._last: PvMeter | None = None
        self._grown = [0.0, 0.0]
        """kWh that the counter of generation grew at a positive, and at a negative power."""

    def update(self, meter: PvMeter, at: datetime) -> None:
        """Evaluate both counters, as the energy ledger has them: they never fall."""
        self._evaluate_sign(meter)
        now = _energies(meter)
        if self._period_start is None:
            self._period_start = at, now
        started_at, earlier = self._period_start
        if not EVALUATION_PERIOD > at - started_at >= timedelta():
            self._period_start = at, now
            own = self.direction.index(earlier)
            grown = [new - old for new, old in zip(now, earlier, strict=True)]
            if grown[1 - own] >= max(MIN_GENERATION_KWH, grown[own] / MAX_OTHER_SHARE):
                self._flip(earlier, own)

    def _flip(self, earlier: tuple[float, float], own: int) -> None:
        """Use the other counter from now on, and continue at the energy of before."""
        offset = self.direction.offset + earlier[own] - earlier[1 - own]
        self.direction = replace(
            self.direction, counter=2 - own, offset=round(offset, 2)
        )

    def _evaluate_sign(self, meter: PvMeter) -> None:
        """Reverse the sign if the counter of generation grows at the power of a consumption."""
        last, self._last = self._last, meter
        if last is None:
            return
        power = self.direction.signed_power(meter)
        before = self.direction.signed_power(last)
        if power is None or before is None:
            return
        if min(abs(power), abs(before)) < MIN_POWER_WATTS or power * before < 0:
            return
        own = self.direction.index(_energies(meter))
        self._grown[power < 0] += _energies(meter)[own] - _energies(last)[own]
        if max(self._grown) < MIN_GENERATION_KWH:
            return
        if self._grown[1] > self._grown[0] / MAX_OTHER_SHARE:
            self.direction = replace(self.direction, sign=-self.direction.sign)
        self._grown = [0.0, 0.0]

    def period_to_list(self) -> list[Any] | None:
        """Return the start of the period as it is stored: when, and both energies."""
        if self._period_start is None:
            return None
        at, energies = self._period_start
        return [at.isoformat(), *energies]

    def restore_period(self, stored: Sequence[Any] | None) -> None:
        """Continue the period of before a restart."""
        if stored:
            at, first, second = stored
            energies = float(first), float(second)
            self._period_start = parse_moment(at), energies


def _energies(meter: PvMeter) -> tuple[float, float]:
    """Return both energies; 0 for one that is not known."""
    return meter.energy_1_total or 0.0, meter.energy_2_total or 0.0
