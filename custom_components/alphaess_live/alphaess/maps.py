"""Register maps: which blocks a line of firmware has, where they are, and how they are polled."""

from collections.abc import Container, Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from modbus_connection import ModbusUnit

from .errors import IllegalRequestError, OldFirmwareError
from .field_subset import FieldSubset
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

type Blocks = frozenset[type[Block]]


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
    probable: bool = False
    """Whether parts of it were never recorded: then nothing is written, and users see the word."""

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
    def needed_fields(self) -> tuple[FieldSubset, ...]:
        """What a block is of no use without: power values, the serial number."""
        identified = self.essential.intersection(self.identity_blocks)
        serials = (FieldSubset(block, ("serial",)) for block in identified)
        return (*self.power_fields, *serials)

    @property
    def identity_blocks(self) -> tuple[type[Block], ...]:
        """The blocks that hold a serial number."""
        return tuple(block for block in self.blocks if "serial" in block.registers)

    @property
    def serial_registers(self) -> tuple[Register[Any], ...]:
        """The registers that hold serial numbers."""
        return tuple(block.registers["serial"] for block in self.identity_blocks)

    def undecided(self, refused: Blocks, served: AbstractSet[type[Block]]) -> Blocks:
        """Return the blocks that are not used as long as the refused ones do not show that they may be."""
        return frozenset(
            block
            for one in self.confirmations
            if one.evidence & refused and not one.evidence & served
            for block in one.blocks
        )

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

_V117_GRID = Grid.relocated(
    {
        "power_l1": 0x0000,
        "power_l2": 0x0002,
        "power_l3": 0x0004,
        "power": 0x0006,
        "export_energy_total": 0x0008,
        "import_energy_total": 0x000A,
    }
)
_V117_PV_METER = PvMeter.relocated({"power": 0x0012})
_V117_STATE = InverterState.relocated({"temperature": 0x0429})
_V117_CLOCK = Clock.relocated({"time": 0x0703})
_V117_SYSTEM = System.relocated(
    {
        "serial": 0x0706,
        "version_high": 0x0729,
        "version_middle": 0x072A,
        "version_low": 0x072B,
    }
)

V117 = RegisterMap(
    name="v117",
    blocks=(
        _V117_GRID,
        _V117_PV_METER,
        Battery,
        InverterOutput,
        Backup,
        OutputFrequency,
        Strings,
        _V117_STATE,
        _V117_CLOCK,
        _V117_SYSTEM,
    ),
    power_fields=(
        FieldSubset(_V117_GRID, ("power",)),
        FieldSubset(_V117_PV_METER, ("power",)),
        FieldSubset(Battery, ("soc", "power")),
        FieldSubset(Strings, ("pv1_power", "pv2_power", "pv3_power")),
    ),
    essential=frozenset({_V117_GRID, Battery, _V117_SYSTEM}),
    probable=True,
)
"""Protocol before V1.20 [vendor-v1.17].

A recorded T10 confirms battery, output, backup, strings and temperature [wooni]; its PV
energy at 0x042E is no plausible value, and is left out. The meters have a second source
[openwb]; clock, serial number and versions have the document alone.
"""

MAPS: dict[str, RegisterMap] = {one.name: one for one in (CURRENT, V117)}
"""Every register map, by its name."""


async def check_map_version(unit: ModbusUnit) -> None:
    """Find out whether a device without valid values has firmware before V1.20.

    Raises OldFirmwareError if the strings respond and the clock does not, and
    CommunicationError.
    """
    if not await serves_current_map(unit) and await _answers(unit, Strings):
        raise OldFirmwareError("the clock at 0x0740 is refused: protocol before V1.20")


async def serves_current_map(unit: ModbusUnit) -> bool:
    """Whether the clock answers where it is since V1.20. Raises CommunicationError."""
    return await _answers(unit, Clock)


async def _answers(unit: ModbusUnit, block: type[Block]) -> bool:
    try:
        await read_words(unit, request_for(block))
    except IllegalRequestError:
        return False
    return True
