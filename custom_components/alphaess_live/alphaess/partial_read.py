"""Some values of a block, read without the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .registers import Battery, Grid, MoreStrings, PvMeter, Strings
from .registers.block import Block
from .scales import ScaleProfile


@dataclass(frozen=True)
class FieldSubset:
    """Some values of a block, read without the rest."""

    block: type[Block]
    field_names: tuple[str, ...]

    def addresses(self) -> Iterable[int]:
        """Every address this excerpt needs."""
        for name in self.field_names:
            register = self.block.registers[name]
            yield from range(register.address, register.end)

    def update[B: Block](
        self, old: B, memory: Mapping[int, int], profile: ScaleProfile
    ) -> B:
        """Put fresh values into a block."""
        registers = self.block.registers
        fresh = {n: registers[n].decode(memory, profile) for n in self.field_names}
        return replace(old, **fresh)


POWER_FIELDS: tuple[FieldSubset, ...] = (
    FieldSubset(Grid, ("power",)),
    FieldSubset(PvMeter, ("power",)),
    FieldSubset(Battery, ("soc", "power")),
    FieldSubset(Strings, ("pv1_power", "pv2_power", "pv3_power")),
    FieldSubset(MoreStrings, ("pv4_power", "pv5_power", "pv6_power")),
)
"""The power values: read in one burst, between full snapshots too."""
