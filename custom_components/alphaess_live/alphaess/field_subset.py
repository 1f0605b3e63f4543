"""Some fields of a block that are read without the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .registers.block import Block
from .scales import ScaleProfile


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
        return type(block)(**vars(block) | values)  # Much faster than `replace`.

    def value_in(self, memory: Mapping[int, int], profile: ScaleProfile) -> Any:
        """Return the value of the first field; None if it was not read."""
        register = self.block.registers[self.field_names[0]]
        is_read = register.address in memory
        return register.decode(memory, profile) if is_read else None
