"""The energy management system (EMS): identity, clock, totals and dispatch."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime
from typing import Any, Self, override

from ..scales import STANDARD, TOTAL_ENERGY, ScaleProfile
from .block import Block
from .enums import (
    DISPATCH_MODES,
    ENERGY_ROUTINGS,
    PV_SWITCHES,
    DispatchMode,
    EnergyRouting,
    PvSwitch,
)
from .register import Memory, Quantity as Q, choice, clock, dispatch_soc, number, text

POWER_OFFSET = 32000
_POWERS = ("power", "reactive_power")


class InverterVersions(Block, name="versions", prefix="inverter_", slow=True):
    """The inverter's versions and serial number; empty on a SMILE-B3 [dxoverdy-dump]."""

    master_version: str = text(0x0640, words=5)
    """Of the ARM processor, and the next one of the DSP, according to one source [schindler]."""
    slave_version: str = text(0x0645, words=5)
    """Some implementations call it the ARM version [koegler; senalse]; that is at 0x0654 [vendor-2024]."""
    serial: str = text(0x064A, words=10)


class ArmVersion(Block, name="arm", prefix="inverter_", slow=True):
    """The version of the inverter's ARM processor; recent firmware [vendor-2024]."""

    arm_version: str = text(0x0654, words=5)


class Clock(Block, name="clock", prefix="system_", slow=True):
    """The inverter's clock, in its own local time."""

    time: datetime | None = clock(0x0740)


class System(Block, name="system", prefix="ems_", slow=True):
    """The serial number and the versions of the EMS.

    Systems with serial numbers beginning AL200 and AL500 have no Modbus TCP, those with
    AL701 have it [senalse #15, #30; snitzelweck #14].
    """

    serial: str = text(0x0743, words=8)
    version_high: float = number(0x074B)
    version_middle: float = number(0x074C)
    version_low: float = number(0x074D)
    protocol_version: float = number(0x074E)


class SystemSuffix(Block, name="suffix", prefix="ems_", slow=True):
    """The suffix of the EMS version, such as R1; recent firmware [vendor-2024]."""

    version_suffix: str = text(0x074F, words=4)


class DispatchOrder(Block, name="dispatch"):
    """The present dispatch. It is kept in RAM, not in flash memory [coolcaper; koegler]."""

    start: float = number(0x0880)
    """1 during a dispatch; the inverter resets it to 0 at the end [vendor]."""
    power: float = number(0x0881, Q.POWER, words=2, signed=True, offset=POWER_OFFSET)
    """Positive is discharge, negative is charge; sent plus 32000 [vendor; erdebee]."""
    reactive_power: float = number(
        0x0883, Q.REACTIVE_POWER, words=2, signed=True, offset=POWER_OFFSET
    )
    mode: DispatchMode | None = choice(0x0885, DISPATCH_MODES)
    target_soc: float = dispatch_soc(0x0886)
    duration: float = number(0x0887, Q.SECONDS, words=2)
    """As written: it does not count down [senalse v1.12.0]."""

    @classmethod
    @override
    def decode(
        cls,
        memory: Memory,
        profile: ScaleProfile = STANDARD,
        *,
        without: Container[str] = (),
    ) -> Self:
        """Build the block; without an order, words of 0 are no power, but None [poshy]."""
        order = super().decode(memory, profile, without=without)
        if order.start:
            return order
        unset: dict[str, Any] = {
            name: None for name in _POWERS if getattr(order, name) == -POWER_OFFSET
        }
        return replace(order, **unset) if unset else order

    @override
    def encode(self, profile: ScaleProfile = STANDARD) -> dict[int, int]:
        """Return the words; those of an unknown power are 0."""
        unset: dict[str, Any] = {
            name: -POWER_OFFSET for name in _POWERS if getattr(self, name) is None
        }
        return super(DispatchOrder, replace(self, **unset)).encode(profile)


class DispatchDetail(Block, name="dispatch_detail", prefix="dispatch_"):
    """What recent firmware adds to a dispatch [vendor-2024; rudyh]."""

    energy_routing: EnergyRouting | None = choice(0x0889, ENERGY_ROUTINGS)
    pv_switch: PvSwitch | None = choice(0x088A, PV_SWITCHES)


class SystemTotals(Block, name="totals", prefix="system_"):
    """Totals and faults of the whole system."""

    pv_meter_energy_total: float | None = number(
        0x08D0, Q.ENERGY, words=2, scale=TOTAL_ENERGY
    )
    pv_energy_total: float | None = number(
        0x08D2, Q.ENERGY, words=2, scale=TOTAL_ENERGY
    )
    fault: float = number(0x08D4, Q.FLAGS, words=2)
