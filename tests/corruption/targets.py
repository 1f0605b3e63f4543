"""What is corrupted, how and when: the choices of the state machine."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import strategies as st

from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Battery,
    DispatchOrder,
    FeedIn,
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
from custom_components.alphaess_live.alphaess.registers.register import (
    Quantity as Q,
    Register,
)
from custom_components.alphaess_live.alphaess.scales import (
    PROFILES,
    VARIANTS,
    ModelFamily,
)
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
    ANOTHER = "another inverter"


COUNTER_OF_KEY = {
    "grid_import_energy_total": "grid_import",
    "grid_export_energy_total": "grid_export",
    "battery_charge_energy_total": "charge",
    "battery_discharge_energy_total": "discharge",
}
"""The simulated counter of a total."""


class Exchange(NamedTuple):
    """A counting device that is exchanged, or begins anew."""

    counter: str
    """The key of the total."""
    number: float
    """kWh; what the new one shows first."""


IMPORTANT: tuple[type[Block], ...] = (
    *(Grid, PvMeter, Battery, Strings, InverterState, SystemTotals),
    *(System, InverterVersions, Periods, DispatchOrder),
)
POLLED = tuple(b for b in BLOCKS if b.group in ("measurements", *DEFAULT_GROUPS))
PARTS = (0x0000, 0x0100, 0x0400, 0x0800, 0x0880, 0x1000)
"""Addresses at which large parts of the map begin."""


OTHER_SCALES = (CorruptionKind.TENFOLD, CorruptionKind.TENTH)
IDENTITY_FIELDS = ("serial", "version", "modules", "capacity", "type", "limit")
"""Parts of the names of what the identity is built from."""


def _span(block: type[Block]) -> range:
    return range(min(block.addresses()), max(block.addresses()) + 1)


def _registers(
    blocks: Iterable[type[Block]], condition: Callable[[str, Register[Any]], bool]
) -> st.SearchStrategy[range]:
    """Choose one register of those blocks that fulfils a condition on its name and itself."""
    spans = [
        range(register.address, register.end)
        for block in blocks
        for name, register in block.registers.items()
        if condition(name, register)
    ]
    return st.sampled_from(spans)


def _of_identity(name: str, _: Register[Any]) -> bool:
    is_voltage = name.startswith("voltage_l") or name.endswith("_voltage")
    return is_voltage or any(part in name for part in IDENTITY_FIELDS)


COUNTERS = _registers(POLLED, lambda _, one: one.quantity is Q.ENERGY)
SPANS = st.one_of(
    COUNTERS,
    COUNTERS,
    _registers(POLLED, lambda _, one: one.variant is not None),
    _registers(IMPORTANT, _of_identity),
    _registers(IMPORTANT, lambda _, one: one.quantity in (Q.POWER, Q.CHARGE)),
    _registers((Periods, FeedIn, DispatchOrder), lambda *_: True),
    _registers(POLLED, lambda *_: True),
    st.sampled_from([_span(block) for block in IMPORTANT]),
    st.sampled_from([_span(block) for block in POLLED]),
    st.sampled_from([range(*ends) for ends in pairwise(PARTS)]),
    st.just(range(PARTS[-1])),
)
"""What matters is concerned most often: counters, scales, identity, powers, settings; then anything."""
LOW_WORDS = st.sampled_from(
    [
        range(register.end - 1, register.end)
        for block in POLLED
        for register in block.registers.values()
        if register.quantity is Q.ENERGY
    ]
)
"""The low words of the counters."""
SCALED = st.sampled_from(
    [
        range(min(one.address for one in same), max(one.end for one in same))
        for block in POLLED
        for variant in VARIANTS
        if (same := [r for r in block.registers.values() if r.variant is variant])
    ]
)
"""Registers of a block that have the same scale."""
CORRUPTIONS = st.one_of(
    *[
        st.builds(
            Corruption,
            kind=st.sampled_from(CorruptionKind),
            addresses=SPANS,
            detail=st.integers(0, 15),
        )
    ]
    * 4,
    st.builds(
        Corruption,
        kind=st.sampled_from(OTHER_SCALES),
        addresses=SCALED,
    ),
    st.builds(
        Corruption,
        kind=st.just(CorruptionKind.FLIPPED_BIT),
        addresses=LOW_WORDS,
        detail=st.integers(0, 5),
    ),
)
"""Anything; values in another scale; small spikes of counters."""
BURSTS = st.lists(CORRUPTIONS, min_size=1, max_size=2).map(tuple)
"""Corruptions at the same time."""
SNAPSHOTS = st.one_of(st.integers(1, 4), st.integers(1, 20))
"""How long words are wrong."""
EXCHANGES = st.builds(
    Exchange,
    counter=st.sampled_from(list(COUNTER_OF_KEY)),
    number=st.sampled_from((0.5, 12.0, 1311.0, 9000.0, 40_000.0)),
)
RARELY = st.sampled_from((True, *(False,) * 6))
