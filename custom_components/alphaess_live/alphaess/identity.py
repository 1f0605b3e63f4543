"""The identity of an inverter: stored, so that it is known while the inverter cannot be reached."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
import re
from typing import Any, NamedTuple, Self

from .errors import CommunicationError, ErrorKind, NotAnInverterError
from .maps import RegisterMap
from .registers import Battery, MoreStrings, PvMeter, Strings, System, SystemSuffix
from .registers.block import Block
from .registers.register import Memory
from .snapshot import Snapshot
from .value_ranges import MAX_RATED_POWER

_MIN_SERIAL_LENGTH = 8
"""The shortest serial number seen in the field has 15 characters; half of it is no accident."""

MAX_VERSION = 9999
MAX_VOLTAGE = 1500
MAX_ENERGY = 5_000_000
"""kWh; ten years at the power of the largest AlphaESS."""
MAX_MODULES = 100
MAX_CAPACITY = 1000
"""kWh. What is above these proves nothing."""
SUNNY_WATTS = 100
"""With this power of all strings, each string that is connected has a voltage."""

_STRING_BLOCKS = frozenset({Strings.name, MoreStrings.name})


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Serial number and properties of an inverter. Empty or 0 where it does not send them."""

    serial: str
    model: str = ""
    firmware: str = ""
    phases: int = 1
    strings: int = 0
    ac_coupled: bool = False
    rated_power: int = 0
    """W; the highest charge or discharge power of the battery that several readings have shown."""
    battery_model: str = ""
    battery_modules: int = 0
    battery_capacity: float = 0.0
    """kWh."""
    unconfirmed: frozenset[str] = field(default=frozenset(), compare=False)
    """The properties that too few readings have shown: any other one that is confirmed replaces them."""
    proven: frozenset[str] = field(default=frozenset(), compare=False)
    """Those of them that three readings over a minute have shown."""
    unknown: frozenset[str] = field(default=frozenset(), compare=False)
    """The properties of which nothing is known; not stored."""

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        stored = {name: getattr(self, name) for name in _STORED}
        for key in _CERTAINTY:
            if names := sorted(getattr(self, key)):
                stored[key] = names
        return stored

    def stored_with(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored instead of `stored`; what a newer release stored is kept."""
        kept = {key: one for key, one in stored.items() if key not in _CERTAINTY}
        return kept | self.to_dict()

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], *, serial: str = "") -> Self:
        """Build from what was stored, without what this version cannot use.

        `serial` is used where none is stored. Properties of entries from before they
        were confirmed are regarded as confirmed.
        """
        default = cls(serial=serial)
        known: dict[str, Any] = {
            key: value
            for key, value in stored.items()
            if key in _STORED and isinstance(value, _types_of(getattr(default, key)))
        }
        unknown = frozenset(PROPERTIES) - known.keys()
        listed = _listed(stored, _UNCONFIRMED, otherwise=PROPERTIES)
        unconfirmed = unknown | listed.intersection(PROPERTIES)
        proven = _listed(stored, _PROVEN, otherwise=())
        return cls(
            **{"serial": serial, **known},
            unconfirmed=unconfirmed,
            proven=proven.intersection(unconfirmed - unknown),
            unknown=unknown,
        )

    def with_properties(
        self,
        changed: Mapping[str, Any],
        *,
        unconfirmed: Iterable[str],
        proven: Iterable[str] = (),
    ) -> Identity:
        """Return the identity with other properties, and the model that follows from them."""
        known = {name: getattr(self, name) for name in PROPERTIES} | dict(changed)
        return Identity(
            serial=self.serial,
            model=_model(known["phases"], known["strings"]),
            unconfirmed=frozenset(unconfirmed),
            proven=frozenset(proven),
            unknown=self.unknown - changed.keys(),
            **known,
        )

    def completed_by(self, reading: Identity) -> Identity:
        """Return the identity with what only the reading shows: several are needed to replace the rest."""
        missing = {name: getattr(reading, name) for name in self.unknown}
        return self.with_properties(
            missing, unconfirmed=self.unconfirmed, proven=self.proven
        )


_UNCONFIRMED, _PROVEN = _CERTAINTY = ("unconfirmed", "proven")
_STORED = tuple(one.name for one in fields(Identity) if one.compare)
PROPERTIES = tuple(name for name in _STORED if name not in ("serial", "model"))
"""What is confirmed by several readings. The model follows from it; a serial number is read twice."""


def _listed(
    stored: Mapping[str, Any], key: str, *, otherwise: Iterable[str]
) -> frozenset[str]:
    """Return the names of a stored list, none if it is absent; `otherwise` if it is no list."""
    names = stored.get(key, [])
    return frozenset(names if isinstance(names, list) else otherwise)


def _types_of(default: object) -> tuple[type, ...]:
    """Return the types of stored values that can replace a default."""
    return (int, float) if isinstance(default, float) else (type(default),)


class Observation(NamedTuple):
    """What one reading shows of a property."""

    value: Any
    is_visible: bool = True
    """False for less than there may be: a night hides strings, a cold battery its power."""


def identify(snapshot: Snapshot) -> Identity:
    """Build the identity from a first snapshot; nothing of it is confirmed.

    Raises NotAnInverterError where the values are not those of an AlphaESS.
    """
    system, battery = snapshot.system, snapshot.battery
    is_asleep = Battery.name in snapshot.unavailable
    if system is None or (battery is None and not is_asleep):
        raise NotAnInverterError(
            "no AlphaESS battery and serial number at their addresses"
        )
    seen = observe(snapshot)
    return Identity(serial=_serial(snapshot, system)).with_properties(
        {name: one.value for name, one in seen.items() if one}, unconfirmed=PROPERTIES
    )


def observe(snapshot: Snapshot) -> dict[str, Observation | None]:
    """Return what a reading shows of each property; None where it is hidden or cannot be true.

    What was not read is not in the result.
    """
    seen: dict[str, Observation | None] = {}
    system, suffix = snapshot.system, snapshot.suffix
    if system and SystemSuffix.name not in snapshot.unavailable:
        seen["firmware"] = _firmware(system, suffix)
    if snapshot.output or snapshot.grid:
        phases = _phases(snapshot)
        seen["phases"] = Observation(phases) if phases else None
    if snapshot.strings and not snapshot.missing & _STRING_BLOCKS:
        seen["strings"] = _strings(snapshot)
    if PvMeter.name not in snapshot.missing:
        seen["ac_coupled"] = _ac_coupled(snapshot)
    if snapshot.battery:
        seen |= _battery(snapshot.battery)
    return seen


def serial_numbers(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the valid serial numbers: the system's, which the app shows, before the inverter's own."""
    parts = (snapshot.system, snapshot.versions)
    return tuple(part.serial for part in parts if part and _is_serial(part.serial))


class SerialCheck:
    """Distinguishes another inverter from a serial number that was read wrongly.

    An inverter has two: one of its EMS board, which can be exchanged, and one of its own.
    Either identifies it.
    """

    def __init__(self, known: set[str], register_map: RegisterMap) -> None:
        """Accept the serial numbers in `known`, which grows; if it is empty, accept any."""
        self._known = known
        self._map = register_map
        self._last: dict[str, Block] = {}
        """The last blocks with a known serial number, by block name."""

    def has_unknown(self, memory: Memory) -> bool:
        """Whether the words hold a valid serial number that is not known."""
        found = serials_in(memory, self._map).values()
        return bool(self._known) and not self._known.issuperset(filter(None, found))

    def confirm(self, memory: Memory, again: Memory) -> None:
        """Compare two readings, and accept what both hold if either serial number is known.

        Raises CommunicationError if none of those is: another inverter answers.
        """
        first, second = serials_in(memory, self._map), serials_in(again, self._map)
        twice = {
            text
            for block, text in second.items()
            if text and (text == first.get(block) or text in self._known)
        }
        if twice and self._known.isdisjoint(twice):
            message = "another inverter answers at this address"
            raise CommunicationError(ErrorKind.PROTOCOL, message)
        self._known |= twice

    def unclear_blocks(
        self, memory: Memory, *, after_outage: bool
    ) -> frozenset[type[Block]]:
        """Return the blocks that are not used: their serial number is new, or it was valid before.

        Raises CommunicationError after an outage if none is known: nothing shows then
        that it is still the same inverter.
        """
        if not self._known:
            return frozenset()
        found = serials_in(memory, self._map)
        if after_outage and self._known.isdisjoint(found.values()):
            message = "no known serial number was read"
            raise CommunicationError(ErrorKind.PROTOCOL, message)
        return frozenset(
            block
            for block, text in found.items()
            if text not in self._known and (text or block.name in self._last)
        )

    def last_blocks(self, blocks: Iterable[type[Block]]) -> dict[str, Block]:
        """Return the last values of identity blocks, by block name, as far as there are any."""
        names = {block.name for block in blocks}
        return {name: block for name, block in self._last.items() if name in names}

    def keep(self, blocks: Mapping[str, Any]) -> None:
        """Keep the identity blocks among decoded ones, by block name, for `last_blocks`."""
        for identity_block in self._map.identity_blocks:
            block = blocks.get(identity_block.name)
            if block and block.serial in self._known:
                self._last[identity_block.name] = block


def serials_in(memory: Memory, register_map: RegisterMap) -> dict[type[Block], str]:
    """Return the serial numbers in the words, by their block; "" for an invalid one."""
    found: dict[type[Block], str] = {}
    for block in register_map.identity_blocks:
        register = block.registers["serial"]
        if memory.keys() >= {*range(register.address, register.end)}:
            text = register.decode(memory)
            found[block] = text if _is_serial(text) else ""
    return found


def _serial(snapshot: Snapshot, system: System) -> str:
    if found := serial_numbers(snapshot):
        return found[0]
    own = snapshot.versions.serial if snapshot.versions else ""
    raise NotAnInverterError(f"no serial number, but {system.serial!r} and {own!r}")


def _is_serial(text: str) -> bool:
    return len(text) >= _MIN_SERIAL_LENGTH and text.isascii() and text.isalnum()


def _firmware(system: System, suffix: SystemSuffix | None) -> Observation | None:
    """Return the version of the EMS; a SMILE-B3 has none [dxoverdy-dump]."""
    numbers = (system.version_high, system.version_middle, system.version_low)
    parts = [one for one in numbers if one is not None]
    if 0 < len(parts) < len(numbers):
        return None  # One of them is refused.
    if not any(parts):
        return Observation("", is_visible=False)
    if max(parts) > MAX_VERSION:
        return None
    version = ".".join(f"{part:g}" for part in parts)
    return Observation(version + (suffix.version_suffix if suffix else ""))


def _phases(snapshot: Snapshot) -> int:
    """Count the phases with a voltage, at the inverter or else at the meter; 0 if unknown."""
    for part in (snapshot.output, snapshot.grid):
        if part:
            live = (part.voltage_l1, part.voltage_l2, part.voltage_l3)
            if any(live):
                return sum(map(bool, live)) if _are_possible(live) else 0
    return 0


def _are_possible(voltages: Iterable[float | None]) -> bool:
    return all(0 <= one <= MAX_VOLTAGE for one in voltages if one is not None)


def _strings(snapshot: Snapshot) -> Observation | None:
    """Count up to the last string with a voltage; an open string still has some at night.

    All strings surely have one only while there is sun.
    """
    few, more = snapshot.strings, snapshot.more_strings
    volts = [few.pv1_voltage, few.pv2_voltage, few.pv3_voltage] if few else []
    volts += [more.pv4_voltage, more.pv5_voltage, more.pv6_voltage] if more else []
    if not _are_possible(volts):
        return None
    count = max((i for i, volt in enumerate(volts, 1) if (volt or 0) > 0), default=0)
    power = sum(one or 0 for one in snapshot.string_powers)
    return Observation(count, is_visible=power >= SUNNY_WATTS)


def _ac_coupled(snapshot: Snapshot) -> Observation | None:
    """Whether the PV meter has counted; zeros, or no meter, may be a disturbance of it."""
    meter = snapshot.pv_meter
    energies = (meter.energy_1_total, meter.energy_2_total) if meter else ()
    most = max((one or 0 for one in energies), default=0)
    if most > MAX_ENERGY:
        return None
    return Observation(most > 1, is_visible=most > 1)


_BATTERY = ("rated_power", "battery_model", "battery_modules", "battery_capacity")


def _battery(battery: Battery) -> dict[str, Observation | None]:
    """Return what a battery shows that is awake; its power limits may be lower now."""
    limits = (battery.charge_power_limit, battery.discharge_power_limit)
    powers = [one for one in limits if one is not None and 0 < one <= MAX_RATED_POWER]
    modules, capacity = int(battery.modules or 0), battery.capacity or 0.0
    is_awake = bool(battery.voltage or battery.soc) and _are_possible([battery.voltage])
    values: tuple[Any, ...] = (
        int(max(powers)) if powers else None,
        _battery_model(battery),
        modules if modules <= MAX_MODULES else None,
        capacity if capacity <= MAX_CAPACITY else None,
    )
    return {
        name: None
        if value is None or not is_awake
        else Observation(value, is_visible=bool(value))
        for name, value in zip(_BATTERY, values, strict=True)
    }


def _model(phases: int, strings: int) -> str:
    """Describe the inverter; no register with a confirmed meaning has its model."""
    kind = "hybrid" if strings else "AC-coupled"
    return f"{kind} inverter, {'three-phase' if phases == 3 else 'single-phase'}"


def _battery_model(battery: Battery) -> str:
    """Format the model as the vendor does: smile_bat_10_3p is the SMILE-BAT-10.3P."""
    code = battery.type or ""
    return re.sub(r"(\d)_(\d)", r"\1.\2", code).replace("_", "-").upper()
