"""The grid's rules, as the installer chose them: what the VDE asks of an inverter, roughly."""

from collections.abc import Iterator
from dataclasses import replace

from ..alphaess.registers import (
    FrequencyService,
    GridProtection,
    GridRegulation,
    GridSupport,
    MoreProtection,
)
from ..alphaess.registers.block import Block
from ..alphaess.registers.enums import ReactiveDirection, Switch
from .house import House
from .mains import frequency
from .models import Model

_AT_ONCE = 100
"""ms."""
_VOLT_VAR = 0b10
"""The bit of the one function that is on."""


def rules(house: House, model: Model) -> Iterator[Block]:
    """Tell which rules apply; nobody outside orders anything."""
    yield replace(GridRegulation.neutral(), grid_code=model.grid_code)
    yield _support()
    yield _protection()
    yield _more_protection()
    yield replace(
        FrequencyService.neutral(),
        active=Switch.OFF,
        power=0,
        frequency=frequency(house),
    )


def _support() -> GridSupport:
    return replace(
        GridSupport.neutral(),
        test=Switch.OFF,
        functions=_VOLT_VAR,
        start_ramp=2,
        reactive_direction=ReactiveDirection.LAGGING,
        power_factor=1,
        volt_watt_start=253,
        volt_watt_stop=264.5,
        test_battery_power=0,
        test_inverter_power=0,
    )


def _protection() -> GridProtection:
    return replace(
        GridProtection.neutral(),
        overvoltage_1=264.5,
        overvoltage_1_time=_AT_ONCE,
        overvoltage_average=253,
        overvoltage_average_time=600,
        undervoltage_1=184,
        undervoltage_1_time=3000,
        undervoltage_2=103.5,
        undervoltage_2_time=300,
        overfrequency_1=51.5,
        overfrequency_1_time=_AT_ONCE,
        overfrequency_2=52,
        overfrequency_2_time=_AT_ONCE,
        underfrequency_1=47.5,
        underfrequency_1_time=_AT_ONCE,
        underfrequency_2=47,
        underfrequency_2_time=_AT_ONCE,
    )


def _more_protection() -> MoreProtection:
    return replace(
        MoreProtection.neutral(),
        overvoltage_2=287.5,
        overvoltage_2_time=_AT_ONCE,
        overvoltage_3=299,
        overvoltage_3_time=_AT_ONCE,
        undervoltage_3=57.5,
        undervoltage_3_time=_AT_ONCE,
        overfrequency_3=52.5,
        overfrequency_3_time=_AT_ONCE,
        underfrequency_3=46.5,
        underfrequency_3_time=_AT_ONCE,
    )
