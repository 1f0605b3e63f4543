"""A block: values that are read together, and that answer or fail together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, Self, dataclass_transform

from ..scales import STANDARD, ScaleProfile
from .register import Memory, Register, choice, clock, dispatch_soc, number, text


class BlockGroup(StrEnum):
    """What a block is about."""

    MEASUREMENTS = "measurements"
    """What flows, what is stored, what is wrong, who it is: nobody can do without."""
    BACKUP = "backup"
    SETTINGS = "settings"
    """What the installer or the household has set."""
    AUXILIARY = "auxiliary"
    """The terminals for switches."""
    SAFETY = "safety"
    """Which grid code applies, and where the inverter parts from the grid."""
    GRID_SERVICES = "grid_services"
    """What somebody outside orders the inverter to do for the grid."""


DEFAULT_GROUPS: frozenset[BlockGroup] = frozenset(
    {BlockGroup.BACKUP, BlockGroup.SETTINGS}
)
"""What is polled unless the household chooses otherwise; the measurements always are."""


@dataclass_transform(
    frozen_default=True,
    kw_only_default=True,
    field_specifiers=(number, choice, text, clock, dispatch_soc),
)
@dataclass(frozen=True)
class Block:
    """One part of the device: a frozen dataclass whose fields know their registers."""

    registers: ClassVar[Mapping[str, Register[Any]]]
    name: ClassVar[str]
    """The snapshot's attribute that holds this block."""
    prefix: ClassVar[str]
    """What the keys of this block's values begin with."""
    group: ClassVar[BlockGroup]
    slow: ClassVar[bool]
    """Whether it hardly changes: such a block is read every few minutes only."""
    may_wait: ClassVar[bool]
    """Whether a snapshot may leave it out, where too many requests would be needed: no sum rests
    on a power of it, and no order stands in it."""

    def __init_subclass__(
        cls,
        *,
        name: str,
        prefix: str | None = None,
        group: BlockGroup = BlockGroup.MEASUREMENTS,
        slow: bool = False,
        may_wait: bool = False,
    ) -> None:
        """Make every block an immutable dataclass that knows its registers."""
        dataclass(frozen=True, kw_only=True)(cls)
        cls.registers = {f.name: f.metadata["register"] for f in fields(cls)}
        cls.name = name
        cls.prefix = f"{name}_" if prefix is None else prefix
        cls.group = group
        cls.slow = slow
        cls.may_wait = may_wait

    @classmethod
    def addresses(cls) -> Iterable[int]:
        """Every address this block needs."""
        for register in cls.registers.values():
            yield from range(register.address, register.end)

    @classmethod
    def decode(cls, memory: Memory, profile: ScaleProfile = STANDARD) -> Self:
        """Build the block from the words read for it."""
        values = {n: r.decode(memory, profile) for n, r in cls.registers.items()}
        return cls(**values)

    def encode(self, profile: ScaleProfile = STANDARD) -> dict[int, int]:
        """Lay the whole block out as words: what a simulator serves."""
        words: dict[int, int] = {}
        for name, register in self.registers.items():
            words |= register.encode(getattr(self, name), profile)
        return words
