"""Register blocks of the grid code settings, roughly those of VDE-AR-N 4105."""

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
from ..alphaess.registers.enums import ReactiveDirection
from .house import House
from .models import Model
from .phases import frequency

_TRIP_MILLISECONDS = 100
"""Trip time of the fast stages."""
_VOLT_VAR = 0b10
"""Bit of the only active function."""


def rules(house: House, model: Model) -> Iterator[Block]:
    """Build the blocks; frequency services are off."""
    yield replace(GridRegulation.neutral(), grid_code=model.grid_code)
    yield _support()
    yield _protection()
    yield _more_protection()
    yield replace(FrequencyService.neutral(), frequency=frequency(house))


def _support() -> GridSupport:
    return replace(
        GridSupport.neutral(),
        functions=_VOLT_VAR,
        start_ramp=2,
        reactive_direction=ReactiveDirection.LAGGING,
        power_factor=1,
        volt_watt_start=253,
        volt_watt_stop=264.5,
    )


def _protection() -> GridProtection:
    return replace(
        GridProtection.neutral(),
        overvoltage_1=264.5,
        overvoltage_1_time=_TRIP_MILLISECONDS,
        overvoltage_average=253,
        overvoltage_average_time=600,
        undervoltage_1=184,
        undervoltage_1_time=3000,
        undervoltage_2=103.5,
        undervoltage_2_time=300,
        overfrequency_1=51.5,
        overfrequency_1_time=_TRIP_MILLISECONDS,
        overfrequency_2=52,
        overfrequency_2_time=_TRIP_MILLISECONDS,
        underfrequency_1=47.5,
        underfrequency_1_time=_TRIP_MILLISECONDS,
        underfrequency_2=47,
        underfrequency_2_time=_TRIP_MILLISECONDS,
    )


def _more_protection() -> MoreProtection:
    return replace(
        MoreProtection.neutral(),
        overvoltage_2=287.5,
        overvoltage_2_time=_TRIP_MILLISECONDS,
        overvoltage_3=299,
        overvoltage_3_time=_TRIP_MILLISECONDS,
        undervoltage_3=57.5,
        undervoltage_3_time=_TRIP_MILLISECONDS,
        overfrequency_3=52.5,
        overfrequency_3_time=_TRIP_MILLISECONDS,
        underfrequency_3=46.5,
        underfrequency_3_time=_TRIP_MILLISECONDS,
    )
