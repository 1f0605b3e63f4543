"""Compares the inverter's clock with local time, and sets it when the user asks for it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util

from ..alphaess.errors import NotAppliedError, Verdict
from ..alphaess.registers import Clock
from ..alphaess.verify import unverified_on_timeout
from ..const import CONF_CLOCK_SET
from ..storage import update_entry_data
from .controller import InverterController

MAX_DRIFT = timedelta(minutes=5)

SET_BACK_WITHIN = timedelta(days=1)
"""If the clock is wrong again within this time, something else has set it: a datalogger, or the vendor's cloud."""

_READ_BACK_TOLERANCE = timedelta(seconds=10)
"""By how much the clock may advance until it is read back."""


def drift(shown: datetime, at: datetime) -> timedelta:
    """Return how far a clock that shows this is ahead of local time at that moment.

    For a day before and after daylight saving time begins or ends, both times are
    right: an inverter may change over at another hour.
    """
    day = timedelta(days=1)
    local = {_wall_time(at, as_of=at + around) for around in (-day, timedelta(), day)}
    return min((shown - time for time in local), key=abs)


def _wall_time(at: datetime, *, as_of: datetime) -> datetime:
    """Return local time with the UTC offset of another day."""
    offset = dt_util.as_local(as_of).utcoffset() or timedelta()
    return (at + offset).replace(tzinfo=None)


async def set_clock(
    controller: InverterController, context: Context | None = None
) -> None:
    """Set the inverter's clock to local time, and verify it; `context` says who sets it.

    Raises ControlsOffError, IllegalRequestError, NotAppliedError, CommunicationError.
    """
    coordinator = controller.coordinator
    async with controller.exclusive(context) as writer:
        now = dt_util.now().replace(tzinfo=None, microsecond=0)
        with unverified_on_timeout(writer):
            await writer.write_clock(now)
            shown = await writer.read_clock()
        coordinator.update_blocks(Clock(time=shown))
    if shown is None or abs(shown - now) > _READ_BACK_TOLERANCE:
        requested, applied = _to_dict(now), _to_dict(shown)
        raise NotAppliedError(Verdict.IGNORED, requested=requested, applied=applied)
    record = {"at": dt_util.utcnow().isoformat(), "undone": False}
    _persist(coordinator.hass, coordinator.config_entry, record)


def _to_dict(time: datetime | None) -> dict[str, Any]:
    return {"action": "set_clock", "time": time and time.isoformat()}


def was_set_back(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Whether a clock that is wrong now was set by us so recently that something else set it back.

    It stays so until the clock has been right for longer than that.
    """
    record = _record(entry)
    if not record:
        return False
    undone = record["undone"] or _age(record) < SET_BACK_WITHIN
    if undone and not record["undone"]:
        _persist(hass, entry, {**record, "undone": True})
    return undone


def on_clock_right(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Remove the record of our setting the clock, once it has stayed right for long enough."""
    record = _record(entry)
    if record and _age(record) >= SET_BACK_WITHIN:
        _persist(hass, entry, None)


def _record(entry: ConfigEntry) -> Mapping[str, Any] | None:
    record: Mapping[str, Any] | None = entry.data.get(CONF_CLOCK_SET)
    return record


def _age(record: Mapping[str, Any]) -> timedelta:
    return dt_util.utcnow() - datetime.fromisoformat(record["at"])


def _persist(
    hass: HomeAssistant, entry: ConfigEntry, record: Mapping[str, Any] | None
) -> None:
    update_entry_data(hass, entry, **{CONF_CLOCK_SET: record})
