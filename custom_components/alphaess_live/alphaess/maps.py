"""Register maps: which blocks a line of firmware has, where they are, and how they are polled."""

from collections.abc import Container, Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from modbus_connection import ModbusUnit

from .errors import IllegalRequestError, OldFirmwareError
from .modbus_request import read_words
from .read_plan import request_for
from .registers import (
    BLOCKS,
    Backup,
    Battery,
    Clock,
    Grid,
    InverterDetail,
    InverterOutput,
    InverterState,
    MoreStrings,
    OutputFrequency,
    Packs,
    PvMeter,
    Strings,
    StringsTotal,
    System,
)
from .registers.block import Block
from .registers.register import Memory, Register
from .scales import ScaleProfile

type Blocks = frozenset[type[Block]]


@dataclass(frozen=True)
class FieldSubset:
    """Some fields of a block that are read without the others."""

    block: type[Block]
    field_names: tuple[str, ...]

    def addresses(self) -> Iterable[int]:
        """Every address of these fields."""
        for name in self.field_names:
            register = self.block.registers[name]
            yield from range(register.address, register.end)

    @property
    def keys(self) -> frozenset[str]:
        """The keys of these fields."""
        return frozenset(self.block.prefix + name for name in self.field_names)

    def update[B: Block](
        self, block: B, memory: Mapping[int, int], profile: ScaleProfile
    ) -> B:
        """Return the block with new values for these fields."""
        registers = self.block.registers
        values = {n: registers[n].decode(memory, profile) for n in self.field_names}
        return replace(block, **values)


@dataclass(frozen=True, kw_only=True)
class Confirmation:
    """Blocks that are only used once another block shows that the firmware has this map."""

    evidence: Blocks
    """One of these must have answered before, or answer now with a word other than 0.

    Some devices send zeros where they have nothing. A clock never reads zero, and the
    state of an inverter that ever ran has a temperature, a work mode or an energy.
    """
    blocks: Blocks

    def is_confirmed(self, memory: Memory, served: AbstractSet[type[Block]]) -> bool:
        """Whether the evidence is there: served before, or in the words of this reading."""
        return any(
            block in served or any(memory.get(a, 0) for a in block.addresses())
            for block in self.evidence
        )


@dataclass(frozen=True, kw_only=True)
class RegisterMap:
    """A register map. An inverter is read by exactly one of them."""

    name: str
    blocks: tuple[type[Block], ...]
    """Every block, in reading order: the power values first, close together in time."""
    power_fields: tuple[FieldSubset, ...]
    """What is read between two snapshots."""
    essential: Blocks
    """What every device has: a refusal is a temporary failure, not a property of the model."""
    confirmations: tuple[Confirmation, ...] = ()

    def named(self, names: Container[str]) -> Blocks:
        """Return the blocks with these names."""
        return frozenset(block for block in self.blocks if block.name in names)

    def block(self, name: str) -> type[Block]:
        """Return the block with this name. Raises KeyError if the map has none."""
        for block in self.blocks:
            if block.name == name:
                return block
        raise KeyError(name)

    @property
    def power_keys(self) -> frozenset[str]:
        """The keys of the power fields."""
        return frozenset(key for subset in self.power_fields for key in subset.keys)

    @property
    def serial_registers(self) -> tuple[Register[Any], ...]:
        """The registers that hold serial numbers."""
        found = (block.registers.get("serial") for block in self.blocks)
        return tuple(register for register in found if register)

    def blocks_of_other_map(
        self, memory: Memory, served: AbstractSet[type[Block]]
    ) -> Blocks:
        """Return the blocks that must not be used: their addresses may hold other values."""
        return frozenset(
            block
            for one in self.confirmations
            if not one.is_confirmed(memory, served)
            for block in one.blocks
        )


ALL_VERSIONS: Blocks = frozenset({InverterOutput, OutputFrequency, Backup, Strings})
"""Blocks with the same addresses in every known firmware [vendor-v1.17; vendor]."""

SINCE_V120: Blocks = frozenset(BLOCKS) - ALL_VERSIONS
"""Before V1.20 the meters were at 0x0000 and the system at 0x0703 [vendor-v1.17; vendor-v1.23]."""

SINCE_V122: Blocks = frozenset(
    {Packs, MoreStrings, InverterState, InverterDetail, StringsTotal}
)
"""Before V1.22 the inverter's state was at 0x0429, where PV strings 4 to 6 are now [vendor-v1.17].

Read by the current map, a recorded T10 with V1.17 shows 173 MW on string 5: its PV energy [wooni]."""

CURRENT = RegisterMap(
    name="current",
    blocks=BLOCKS,
    power_fields=(
        FieldSubset(Grid, ("power",)),
        FieldSubset(PvMeter, ("power",)),
        FieldSubset(Battery, ("soc", "power")),
        FieldSubset(Strings, ("pv1_power", "pv2_power", "pv3_power")),
        FieldSubset(MoreStrings, ("pv4_power", "pv5_power", "pv6_power")),
    ),
    essential=frozenset({Grid, Battery, System}),
    confirmations=(
        Confirmation(evidence=frozenset({Clock, System}), blocks=SINCE_V120),
        Confirmation(evidence=frozenset({InverterState}), blocks=SINCE_V122),
    ),
)
"""Protocol V1.20 and later; blocks that came later are refused by older firmware."""

MAPS: dict[str, RegisterMap] = {CURRENT.name: CURRENT}
"""Every register map, by its name."""


async def check_map_version(unit: ModbusUnit) -> None:
    """Find out whether a device without valid values has firmware before V1.20.

    Raises OldFirmwareError if the strings respond and the clock does not, and
    CommunicationError.
    """
    if not await _answers(unit, Clock) and await _answers(unit, Strings):
        raise OldFirmwareError("the clock at 0x0740 is refused: protocol before V1.20")


async def _answers(unit: ModbusUnit, block: type[Block]) -> bool:
    try:
        await read_words(unit, request_for(block))
    except IllegalRequestError:
        return False
    return True
