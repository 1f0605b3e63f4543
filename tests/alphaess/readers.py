"""An inverter in memory that is read every 30 s."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from modbus_connection.mock import MockModbusUnit

from custom_components.alphaess_live.alphaess.counter_samples import CONFIRM_TIME
from custom_components.alphaess_live.alphaess.energy_ledger import EnergyLedger
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import (
    Grid,
    InverterState,
    PvMeter,
    SystemTotals,
)

from .units import THREE_PHASE, complete, confirmed_identity, load

POLL = timedelta(seconds=30)
MANY = int(CONFIRM_TIME / POLL) + 2
NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)
IMPORT = "grid_import_energy_total"
PV = "pv_energy_total"
REGISTERS = {
    IMPORT: Grid.registers["import_energy_total"],
    "strings": InverterState.registers["pv_energy_total"],
    "meter_1": PvMeter.registers["energy_1_total"],
    "meter_2": PvMeter.registers["energy_2_total"],
    "system": SystemTotals.registers["pv_energy_total"],
}


class Reader:
    """An inverter that is read every 30 s, with these numbers of its registers."""

    def __init__(self, clock: FrozenDateTimeFactory, **numbers: float) -> None:
        self.clock = clock
        self.unit: MockModbusUnit = complete(THREE_PHASE)
        self.inverter = Inverter(self.unit, known_identity=confirmed_identity())
        self.set(**{"system": 0, **numbers})

    def set(self, **numbers: float) -> None:
        """Set numbers of registers, in kWh."""
        for name, number in numbers.items():
            load(self.unit, REGISTERS[name].encode(number))

    async def read(self, *, times: int = 1, **numbers: float) -> float | None:
        """Read snapshots; return the PV energy of the last one."""
        self.set(**numbers)
        for _ in range(times):
            self.clock.tick(POLL)
            self.snapshot = await self.inverter.read()
        return self.snapshot.derived.pv_energy_total

    async def begin(self) -> float | None:
        """Read until everything is known."""
        return await self.read(times=MANY)

    def restart(self) -> None:
        """Build the inverter anew, from what was stored."""
        stored, served = self.inverter.ledger.to_dict(), self.inverter.served_blocks
        self.inverter = Inverter(
            self.unit,
            served_blocks=set(served),
            known_identity=confirmed_identity(),
        )
        self.inverter.ledger.load(stored)

    @property
    def ledger(self) -> EnergyLedger:
        return self.inverter.ledger
