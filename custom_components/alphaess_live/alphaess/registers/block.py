"""A block: registers that are read by one request, and that answer or fail together."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from itertools import chain
from types import new_class
from typing import Any, ClassVar, Self, dataclass_transform

from ..scales import STANDARD, ScaleProfile
from .register import Memory, Register, choice, clock, dispatch_soc, number, text


class BlockGroup(StrEnum):
    """What a block is about. All groups except the measurements can be left out of polling."""

    MEASUREMENTS = "measurements"
    """Power, energy, battery, faults and identity."""
    BACKUP = "backup"
    """The backup (EPS) output."""
    SETTINGS = "settings"
    """What the installer or the household has set."""
    AUXILIARY = "auxiliary"
    """The digital inputs."""
    SAFETY = "safety"
    """The grid code and the limits of grid protection."""
    GRID_SERVICES = "grid_services"
    """Orders of a grid operator."""


@dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    field_specifiers=(number, choice, text, clock, dispatch_soc),
)
@dataclass(frozen=True)
class Block:
    """Base class of the blocks: a frozen dataclass that has a register for each field."""

    registers: ClassVar[Mapping[str, Register[Any]]]
    """The register of each field, by the field's name."""
    address_set: ClassVar[frozenset[int]]
    """Every address of this block."""
    _addresses: ClassVar[tuple[int, ...]]
    name: ClassVar[str]
    """The snapshot's attribute that holds this block."""
    prefix: ClassVar[str]
    """The beginning of the keys of this block's values."""
    group: ClassVar[BlockGroup]
    slow: ClassVar[bool]
    """Whether the block rarely changes and is read every few minutes only."""

    def __init_subclass__(
        cls,
        *,
        name: str,
        prefix: str | None = None,
        group: BlockGroup = BlockGroup.MEASUREMENTS,
        slow: bool = False,
    ) -> None:
        """Make each block a frozen dataclass and collect its registers."""
        dataclass(frozen=True, kw_only=True)(cls)
        cls.use_registers({f.name: f.metadata["register"] for f in fields(cls)})
        cls.name = name
        cls.prefix = f"{name}_" if prefix is None else prefix
        cls.group = group
        cls.slow = slow

    @classmethod
    def relocated(cls, addresses: Mapping[str, int]) -> type[Self]:
        """Return the same block as another register map has it.

        `addresses` holds the first address of each field by the field's name. A field
        that is not in it does not exist in the other map: it is None in each block.
        """
        keywords = {
            "name": cls.name,
            "prefix": cls.prefix,
            "group": cls.group,
            "slow": cls.slow,
        }
        block: type[Self] = new_class(cls.__name__, (cls,), keywords)
        block.use_registers(
            {
                name: replace(cls.registers[name], address=address)
                for name, address in addresses.items()
            }
        )
        return block

    @classmethod
    def use_registers(cls, registers: Mapping[str, Register[Any]]) -> None:
        """Set the registers, and prepare what each poll needs of them."""
        cls.registers = registers
        spans = (range(one.address, one.end) for one in registers.values())
        cls._addresses = tuple(chain.from_iterable(spans))
        cls.address_set = frozenset(cls._addresses)

    @classmethod
    def addresses(cls) -> Iterable[int]:
        """Every address of this block, in the order of its fields."""
        return cls._addresses

    @classmethod
    def decode(
        cls,
        memory: Memory,
        profile: ScaleProfile = STANDARD,
        *,
        without: Container[str] = (),
    ) -> Self:
        """Build the block from its words; the fields in `without` are None.

        Raises KeyError if a word is missing.
        """
        values = dict.fromkeys(field.name for field in fields(cls))
        values |= {
            name: register.decode(memory, profile)
            for name, register in cls.registers.items()
            if name not in without
        }
        return cls(**values)

    @classmethod
    def neutral(cls) -> Self:
        """Build the block of a device that uses none of its registers: they all read 0 [vendor]."""
        if cls not in _NEUTRAL:
            _NEUTRAL[cls] = cls.decode(dict.fromkeys(cls.addresses(), 0))
        block: Self = _NEUTRAL[cls]
        return block

    def encode(self, profile: ScaleProfile = STANDARD) -> dict[int, int]:
        """Return the words of the whole block by address."""
        words: dict[int, int] = {}
        for name, register in self.registers.items():
            words |= register.encode(getattr(self, name), profile)
        return words


_NEUTRAL: dict[type[Block], Any] = {}
"""The neutral blocks that were built already."""
