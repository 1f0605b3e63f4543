"""What is corrupted, how and when: the choices of the state machine."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from hypothesis import strategies as st

from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Battery,
    DispatchOrder,
    Grid,
    InverterState,
    InverterVersions,
    Periods,
    PvMeter,
    Strings,
    System,
    SystemTotals,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.registers.register import Quantity as Q
from custom_components.alphaess_live.alphaess.scales import PROFILES, ModelFamily
from custom_components.alphaess_live.const import DEFAULT_GROUPS
from custom_components.alphaess_live.simulator.corruption import (
    Corruption,
    CorruptionKind,
)
from custom_components.alphaess_live.simulator.models import (
    MODELS,
    THREE_PHASE,
    Model,
)

from .installation import TIME_ZONE

ALL_MODELS: dict[str, Model] = MODELS | {
    "tenths": replace(THREE_PHASE, profile=PROFILES[ModelFamily.TENTHS_OF_PERCENT])
}
"""The simulated models, and one whose limits of the periods have the other scale."""

STARTS = {
    "noon": datetime(2026, 6, 15, 12, 30, tzinfo=TIME_ZONE),
    "winter": datetime(2026, 1, 20, 8, 0, tzinfo=TIME_ZONE),
    "midnight": datetime(2026, 5, 10, 23, 58, 30, tzinfo=TIME_ZONE),
    "clocks forward": datetime(2026, 3, 29, 1, 58, 30, tzinfo=TIME_ZONE),
    "clocks back": datetime(2026, 10, 25, 2, 58, 30, tzinfo=TIME_ZONE),
}


class Moment(StrEnum):
    """What happens while words are wrong."""

    FIRST_SETUP = "first set-up"
    RUNNING = "running"
    RELOAD = "reload"
    RESTART = "restart"
    OUTAGE = "outage"
    FIRMWARE = "firmware change"
    SUSPENDED = "suspended"
    SETTING = "setting written"
    ORDER = "order given"


IMPORTANT: tuple[type[Block], ...] = (
    *(Grid, PvMeter, Battery, Strings, InverterState, SystemTotals),
    *(System, InverterVersions, Periods, DispatchOrder),
)
POLLED = tuple(b for b in BLOCKS if b.group in ("measurements", *DEFAULT_GROUPS))
PARTS = (0x0000, 0x0100, 0x0400, 0x0800, 0x0880, 0x1000)
"""Addresses at which large parts of the map begin."""


def _span(block: type[Block]) -> range:
    return range(min(block.addresses()), max(block.addresses()) + 1)


def _registers(blocks: Iterable[type[Block]], *quantities: Q) -> list[range]:
    return [
        range(register.address, register.end)
        for block in blocks
        for register in block.registers.values()
        if not quantities or register.quantity in quantities
    ]


SPANS = st.one_of(
    st.sampled_from(_registers(IMPORTANT, Q.ENERGY)),
    st.sampled_from(_registers(IMPORTANT, Q.POWER, Q.CHARGE)),
    st.sampled_from(_registers(IMPORTANT)),
    st.sampled_from(_registers(POLLED)),
    st.sampled_from([_span(block) for block in IMPORTANT]),
    st.sampled_from([_span(block) for block in POLLED]),
    st.sampled_from([range(*ends) for ends in pairwise(PARTS)]),
    st.just(range(PARTS[-1])),
)
CORRUPTIONS = st.builds(
    Corruption,
    kind=st.sampled_from(CorruptionKind),
    addresses=SPANS,
    detail=st.integers(0, 15),
)
SNAPSHOTS = st.one_of(st.integers(1, 4), st.integers(1, 20))
"""How long words are wrong."""
