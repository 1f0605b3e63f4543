"""The dispatch registers: a written order becomes a battery order of the house until its time is over."""

from dataclasses import replace
from types import MappingProxyType

from ..alphaess.registers import DispatchDetail, DispatchMode, DispatchOrder
from ..alphaess.registers.enums import PvSwitch
from .battery_orders import BatteryOrder, Strategy
from .behaviour import Behaviour
from .house import House

START = 0x0880
PV_SWITCH = DispatchDetail.registers["pv_switch"]
_DURATION = DispatchOrder.registers["duration"]
_DURATION_ADDRESSES = range(_DURATION.address, _DURATION.end)
_POWER = DispatchOrder.registers["power"]

_IDLE = replace(DispatchOrder.neutral(), power=0, reactive_power=0)

STRATEGIES = MappingProxyType(
    {
        DispatchMode.PV_CHARGE_ONLY: Strategy.SOLAR_ONLY,
        DispatchMode.OSW_PV_CHARGE_ONLY: Strategy.SOLAR_ONLY,
        DispatchMode.SOC_CONTROL: Strategy.FORCED,
        DispatchMode.OSW_SOC_CONTROL: Strategy.FORCED,
        DispatchMode.MAXIMISE_OUTPUT: Strategy.FULL_OUTPUT,
        DispatchMode.OPTIMISE_CONSUMPTION: Strategy.FULL_CHARGE,
        DispatchMode.MAXIMISE_CONSUMPTION: Strategy.FULL_CHARGE,
        DispatchMode.NO_CHARGE: Strategy.NO_CHARGE,
        DispatchMode.OSW_NO_CHARGE: Strategy.NO_CHARGE,
    }
)
"""Other modes follow the house's load."""


class DispatchRegisters:
    """The active dispatch order. It is kept in RAM: a restart clears it."""

    def __init__(self, house: House) -> None:
        """Start without an order."""
        self._house = house
        self.words = _IDLE.encode() | DispatchDetail.neutral().encode()
        self._seconds_left = 0
        """House seconds until the order ends."""
        self._late: list[tuple[int, BatteryOrder | None]] = []
        """Orders that the battery does not follow yet, with the house seconds until it does."""

    @property
    def running(self) -> bool:
        """Whether the start flag is set."""
        return bool(self.words[START])

    @property
    def seconds_left(self) -> int | None:
        """Seconds of the house's time until the order ends; None without one."""
        return self._seconds_left if self.running and self._seconds_left else None

    def write(self, words: dict[int, int], behaviour: Behaviour) -> None:
        """Store an order or a part of one; a new start or a new duration restarts the time."""
        was_running = self.running
        if behaviour.ignores_pv_switch:
            words = words | {PV_SWITCH.address: self.words[PV_SWITCH.address]}
        self.words |= words
        self._clamp(behaviour)
        if was_running and not self.running:
            self._end(behaviour)
        duration_written = any(at in words for at in _DURATION_ADDRESSES)
        restarts = duration_written and not behaviour.keeps_time
        if self.running and (restarts or not was_running):
            self._seconds_left = int(_DURATION.decode(self.words))
        self._apply(behaviour.effect_delay)

    def advance(self, seconds: int, behaviour: Behaviour) -> None:
        """Let the order run out: the start flag falls, and what was ordered stays to be read."""
        self._follow_late_orders(seconds)
        if self.seconds_left is None or behaviour.ignores_duration:
            return
        self._seconds_left -= seconds
        if self._seconds_left <= 0:
            self.words[START] = 0
            self._end(behaviour)
            self._apply()

    def clear(self) -> None:
        """Lose everything, as an inverter that restarts."""
        self.words = _IDLE.encode() | DispatchDetail.neutral().encode()
        self._apply()

    def _end(self, behaviour: Behaviour) -> None:
        """Reset the PV switch, so that the next order starts without it."""
        if not behaviour.keeps_pv_switch:
            self.words |= PV_SWITCH.encode(PvSwitch.UNCHANGED)

    def _clamp(self, behaviour: Behaviour) -> None:
        power, duration = _POWER.decode(self.words), _DURATION.decode(self.words)
        if behaviour.power_limit is not None:
            power = max(-behaviour.power_limit, min(behaviour.power_limit, power))
        if behaviour.ignores_discharge:
            power = min(0, power)
        if behaviour.duration_limit is not None:
            duration = min(behaviour.duration_limit, duration)
        self.words |= _POWER.encode(power) | _DURATION.encode(duration)

    def _apply(self, delay: int = 0) -> None:
        """Apply the order to the house, after some seconds of its time."""
        if delay:
            self._late.append((delay, self._battery_order()))
        else:
            self._late, self._house.order = [], self._battery_order()

    def _follow_late_orders(self, seconds: int) -> None:
        for left, order in self._late:
            if left <= seconds:
                self._house.order = order
        self._late = [(n - seconds, order) for n, order in self._late if n > seconds]

    def _battery_order(self) -> BatteryOrder | None:
        """Convert the order; one without mode or duration is not active."""
        order = DispatchOrder.decode(self.words)
        if self.seconds_left is None or order.mode is DispatchMode.NONE:
            return None
        strategy = Strategy.FOLLOW
        if order.mode is not None:
            strategy = STRATEGIES.get(order.mode, Strategy.FOLLOW)
        detail = DispatchDetail.decode(self.words)
        return BatteryOrder(
            strategy=strategy,
            power=int(order.power),
            target=order.target_soc if strategy is Strategy.FORCED else None,
            pv_enabled=detail.pv_switch is not PvSwitch.OFF,
        )
