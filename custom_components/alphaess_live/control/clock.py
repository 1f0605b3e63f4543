"""Whether the inverter's clock is right; setting it, once, when a person asks for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.util import dt as dt_util

from ..alphaess.errors import Disobedience, NotAppliedError
from ..alphaess.registers import Clock
from ..alphaess.verify import unverified_on_timeout
from ..coordinator import InverterCoordinator
from .controller import exclusive

MAX_DRIFT = timedelta(minutes=5)

SET_BACK_WITHIN = timedelta(days=1)
"""A clock that is wrong again so soon is set by somebody else: a datalogger, or the vendor's cloud."""

_READ_BACK_TOLERANCE = timedelta(seconds=10)
"""How far a clock may have run on by the time that it is read back."""

_CLOCK_SET = "clock_set"
"""In the entry's data: when we set the clock last, and whether somebody undid it."""


def drift(shown: datetime, at: datetime) -> timedelta:
    """Say how far a clock that shows this is ahead of the house's time at that moment.

    For a day before and after daylight saving begins or ends, both times are right:
    an inverter may change over at another hour.
    """
    day = timedelta(days=1)
    walls = {_wall_time(at, as_of=at + around) for around in (-day, timedelta(), day)}
    return min((shown - wall for wall in walls), key=abs)


def _wall_time(at: datetime, *, as_of: datetime) -> datetime:
    """Say what a clock on the wall shows if it follows the rules of another day."""
    offset = dt_util.as_local(as_of).utcoffset() or timedelta()
    return (at + offset).replace(tzinfo=None)


async def set_clock(coordinator: InverterCoordinator) -> None:
    """Set the inverter's clock to the house's time, and make sure that it took it.

    Raises ControlsOffError, RefusedError, NotAppliedError and UnansweredError.
    """
    async with exclusive(coordinator) as controller:
        now = dt_util.now().replace(tzinfo=None, microsecond=0)
        with unverified_on_timeout(controller.writer):
            await controller.writer.write_clock(now)
            shown = await controller.writer.read_clock()
        coordinator.update_blocks(Clock(time=shown))
    if shown is None or abs(shown - now) > _READ_BACK_TOLERANCE:
        requested, applied = _to_dict(now), _to_dict(shown)
        raise NotAppliedError(
            Disobedience.IGNORED, requested=requested, applied=applied
        )
    _keep(coordinator, {"at": dt_util.utcnow().isoformat(), "undone": False})


def _to_dict(time: datetime | None) -> dict[str, Any]:
    return {"action": "set_clock", "time": time and time.isoformat()}


def was_set_back(coordinator: InverterCoordinator) -> bool:
    """Whether a clock that is wrong now was set by us so short a time ago that somebody undid it.

    It stays so until the clock has been right for longer than that.
    """
    record = _record(coordinator)
    if not record:
        return False
    undone = record["undone"] or _age(record) < SET_BACK_WITHIN
    if undone and not record["undone"]:
        _keep(coordinator, {**record, "undone": True})
    return undone


def on_clock_right(coordinator: InverterCoordinator) -> None:
    """Forget that we set the clock, once it has stayed right for long enough."""
    record = _record(coordinator)
    if record and _age(record) >= SET_BACK_WITHIN:
        _keep(coordinator, None)


def _record(coordinator: InverterCoordinator) -> Mapping[str, Any] | None:
    record: Mapping[str, Any] | None = coordinator.config_entry.data.get(_CLOCK_SET)
    return record


def _age(record: Mapping[str, Any]) -> timedelta:
    return dt_util.utcnow() - datetime.fromisoformat(record["at"])


def _keep(coordinator: InverterCoordinator, record: Mapping[str, Any] | None) -> None:
    entry = coordinator.config_entry
    data = {key: value for key, value in entry.data.items() if key != _CLOCK_SET}
    if record:
        data[_CLOCK_SET] = record
    coordinator.hass.config_entries.async_update_entry(entry, data=data)
