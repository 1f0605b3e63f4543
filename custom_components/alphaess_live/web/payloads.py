"""The bodies of REST responses. The names of values are derived from the keys of the readings."""

from collections.abc import Mapping
from datetime import UTC, datetime
import re

from homeassistant.config_entries import ConfigEntry
from homeassistant.util import dt as dt_util

from ..alphaess.faults import Fault, Severity
from ..alphaess.identity import Identity
from ..alphaess.maps import CURRENT, MAPS, RegisterMap
from ..alphaess.snapshot import READINGS, Snapshot, Value
from ..connection.intervals import Intervals
from ..const import CONF_REGISTER_MAP
from ..control.dispatch_status import DispatchStatus
from ..coordinator import InverterCoordinator
from ..feed.connection_state import Connection
from ..feed.messages import (
    camel_case_keys,
    connection_status,
    fault_to_json,
    optional_rfc3339,
    rfc3339,
    to_camel_case,
)
from . import legacy_payloads
from .view import Json

_STRING = re.compile(r"pv(\d)_(voltage|current|power)")


def readings(snapshot: Snapshot, strings: int) -> Json:
    """Convert all readings of the blocks that the inverter has: battery_soc becomes battery.soc.

    Power values are always present, null if they cannot be computed. PV strings are
    a list of their own.
    """
    power = snapshot.power
    content: Json = {
        "battery": {"soc": power.soc, "power": power.battery},
        "pv": {"power": power.pv, "strings": pv_strings(snapshot, strings)},
        "grid": {"power": power.grid},
        "load": {"power": power.load},
    }
    for reading in READINGS:
        available = getattr(snapshot, reading.part) is not None
        if available and not _STRING.fullmatch(reading.key):
            group, _, name = reading.key.partition("_")
            value = _value(reading.of(snapshot))
            content.setdefault(group, {})[to_camel_case(name)] = value
    return content


def pv_strings(snapshot: Snapshot, count: int) -> list[Json]:
    """Convert the readings of the connected PV strings: V, A, W."""
    strings: dict[int, Json] = {}
    for reading in READINGS:
        match = _STRING.fullmatch(reading.key)
        if match and getattr(snapshot, reading.part) is not None:
            index, name = int(match[1]), match[2]
            string = strings.setdefault(index, {"index": index})
            string[name] = _value(reading.of(snapshot))
    return [string for index, string in strings.items() if index <= count]


def pv_details(snapshot: Snapshot, identity: Identity, *, today: float | None) -> Json:
    """Convert all values of PV generation: W, kWh."""
    meter = snapshot.pv_meter if identity.ac_coupled else None
    derived = snapshot.derived
    return {
        "timestamp": rfc3339(snapshot.measured_at),
        "power": snapshot.power.pv,
        "strings": pv_strings(snapshot, identity.strings),
        "acCoupled": meter
        and {
            "power": snapshot.pv_meter_power,
            "energy": snapshot.pv_meter_direction.generated_energy(meter),
        },
        "energy": {"total": derived.pv_energy_total, "today": today},
        **legacy_payloads.pv_details(snapshot, identity, today=today),
    }


NO_DISPATCH: Json = {
    "active": False,
    "mode": "none",
    "charging": False,
    "discharging": False,
    "power": None,
    "targetSoc": None,
    "targetReached": False,
    "duration": None,
    "remaining": None,
    "expiresAt": None,
    "pv": None,
    "block": None,
    "gridTarget": None,
    "controlledBy": "none",
    "raw": {},
    "watts": None,
    "targetSOC": None,
    "remainingSeconds": None,
}
"""The state of the dispatch of an inverter without dispatch registers."""


def dispatch(status: DispatchStatus | None) -> Json:
    """Convert the state of the dispatch: W, %, s. Positive power discharges."""
    if status is None:
        return NO_DISPATCH
    content = status.to_dict()
    power, target = content["power"], content["grid_target"]
    values = camel_case_keys(content)
    return values | {
        "gridTarget": target and camel_case_keys(target),
        # After its end, the registers still contain the order.
        "mode": status.mode if status.active else "none",
        "charging": status.active and power < 0,
        "discharging": status.active and power > 0,
        "expiresAt": optional_rfc3339(status.expires_at),
        "raw": status.raw,
        **legacy_payloads.dispatch(values),
    }


def faults(since: Mapping[Fault, datetime], severity: Severity) -> list[Json]:
    """Convert the active faults, or the active warnings."""
    return [
        dict(fault_to_json(fault, at))
        for fault, at in since.items()
        if fault.severity is severity
    ]


def architecture(identity: Identity, latest: Snapshot | None) -> Json:
    """Convert the equipment, as it was read last: W, kWh."""
    feed_in = latest.feed_in if latest else None
    return {
        "inverter": {
            "serial": identity.serial,
            "model": identity.model,
            "firmware": identity.firmware,
            "ratedPower": identity.rated_power,
            "phases": identity.phases,
        },
        "battery": {
            "model": identity.battery_model,
            "modules": identity.battery_modules,
            "capacity": identity.battery_capacity,
        },
        "pv": {"strings": identity.strings, "acCoupled": identity.ac_coupled},
        **legacy_payloads.diagram(
            identity, export_allowed=None if feed_in is None else feed_in.limit > 0
        ),
    }


def collector(inverter: InverterCoordinator, *, clients: int) -> Json:
    """Convert the state of polling: s, ms."""
    stats, latest = inverter.inverter.stats, inverter.data
    connection, register_map = inverter.connection, inverter.inverter.register_map
    return _polling(connection, inverter.intervals, register_map, clients=clients) | {
        "running": inverter.is_polled,
        "watching": inverter.has_live_clients,
        "counters": {
            "snapshots": stats.snapshots,
            "failures": stats.failures,
            "requests": stats.requests,
            "reconnects": connection.reconnects,
            "rejectedSamples": stats.rejected_samples,
        },
        "lastSnapshot": latest
        and {
            "timestamp": rfc3339(latest.measured_at),
            "durationMs": round(stats.last_duration.total_seconds() * 1000),
            "requests": stats.last_requests,
        },
        "snapshotCount": stats.snapshots,
    }


def not_loaded_collector(
    entry: ConfigEntry, connection: Connection, *, clients: int
) -> Json:
    """Build the state of polling while nothing is polled, from what is stored."""
    name = entry.data.get(CONF_REGISTER_MAP, CURRENT.name)
    intervals = Intervals.from_options(entry.options)
    return _polling(connection, intervals, MAPS.get(name, CURRENT), clients=clients) | {
        "running": False,
        "watching": False,
        "counters": dict.fromkeys(_COUNTERS, 0),
        "lastSnapshot": None,
        "snapshotCount": 0,
        "currentDispatch": None,
    }


_COUNTERS = ("snapshots", "failures", "requests", "reconnects", "rejectedSamples")


def _polling(
    connection: Connection,
    intervals: Intervals,
    register_map: RegisterMap,
    *,
    clients: int,
) -> Json:
    now = datetime.now(UTC)
    return {
        "connected": connection.connected,
        "connectionStatus": connection_status(connection, now),
        "intervals": {
            "snapshot": intervals.snapshot.total_seconds(),
            "live": intervals.live.total_seconds(),
            "check": intervals.idle.total_seconds(),
            "powerUpdate": intervals.power_update.total_seconds(),
        },
        "registerMap": {"name": register_map.name, "probable": register_map.probable},
        "clients": clients,
        "timestamp": rfc3339(now),
    }


def _value(value: Value) -> float | str | None:
    if isinstance(value, datetime):
        # The clock of the inverter shows local time.
        return rfc3339(value.replace(tzinfo=dt_util.get_default_time_zone()))
    return value
