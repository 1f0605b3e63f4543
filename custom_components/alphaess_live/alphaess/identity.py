"""The identity of an inverter: read once, and stored so that it is known while the inverter cannot be reached."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
import re
from typing import Any, Self

from .errors import CommunicationError, ErrorKind, NotAnInverterError
from .maps import RegisterMap
from .registers import Battery, System
from .registers.block import Block
from .registers.register import Memory
from .snapshot import Snapshot

_MIN_SERIAL_LENGTH = 8
"""The shortest serial number seen in the field has 15 characters; half of it is no accident."""


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

    def merged_with(self, now: Identity) -> Identity:
        """Update by a newer identity; keep what a night or a cold battery hides."""
        phases, strings = max(now.phases, self.phases), max(now.strings, self.strings)
        return replace(
            now,
            serial=self.serial,
            model=_model(phases, strings),
            firmware=now.firmware or self.firmware,
            phases=phases,
            strings=strings,
            ac_coupled=now.ac_coupled or self.ac_coupled,
            rated_power=max(now.rated_power, self.rated_power),
            battery_model=now.battery_model or self.battery_model,
            battery_modules=now.battery_modules or self.battery_modules,
            battery_capacity=now.battery_capacity or self.battery_capacity,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any], *, serial: str = "") -> Self:
        """Build from what was stored, without what this version cannot use.

        `serial` is used where none is stored.
        """
        defaults = asdict(cls(serial=serial))
        known = {
            key: value
            for key, value in stored.items()
            if key in defaults and isinstance(value, _types_of(defaults[key]))
        }
        return cls(**defaults | known)


def _types_of(default: object) -> tuple[type, ...]:
    """Return the types of stored values that can replace a default."""
    return (int, float) if isinstance(default, float) else (type(default),)


def identify(snapshot: Snapshot) -> Identity:
    """Build the identity from a first snapshot.

    Raises NotAnInverterError where the values are not those of an AlphaESS.
    """
    system, battery = snapshot.system, snapshot.battery
    if battery is None and Battery.name in snapshot.unavailable:
        battery = Battery.neutral()  # It is asleep.
    if system is None or battery is None:
        raise NotAnInverterError(
            "no AlphaESS battery and serial number at their addresses"
        )
    phases = _phases(snapshot)
    strings = _strings(snapshot)
    limits = battery.charge_power_limit, battery.discharge_power_limit
    return Identity(
        serial=_serial(snapshot, system),
        model=_model(phases, strings),
        firmware=_firmware(snapshot, system),
        phases=phases,
        strings=strings,
        ac_coupled=bool(snapshot.pv_meter and _any_generation(snapshot)),
        # A single odd word must not become the rating for good.
        rated_power=int(min(filter(None, limits), default=0)),
        battery_model=_battery_model(battery),
        battery_modules=int(battery.modules or 0),
        battery_capacity=battery.capacity or 0.0,
    )


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


def _firmware(snapshot: Snapshot, system: System) -> str:
    parts = (system.version_high, system.version_middle, system.version_low)
    if None in parts or not any(parts):
        return ""
    suffix = snapshot.suffix.version_suffix if snapshot.suffix else ""
    return ".".join(f"{part:g}" for part in parts) + suffix


def _phases(snapshot: Snapshot) -> int:
    """Count the phases with a voltage, at the inverter or else at the meter."""
    for part in (snapshot.output, snapshot.grid):
        if part:
            live = (part.voltage_l1, part.voltage_l2, part.voltage_l3)
            if any(live):
                return sum(map(bool, live))
    return 1


def _strings(snapshot: Snapshot) -> int:
    """Count up to the last string with a voltage; an open string still has some at night."""
    few, more = snapshot.strings, snapshot.more_strings
    volts = [few.pv1_voltage, few.pv2_voltage, few.pv3_voltage] if few else []
    volts += [more.pv4_voltage, more.pv5_voltage, more.pv6_voltage] if more else []
    return max((i for i, volt in enumerate(volts, 1) if (volt or 0) > 0), default=0)


def _any_generation(snapshot: Snapshot) -> bool:
    meter = snapshot.pv_meter
    if meter is None:
        return False
    return max(meter.energy_1_total or 0, meter.energy_2_total or 0) > 1


def _model(phases: int, strings: int) -> str:
    """Describe the inverter; no register with a confirmed meaning has its model."""
    kind = "hybrid" if strings else "AC-coupled"
    return f"{kind} inverter, {'three-phase' if phases == 3 else 'single-phase'}"


def _battery_model(battery: Battery) -> str:
    """Format the model as the vendor does: smile_bat_10_3p is the SMILE-BAT-10.3P."""
    code = battery.type or ""
    return re.sub(r"(\d)_(\d)", r"\1.\2", code).replace("_", "-").upper()
