"""Some values of a block, read without the rest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .registers import Battery, Grid, MoreStrings, PvMeter, Strings
from .registers.block import Block
from .scales import Profile


@dataclass(frozen=True)
class Excerpt:
    """Some values of a block, read without the rest."""

    block: type[Block]
    names: tuple[str, ...]

    def addresses(self) -> Iterable[int]:
        """Every address this excerpt needs."""
        for name in self.names:
            register = self.block.registers[name]
            yield from range(register.address, register.end)

    def renew[B: Block](self, old: B, memory: Mapping[int, int], profile: Profile) -> B:
        """Put fresh values into a block."""
        registers = self.block.registers
        fresh = {n: registers[n].decode(memory, profile) for n in self.names}
        return replace(old, **fresh)


LIVE: tuple[Excerpt, ...] = (
    Excerpt(Grid, ("power",)),
    Excerpt(PvMeter, ("power",)),
    Excerpt(Battery, ("soc", "power")),
    Excerpt(Strings, ("pv1_power", "pv2_power", "pv3_power")),
    Excerpt(MoreStrings, ("pv4_power", "pv5_power", "pv6_power")),
)
"""The power values: read in one burst, between full snapshots too."""
