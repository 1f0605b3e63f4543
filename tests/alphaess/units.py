"""Modbus units in memory, loaded with the words of recorded inverters."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, override

from modbus_connection import IllegalDataAddressError
from modbus_connection.mock import MockModbusConnection, MockModbusUnit

from custom_components.alphaess_live.alphaess.holding_register_unit import (
    HoldingRegisterUnit,
)
from custom_components.alphaess_live.alphaess.identity import Identity, identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.alphaess.registers import BLOCKS, Battery, Grid
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.scale_detection import ScaleDetector
from custom_components.alphaess_live.alphaess.scales import ScaleProfile
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from tests.images import IMAGES

IMAGE = {image.name: image.holding for image in IMAGES}
THREE_PHASE = IMAGE["hybrid_three_phase"]
SMILE_B3 = IMAGE["smile_b3"]
SMILE_T10 = IMAGE["smile_t10_v117"]
ADDRESSES = range(0x1100)
UNLIMITED = 1000
"""Requests of one reading, for tests of what is requested at all."""


def complete(holding: Mapping[int, int]) -> MockModbusUnit:
    """Serve every address; those that were not recorded are 0, as unused registers are."""
    unit = MockModbusConnection().for_unit(85)
    load(unit, holding)
    return unit


QUIET = dict.fromkeys(range(0x0900), 0)
"""An inverter whose registers are all 0."""

SECONDS = 10
"""Between two samples of `follow`."""


def follow(
    detector: ScaleDetector, samples: Iterable[Mapping[int, int]], start: int = 0
) -> list[ScaleProfile]:
    """Return the scales after each sample."""
    return [
        detector.update(memory, at=start + SECONDS * n)
        for n, memory in enumerate(samples)
    ]


def scales_of(words: Mapping[int, int]) -> ScaleProfile:
    """Return the scales after a device has sent these words for a minute."""
    detector = ScaleDetector()
    for at in (0, 30, 60):
        profile = detector.update(words, at=at)
    return profile


def load(unit: MockModbusUnit, holding: Mapping[int, int]) -> None:
    """Set words of a unit."""
    unit.holding.update(holding)


def recorded(holding: Mapping[int, int]) -> MockModbusUnit:
    """Serve what was recorded, and refuse everything else."""
    unit = complete(holding)
    refuse(unit, (address for address in ADDRESSES if address not in holding))
    return unit


def refuse(unit: MockModbusUnit, addresses: Iterable[int]) -> None:
    """Refuse addresses, as an inverter does that does not have them."""
    for address in addresses:
        unit.fail_read(address, IllegalDataAddressError())


def serve(unit: MockModbusUnit, addresses: Iterable[int]) -> None:
    """Serve addresses again."""
    for address in addresses:
        unit.fail_read(address, None)


def asks_for(unit: MockModbusUnit, block: type[Block]) -> bool:
    """Whether any request read a register of a block."""
    return any(
        address in range(event.address, event.address + event.count)
        for event in unit.read_events
        for address in block.addresses()
    )


class GlitchingUnit(HoldingRegisterUnit):
    """Serves words from memory; words in `glitches` are wrong in one answer only."""

    def __init__(self, holding: Mapping[int, int]) -> None:
        super().__init__()
        self.holding = dict.fromkeys(ADDRESSES, 0) | dict(holding)
        self.glitches: dict[int, int] = {}
        self.requests: list[range] = []

    @property
    @override
    def connected(self) -> bool:
        return True

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        wanted = range(address, address + count)
        self.requests.append(wanted)
        words = self.holding | self.glitches
        self.glitches = {a: w for a, w in self.glitches.items() if a not in wanted}
        return [words[each] for each in wanted]

    @override
    async def write_register(self, address: int, value: int) -> None:
        raise IllegalDataAddressError

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        raise IllegalDataAddressError

    @override
    async def disconnect(self) -> None:
        """There is no connection."""


def grid_words(power: float) -> dict[int, int]:
    """Encode a grid power that is the same on each phase."""
    words = Grid.registers["power"].encode(3 * power)
    for phase in (1, 2, 3):
        words |= Grid.registers[f"power_l{phase}"].encode(power)
    return words


def battery_words(**values: float) -> dict[int, int]:
    """Encode values of the battery."""
    words: dict[int, int] = {}
    for name, value in values.items():
        words |= Battery.registers[name].encode(value)
    return words


def all_ones(block: type[Block]) -> dict[int, int]:
    """Encode a block of which all bits are set."""
    return dict.fromkeys(block.addresses(), 0xFFFF)


def confirmed_identity(words: Mapping[int, int] = THREE_PHASE) -> Identity:
    """Return what is stored of an inverter that has sent these words for long."""
    blocks: dict[str, Any] = {
        block.name: block.decode(words)
        for block in BLOCKS
        if words.keys() >= block.address_set
    }
    identity = identify(Snapshot(measured_at=datetime.now(UTC), **blocks))
    return replace(identity, unconfirmed=frozenset())


def settle_refusals(inverter: Inverter) -> None:
    """Let the inverter not have what it has refused so far, as after many minutes."""
    inverter.unsupported.mark_refused(*inverter.refused_blocks, settled=True)


async def read_totals(inverter: Inverter) -> Snapshot:
    """Read an inverter until its totals, and what it has not, are known; return the last snapshot."""
    for _ in range(FEW_SAMPLES):
        snapshot = await inverter.read()
        settle_refusals(inverter)
    return snapshot


async def read_once(
    words: Mapping[int, int] = THREE_PHASE, times: int = 1
) -> tuple[GlitchingUnit, Inverter, Snapshot]:
    """Read an inverter that has shown its values some times."""
    unit = GlitchingUnit(THREE_PHASE | dict(words))
    inverter = Inverter(unit, known_identity=confirmed_identity(unit.holding))
    snapshot = await inverter.read()
    for _ in range(times - 1):
        snapshot = await inverter.read()
    assert inverter.stats.rejected_samples == 0
    return unit, inverter, snapshot
