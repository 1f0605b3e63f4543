"""The identity of an inverter: read once, and stored so that it is known while the inverter cannot be reached."""

from dataclasses import asdict, dataclass, replace
import re
from typing import Any, Self

from .errors import NotAnInverterError
from .maps import RegisterMap
from .registers import Battery, System
from .registers.register import Memory
from .snapshot import Snapshot

_MIN_SERIAL_LENGTH = 8
"""The shortest serial number seen in the field has 15 characters; half of it is no accident."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Serial number and properties of an inverter. Empty or 0 where it does not send them."""

    serial: str
    model: str
    firmware: str
    phases: int
    strings: int
    ac_coupled: bool
    rated_power: int
    """W; the highest charge or discharge power of the battery that several readings have shown."""
    battery_model: str
    battery_modules: int
    battery_capacity: float
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
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Build from what was stored."""
        return cls(**stored)


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
        battery_capacity=battery.capacity or 0,
    )


def serial_numbers(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the valid serial numbers: the system's, which the app shows, before the inverter's own."""
    parts = (snapshot.system, snapshot.versions)
    return tuple(part.serial for part in parts if part and _is_serial(part.serial))


def is_other_inverter(serial: str, memory: Memory, register_map: RegisterMap) -> bool:
    """Whether the words hold serial numbers, but not this one.

    An inverter has two, and may have been set up before its system had the first.
    """
    found = [
        text
        for register in register_map.serial_registers
        if memory.keys() >= {*range(register.address, register.end)}
        and _is_serial(text := register.decode(memory))
    ]
    return bool(found) and serial not in found


def _serial(snapshot: Snapshot, system: System) -> str:
    if found := serial_numbers(snapshot):
        return found[0]
    own = snapshot.versions.serial if snapshot.versions else ""
    raise NotAnInverterError(f"no serial number, but {system.serial!r} and {own!r}")


def _is_serial(text: str) -> bool:
    return len(text) >= _MIN_SERIAL_LENGTH and text.isalnum()


def _firmware(snapshot: Snapshot, system: System) -> str:
    parts = (system.version_high, system.version_middle, system.version_low)
    if not any(parts):
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
