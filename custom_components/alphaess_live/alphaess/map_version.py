"""Which blocks lie where we look for them: older firmware keeps other things at some addresses."""

from collections.abc import Iterable, Set as AbstractSet

from modbus_connection import ModbusUnit

from .errors import IllegalRequestError, OldFirmwareError
from .modbus_request import read_words
from .read_plan import request_for
from .registers import (
    BLOCKS,
    Backup,
    Clock,
    InverterDetail,
    InverterOutput,
    InverterState,
    MoreStrings,
    OutputFrequency,
    Packs,
    Strings,
    StringsTotal,
    System,
)
from .registers.block import Block
from .registers.register import Memory

type Blocks = frozenset[type[Block]]

ALL_VERSIONS: Blocks = frozenset({InverterOutput, OutputFrequency, Backup, Strings})
"""What lies at the same place in every firmware that is known, V1.17 and later."""

SINCE_V120: Blocks = frozenset(BLOCKS) - ALL_VERSIONS
"""Meters moved from 0x0000 to 0x0010 and 0x0090, the system from 0x0703 to 0x0740;
the end of the battery's block did not exist."""

SINCE_V122: Blocks = frozenset(
    {Packs, MoreStrings, InverterState, InverterDetail, StringsTotal}
)
"""The inverter's state made room for PV strings 4 to 6, from 0x0429 to 0x0435; the rest is newer still.

A recorded T10 with V1.17 shows, read by the later map, 173 MW on string 5: its PV energy.
"""


def blocks_of_other_map(memory: Memory, served: AbstractSet[type[Block]]) -> Blocks:
    """Name the blocks whose addresses may hold something else.

    What proves a firmware is a block that older ones do not have at its place: served
    earlier, or answering now. Zeros are no answer, since some devices send them where
    they have nothing; no clock reads zero, and no inverter that ever ran has neither
    temperature nor work mode nor energy.
    """
    if not _is_confirmed((Clock, System), memory, served):
        return SINCE_V120
    if not _is_confirmed((InverterState,), memory, served):
        return SINCE_V122
    return frozenset()


def _is_confirmed(
    blocks: Iterable[type[Block]], memory: Memory, served: AbstractSet[type[Block]]
) -> bool:
    return any(
        block in served or any(memory.get(a, 0) for a in block.addresses())
        for block in blocks
    )


async def check_map_version(unit: ModbusUnit) -> None:
    """Tell old firmware, whose registers lie elsewhere, from a device that is no inverter.

    Raises OldFirmwareError: its strings answer, its clock does not; and UnansweredError.
    """
    if not await _answers(unit, Clock) and await _answers(unit, Strings):
        raise OldFirmwareError("the clock at 0x0740 is refused: protocol before V1.20")


async def _answers(unit: ModbusUnit, block: type[Block]) -> bool:
    try:
        await read_words(unit, request_for(block))
    except IllegalRequestError:
        return False
    return True
