"""The simulated house: PV, appliances, battery and grid, balanced to the watt."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .appliances import HOUSEHOLD, Appliance, total
from .battery_orders import SELF_CONSUMPTION, BatteryOrder, Strategy
from .energy_flow import EnergyCounters, Flow
from .simulated_battery import FULL_PERCENT, Pack, SimulatedBattery
from .sky import Day, Sky, smooth_random_at

IDLE_LOSS_WATTS = 14
"""Own consumption of the inverter."""
LOSS = 0.024
"""Share of the converted power that is lost."""


MAX_TRACKING_ERROR_WATTS = 12
"""Deviation of the grid power from 0 in self-consumption, as with a real inverter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roof:
    """PV panels with one orientation."""

    peak: int
    """W in full sun."""
    azimuth: float
    """Degrees from south, west positive."""
    tilt: float = 35.0
    cells: int = 800
    """In series; about half a volt each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """The equipment of the house."""

    rated: int
    """The inverter's AC power, W."""
    pack: Pack
    phases: int = 1
    roofs: tuple[Roof, ...] = ()
    """Panels at the inverter's own inputs."""
    ac_roof: Roof | None = None
    """Panels with an inverter of their own, behind the PV meter."""
    appliances: tuple[Appliance, ...] = HOUSEHOLD
    feed_in: int = 100
    """Maximum export in percent of the panels' peak power."""
    reserve: float = 10.0
    """State of charge (%) reserved for a power cut."""
    initial_counters: EnergyCounters = field(default_factory=EnergyCounters)
    """Counters on the first day."""

    @property
    def peak(self) -> int:
        """Peak power of all panels (W)."""
        roofs = (*self.roofs, self.ac_roof) if self.ac_roof else self.roofs
        return sum(roof.peak for roof in roofs)


class House:
    """Advances with `step`; `flow` and `counters` hold the latest state."""

    def __init__(
        self,
        plant: Equipment,
        start: datetime,
        *,
        day: Day = Day.SUNNY,
        seed: int = 1,
        soc: float = 50.0,
    ) -> None:
        """Start at this moment of the house's own wall clock (no time zone)."""
        self.equipment = plant
        self.clock = start
        self.seed = seed
        self.sky = Sky(day, seed)
        self.battery = SimulatedBattery(plant.pack, soc)
        self.counters = plant.initial_counters
        self.order: BatteryOrder | None = None
        """The dispatch order; it takes precedence over the charge and discharge periods."""
        self.period_orders: tuple[BatteryOrder, ...] = (SELF_CONSUMPTION,)
        """Orders of the periods; of several, the one that charges most applies."""
        self.feed_in = plant.feed_in
        self.reserve = plant.reserve
        self.inverter_temperature = self.sky.room_temperature(start) + 8
        self.battery_temperature = self.sky.room_temperature(start) + 3
        self.flow = self._flow(1)

    def step(self, seconds: int) -> None:
        """Advance by whole seconds with constant powers."""
        self.flow = self._flow(seconds)
        self.counters = self.counters.after(self.flow, seconds)
        self.battery.exchange(self.flow.battery, seconds)
        self._update_temperatures(seconds)
        self.clock += timedelta(seconds=seconds)

    def _flow(self, seconds: int) -> Flow:
        """Compute the powers of the next seconds."""
        drawn = total(self.equipment.appliances, self.clock, seed=self.seed)
        strings = tuple(
            0 if self.order and not self.order.pv_enabled else self._pv_power(roof)
            for roof in self.equipment.roofs
        )
        ac_solar = (
            self._pv_power(self.equipment.ac_roof) if self.equipment.ac_roof else 0
        )
        need = sum(drawn) - ac_solar
        battery = self._battery_power(need, sum(strings), seconds=seconds)
        strings = _curtailed(strings, self._max_dc_power(need) - battery)
        through = sum(strings) + battery
        loss = IDLE_LOSS_WATTS + round(LOSS * abs(through))
        return Flow(
            strings=strings,
            ac_solar=ac_solar,
            battery=battery,
            loss=loss,
            drawn=drawn,
            grid=need + loss - through,
        )

    def _battery_power(self, need: int, solar: int, *, seconds: int) -> int:
        """Compute the battery's power within the limits of inverter, battery and orders."""
        orders = (self.order,) if self.order else self.period_orders
        return min(
            self._power_under(order, need, solar, seconds=seconds) for order in orders
        )

    def _power_under(
        self, order: BatteryOrder, need: int, solar: int, *, seconds: int
    ) -> int:
        """Compute the battery's power under one order."""
        wanted = order.battery_power(
            _dc_power_for(need + self._tracking_error()) - solar,
            output=_dc_power_for(self.equipment.rated) - solar,
        )
        if wanted > 0:
            free = max(0, self._max_dc_power(need) - solar)
            until = self._discharge_limit(order)
            return min(wanted, free, self.battery.can_discharge(seconds, until=until))
        free = max(0, solar - _dc_power_for(-self.equipment.rated))
        until = FULL_PERCENT if order.target is None else order.target
        return -min(-wanted, free, self.battery.can_charge(seconds, until=until))

    def _discharge_limit(self, order: BatteryOrder) -> float:
        """Find the state of charge (%) at which discharging ends: an order may use the reserve."""
        if order.strategy is Strategy.FORCED and order.target is not None:
            return order.target
        return self.reserve

    def _max_dc_power(self, need: int) -> int:
        """Compute the maximum DC power by the inverter's rating and the feed-in limit."""
        limit = self.equipment.peak * self.feed_in // 100
        return _dc_power_for(min(self.equipment.rated, need + limit))

    def _tracking_error(self) -> int:
        """Compute the control deviation of the inverter (W)."""
        seconds = self.clock.hour * 3600 + self.clock.minute * 60 + self.clock.second
        share = 2 * smooth_random_at(self.seed + 3, seconds / 4) - 1
        return round(MAX_TRACKING_ERROR_WATTS * share)

    def _pv_power(self, roof: Roof) -> int:
        light = self.sky.light(self.clock, tilt=roof.tilt, azimuth=roof.azimuth)
        return int(roof.peak * light)

    def _update_temperatures(self, seconds: int) -> None:
        """Move the temperatures towards their load: the inverter within minutes, the battery within hours."""
        room = self.sky.room_temperature(self.clock)
        busy = abs(self.flow.inverter) / self.equipment.rated
        worked = abs(self.flow.battery) / self.equipment.pack.discharge
        warmer = room + 8 + 26 * busy - self.inverter_temperature
        self.inverter_temperature += warmer * min(1.0, seconds / 900)
        warmer = room + 3 + 9 * worked - self.battery_temperature
        self.battery_temperature += warmer * min(1.0, seconds / 7200)


def _dc_power_for(output: int) -> int:
    """Compute the DC power for this AC power, the loss included."""
    with_idle = output + IDLE_LOSS_WATTS
    return int(with_idle / (1 - LOSS if with_idle > 0 else 1 + LOSS))


def _curtailed(strings: tuple[int, ...], most: int) -> tuple[int, ...]:
    """Reduce the strings so that their sum does not exceed this power."""
    given = sum(strings)
    if given <= max(0, most):
        return strings
    return tuple(power * max(0, most) // given for power in strings)
