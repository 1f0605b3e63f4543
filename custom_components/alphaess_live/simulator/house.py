"""An imagined house: sun, appliances, battery and grid, which always balance to the watt."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .appliances import HOUSEHOLD, Appliance, total
from .battery_orders import SELF_CONSUMPTION, BatteryOrder, Strategy
from .chance import smooth_random_at
from .energy_flow import EnergyCounters, Flow
from .simulated_battery import FULL, Pack, SimulatedBattery
from .sky import Day, Sky

IDLE_LOSS = 14
"""W that the inverter's electronics take."""
LOSS = 0.024
"""Of what passes the inverter, the part that turns into heat."""


MAX_CLOUD_SWING = 12
"""W by which a real inverter misses a grid power of 0, either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roof:
    """Panels that face one way."""

    peak: int
    """W in full sun."""
    azimuth: float
    """Degrees from south, west positive."""
    tilt: float = 35.0
    cells: int = 800
    """In series; about half a volt each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What stands in the house."""

    rated: int
    """The inverter's AC power, W."""
    pack: Pack
    phases: int = 1
    roofs: tuple[Roof, ...] = ()
    """At the inverter's own inputs."""
    ac_roof: Roof | None = None
    """With an inverter of its own, behind the PV meter."""
    appliances: tuple[Appliance, ...] = HOUSEHOLD
    feed_in: int = 100
    """Percent of the panels' peak that may be exported."""
    reserve: float = 10.0
    """State of charge (%) that is kept for a power cut."""
    history: EnergyCounters = field(default_factory=EnergyCounters)
    """What the counters say on the first day."""

    @property
    def peak(self) -> int:
        """All panels, W."""
        roofs = (*self.roofs, self.ac_roof) if self.ac_roof else self.roofs
        return sum(roof.peak for roof in roofs)


class House:
    """Lives when `step` is called; `flow` and `ledger` tell what happened last."""

    def __init__(
        self,
        plant: Equipment,
        start: datetime,
        *,
        day: Day = Day.SUNNY,
        seed: int = 1,
        soc: float = 50.0,
    ) -> None:
        """Begin at this moment of the house's own wall clock (no time zone)."""
        self.plant = plant
        self.clock = start
        self.seed = seed
        self.sky = Sky(day, seed)
        self.battery = SimulatedBattery(plant.pack, soc)
        self.ledger = plant.history
        self.order: BatteryOrder | None = None
        """Somebody's; it goes before the inverter's own will."""
        self.will: tuple[BatteryOrder, ...] = (SELF_CONSUMPTION,)
        """Of several, the one that charges most counts."""
        self.feed_in = plant.feed_in
        self.reserve = plant.reserve
        self.inverter_warmth = self.sky.warmth(start) + 8
        self.battery_warmth = self.sky.warmth(start) + 3
        self.flow = self._flow(1)

    def step(self, seconds: int) -> None:
        """Let so many whole seconds pass, through which nothing changes but the counters."""
        self.flow = self._flow(seconds)
        self.ledger = self.ledger.booked(self.flow, seconds)
        self.battery.exchange(self.flow.battery, seconds)
        self._warm(seconds)
        self.clock += timedelta(seconds=seconds)

    def _flow(self, seconds: int) -> Flow:
        """Find the powers for the next seconds."""
        drawn = total(self.plant.appliances, self.clock, seed=self.seed)
        strings = tuple(
            0 if self.order and not self.order.solar else self._sun_on(roof)
            for roof in self.plant.roofs
        )
        ac_solar = self._sun_on(self.plant.ac_roof) if self.plant.ac_roof else 0
        need = sum(drawn) - ac_solar
        battery = self._battery_power(need, sum(strings), seconds=seconds)
        strings = _curtailed(strings, self._most_dc(need) - battery)
        through = sum(strings) + battery
        loss = IDLE_LOSS + round(LOSS * abs(through))
        return Flow(
            strings=strings,
            ac_solar=ac_solar,
            battery=battery,
            loss=loss,
            drawn=drawn,
            grid=need + loss - through,
        )

    def _battery_power(self, need: int, solar: int, *, seconds: int) -> int:
        """Choose the battery's power within everybody's limits."""
        orders = (self.order,) if self.order else self.will
        return min(
            self._obeying(order, need, solar, seconds=seconds) for order in orders
        )

    def _obeying(
        self, order: BatteryOrder, need: int, solar: int, *, seconds: int
    ) -> int:
        """Tell the battery's power under one order."""
        wanted = order.power_wanted(
            _dc_for(need + self._swing()) - solar,
            output=_dc_for(self.plant.rated) - solar,
        )
        if wanted > 0:
            free = max(0, self._most_dc(need) - solar)
            until = self._lowest(order)
            return min(wanted, free, self.battery.can_discharge(seconds, until=until))
        free = max(0, solar - _dc_for(-self.plant.rated))
        until = FULL if order.target is None else order.target
        return -min(-wanted, free, self.battery.can_charge(seconds, until=until))

    def _lowest(self, order: BatteryOrder) -> float:
        """Tell the state of charge at which discharging ends: an order may use the reserve."""
        if order.strategy is Strategy.FORCED and order.target is not None:
            return order.target
        return self.reserve

    def _most_dc(self, need: int) -> int:
        """Tell what the inverter may take in, by its size and by the feed-in limit."""
        limit = self.plant.peak * self.feed_in // 100
        return _dc_for(min(self.plant.rated, need + limit))

    def _swing(self) -> int:
        """Tell how far the inverter is off, as it follows the house (W)."""
        seconds = self.clock.hour * 3600 + self.clock.minute * 60 + self.clock.second
        return round(
            MAX_CLOUD_SWING * (2 * smooth_random_at(self.seed + 3, seconds / 4) - 1)
        )

    def _sun_on(self, roof: Roof) -> int:
        light = self.sky.light(self.clock, tilt=roof.tilt, azimuth=roof.azimuth)
        return int(roof.peak * light)

    def _warm(self, seconds: int) -> None:
        """Let heat follow power: the inverter within minutes, the battery within hours."""
        room = self.sky.warmth(self.clock)
        busy = abs(self.flow.inverter) / self.plant.rated
        worked = abs(self.flow.battery) / self.plant.pack.discharge
        self.inverter_warmth += (room + 8 + 26 * busy - self.inverter_warmth) * min(
            1.0, seconds / 900
        )
        self.battery_warmth += (room + 3 + 9 * worked - self.battery_warmth) * min(
            1.0, seconds / 7200
        )


def _dc_for(output: int) -> int:
    """Tell the DC power that makes so much AC power, the loss included."""
    with_idle = output + IDLE_LOSS
    return int(with_idle / (1 - LOSS if with_idle > 0 else 1 + LOSS))


def _curtailed(strings: tuple[int, ...], most: int) -> tuple[int, ...]:
    """Hold the strings back so that together they give no more than this."""
    given = sum(strings)
    if given <= max(0, most):
        return strings
    return tuple(power * max(0, most) // given for power in strings)
