"""A snapshot: all values of one reading, and the values that are derived from them."""

from collections.abc import Iterable, Iterator
from dataclasses import Field, dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from . import registers
from .energy_integrator import NEGATIVE_WATTS
from .pv_meter_direction import DEFAULT_DIRECTION, MeterDirection
from .registers import BLOCKS
from .registers.register import Quantity as Q

PV_POWER_BLOCKS = frozenset({"strings", "more_strings", "pv_meter"})
"""The blocks whose powers add up to the PV power."""

PV_ENERGY_BLOCKS = frozenset({"state", "pv_meter"})
"""The blocks whose energies add up to the PV energy."""

PV_ENERGY_KEY = "pv_energy_total"

MIN_LOSS_WATTS = 300
MAX_LOSS_SHARE = 0.1
"""The inverter's own consumption and its losses: 14 W and 2 to 5 % are usual."""

MAX_BALANCE_AGE = timedelta(seconds=15)
"""Between two readings within this time, the load of a house rarely changes."""

DERIVED = "derived"
"""The part of a snapshot that is no block, but is derived from several."""

type Value = float | str | datetime | None


@dataclass(frozen=True, kw_only=True)
class Power:
    """The power values of one reading, in W, and the state of charge in %.

    None for what the inverter does not serve.
    """

    soc: float | None
    battery: float | None
    """Positive while discharging."""
    pv: float | None
    grid: float | None
    """Positive while importing."""
    ac_balance: float | None = field(default=None, compare=False)
    """The sum of the sources on the AC side: what the inverter gives, AC-coupled PV and grid."""
    previous_balance: float | None = field(default=None, compare=False)
    """The sum of the sources a few seconds before."""

    def shows_same_as(self, other: Power) -> bool:
        """Whether all values are the same, also the load, which depends on the values before."""
        return self == other and self.load == other.load

    @property
    def load(self) -> float | None:
        """What the house uses; None if a term is missing. No register has it.

        An inverter renews its values at different moments. Under broken clouds, or while
        a large load is switched, their sum may be wrong for one sample: then the sum on
        the AC side differs by more than losses do, and the median of both and of the
        previous sum is used. A sum below 0 is that of different moments, too, unless the
        previous one was: something feeds the house without being measured then.
        """
        balance, others = self.balance, (self.ac_balance, self.previous_balance)
        if balance is None:
            return None
        ac, previous = others
        if ac is not None and previous is not None:
            tolerance = max(MIN_LOSS_WATTS, MAX_LOSS_SHARE * self._throughput)
            if abs(balance - ac) > tolerance:
                balance = sorted((balance, ac, previous))[1]
        if balance <= NEGATIVE_WATTS and previous is not None:
            balance = previous
        return max(balance, 0)

    @property
    def _throughput(self) -> float:
        """The power that is converted, in W at most."""
        return (self.pv or 0) + abs(self.battery or 0)

    @property
    def balance(self) -> float | None:
        """The sum of all sources; below 0 something is not measured, or with the wrong sign."""
        if self.pv is None or self.battery is None or self.grid is None:
            return None
        return self.pv + self.battery + self.grid


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapshot:
    """The values of one reading. None for a block that the inverter does not serve.

    Two are equal if they show the same, whenever they were read.
    """

    measured_at: datetime = field(compare=False)
    """When the power values were read, in UTC."""
    ac_output: float | None = field(default=None, compare=False)
    """The inverter's AC output in W, if it is newer than its block."""
    previous_balance: float | None = field(default=None, compare=False)
    """The sum of all sources a few seconds before, in W; None if it is older."""
    read_started: float = field(default=0.0, compare=False)
    """When the reading began, by the event loop's clock, which is never set."""
    unavailable: frozenset[str] = frozenset()
    """Blocks that the inverter serves, but refused just now: a sum without them would be wrong."""
    undecided: frozenset[str] = frozenset()
    """Blocks that did not answer, of which it is unknown whether the inverter has them: as wrong a sum."""
    held: frozenset[str] = field(default=frozenset(), compare=False)
    """Blocks that are the last good ones, because nothing plausible was read: they show nothing new."""
    refused_keys: frozenset[str] = frozenset()
    """Keys of values that the inverter refuses in a block that it serves otherwise."""
    pv_meter_direction: MeterDirection = DEFAULT_DIRECTION
    """Which of the PV meter's counters counts generation."""
    pv_energy_total: float | None = None
    """The generation of strings and AC-coupled PV in kWh, from the energy ledger."""
    grid: registers.Grid | None = None
    pv_meter: registers.PvMeter | None = None
    battery: registers.Battery | None = None
    packs: registers.Packs | None = None
    output: registers.InverterOutput | None = None
    output_frequency: registers.OutputFrequency | None = None
    backup: registers.Backup | None = None
    strings: registers.Strings | None = None
    more_strings: registers.MoreStrings | None = None
    state: registers.InverterState | None = None
    detail: registers.InverterDetail | None = None
    strings_total: registers.StringsTotal | None = None
    dispatch: registers.DispatchOrder | None = None
    dispatch_detail: registers.DispatchDetail | None = None
    totals: registers.SystemTotals | None = None
    clock: registers.Clock | None = None
    system: registers.System | None = None
    suffix: registers.SystemSuffix | None = None
    versions: registers.InverterVersions | None = None
    arm: registers.ArmVersion | None = None
    grid_ct: registers.GridCt | None = None
    pv_meter_ct: registers.PvMeterCt | None = None
    feed_in: registers.FeedIn | None = None
    installation: registers.Installation | None = None
    phase_balance: registers.PhaseBalance | None = None
    periods: registers.Periods | None = None
    period_minutes: registers.PeriodMinutes | None = None
    inputs: registers.Inputs | None = None
    grid_code: registers.GridRegulation | None = None
    grid_support: registers.GridSupport | None = None
    grid_protection: registers.GridProtection | None = None
    more_protection: registers.MoreProtection | None = None
    frequency_service: registers.FrequencyService | None = None
    echonet: registers.Echonet | None = None

    @property
    def missing(self) -> frozenset[str]:
        """Blocks without which a sum would be wrong: they are, or may be, part of this inverter."""
        return self.unavailable | self.undecided

    @property
    def string_powers(self) -> tuple[float, ...]:
        """DC power of each string that the inverter serves, in W; empty if none."""
        few, more = self.strings, self.more_strings
        first = (few.pv1_power, few.pv2_power, few.pv3_power) if few else ()
        last = (more.pv4_power, more.pv5_power, more.pv6_power) if more else ()
        return first + last

    @property
    def power_without_pv_meter(self) -> float | None:
        """What strings, battery and grid give to the house, in W; None if one of them is not known."""
        grid = self.grid.power if self.grid else None
        battery = self.battery.power if self.battery else None
        complete = not self.missing & (PV_POWER_BLOCKS | {"grid", "battery"})
        return _sum([*self.string_powers, battery, grid]) if complete else None

    @property
    def pv_meter_power(self) -> float | None:
        """What the PV meter's branch generates, in W; None without a meter, or while its direction is in doubt."""
        if self.pv_meter is None:
            return None
        direction, others = self.pv_meter_direction, self.power_without_pv_meter
        return direction.generated_power(self.pv_meter, others)

    def __eq__(self, other: object) -> bool:
        """Compare what is shown; the load depends on the values before, too."""
        if not isinstance(other, Snapshot):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name) for name in _COMPARED
        ) and self.power.shows_same_as(other.power)

    __hash__ = None  # type: ignore[assignment]  # It is never a key.

    @cached_property
    def power(self) -> Power:
        """The power values, as the live feed has them."""
        parts: list[float | None] = [*self.string_powers]
        grid = self.grid.power if self.grid else None
        output = self.ac_output
        if output is None and self.output:
            output = self.output.power
        ac_parts = [grid, output]
        if self.pv_meter:
            generated = self.pv_meter_power
            parts.append(generated)
            ac_parts.append(generated)
        complete = self.missing.isdisjoint(PV_POWER_BLOCKS)
        return Power(
            soc=self.battery.soc if self.battery else None,
            battery=self.battery.power if self.battery else None,
            pv=_sum(parts) if complete else None,
            grid=grid,
            ac_balance=_sum(ac_parts),
            previous_balance=self.previous_balance,
        )

    @cached_property
    def derived(self) -> Derived:
        """The values that are derived from the blocks."""
        power = self.power
        return Derived(
            load_power=power.load,
            pv_power=power.pv,
            pv_energy_total=self.pv_energy_total,
            grid_import_power=_positive(power.grid),
            grid_export_power=_negative(power.grid),
            battery_charge_power=_negative(power.battery),
            battery_discharge_power=_positive(power.battery),
        )


_COMPARED = tuple(one.name for one in fields(Snapshot) if one.compare)


def recent_balance(last: Snapshot | None, now: datetime) -> float | None:
    """Return the sum of all sources in W, if it was measured a few seconds ago."""
    if last is None or not timedelta() <= now - last.measured_at <= MAX_BALANCE_AGE:
        return None
    return last.power.balance


def _sum(parts: Iterable[float | None]) -> float | None:
    """Add values; None if there are none, or if the register map lacks one of them."""
    values = list(parts)
    known = [value for value in values if value is not None]
    return sum(known) if values and len(known) == len(values) else None


def _positive(value: float | None) -> float | None:
    return None if value is None else max(value, 0)


def _negative(value: float | None) -> float | None:
    return None if value is None else max(-value, 0)


def _derived(quantity: Q) -> Any:
    return field(metadata={"quantity": quantity})


@dataclass(frozen=True, kw_only=True)
class Derived:
    """Values that no register has, but that are derived from several."""

    load_power: float | None = _derived(Q.POWER)
    pv_power: float | None = _derived(Q.POWER)
    """Strings and AC-coupled PV together."""
    pv_energy_total: float | None = _derived(Q.ENERGY)
    grid_import_power: float | None = _derived(Q.POWER)
    grid_export_power: float | None = _derived(Q.POWER)
    battery_charge_power: float | None = _derived(Q.POWER)
    battery_discharge_power: float | None = _derived(Q.POWER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of a snapshot: its key, its quantity and its place."""

    key: str
    """Its name everywhere: unique id, translation key, JSON."""
    part: str
    """The snapshot's attribute that has the value: a block's name, or DERIVED."""
    field: str
    quantity: Q | None
    """None for text, states and times."""
    options: tuple[str, ...] = ()

    def of(self, snapshot: Snapshot) -> Value:
        """Return the value in a snapshot; None where the inverter does not serve its block."""
        part = getattr(snapshot, self.part)
        value: Value = None if part is None else getattr(part, self.field)
        return value


def _readings() -> Iterator[Reading]:
    missing = {block.name for block in BLOCKS} - {one.name for one in fields(Snapshot)}
    if missing:
        names = ", ".join(sorted(missing))
        raise TypeError(f"Snapshot needs a field for each block: {names}")
    for block in BLOCKS:
        for name, register in block.registers.items():
            yield Reading(
                key=block.prefix + name,
                part=block.name,
                field=name,
                quantity=register.quantity,
                options=register.options,
            )
    derived: tuple[Field[Any], ...] = fields(Derived)
    for one in derived:
        yield Reading(
            key=one.name,
            part=DERIVED,
            field=one.name,
            quantity=one.metadata["quantity"],
        )


READINGS: tuple[Reading, ...] = tuple(_readings())
"""Every value of a snapshot; entities, JSON and documents are generated from it."""
