"""Sets the charging and discharging periods: settings in the inverter's flash, verified after the write."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import time
from typing import Any

from homeassistant.core import Context

from ..alphaess.errors import (
    Feature,
    IllegalRequestError,
    NotAppliedError,
    UnsupportedFeatureError,
    Verdict,
)
from ..alphaess.registers import PeriodMinutes, Periods
from ..alphaess.registers.block import Block
from ..alphaess.scale_evidence import require_certain_limits
from ..alphaess.scales import ScaleProfile
from ..alphaess.schedule import SOC_FIELDS, Schedule, validate
from ..alphaess.settings_writer import (
    SettingsReading,
    SettingsWrite,
    Words,
    read_settings,
    write_settings,
)
from ..alphaess.write_policy import PERIOD_ADDRESSES, PERIOD_MINUTE_ADDRESSES
from ..alphaess.writer import Writer
from ..coordinator import InverterCoordinator
from .controller import InverterController
from .order_report import permitted_reading
from .order_warnings import OrderWarning, period_warnings


@dataclass(frozen=True, kw_only=True)
class ScheduleResult:
    """What was requested, and what the inverter applied: the whole schedule."""

    requested: dict[str, Any]
    applied: dict[str, Any]
    verified: bool
    written: int
    """Writes to flash that it took."""
    warnings: tuple[OrderWarning, ...]


async def set_schedule(
    controller: InverterController,
    requested: Schedule,
    *,
    context: Context | None = None,
) -> ScheduleResult:
    """Set the given fields, and keep the others. Values that are set already are not written.

    Unlike the feed-in limit, it can be set while a dispatch runs. `context` says who sets it. Raises
    InvalidScheduleError, ControlsOffError, TooManyWritesError,
    UnsupportedFeatureError, NotAppliedError and CommunicationError.
    """
    coordinator = controller.coordinator
    async with controller.exclusive(context) as writer:
        async with permitted_reading(context):
            reading = await _read(coordinator, writer)
            before = reading.words
            minutes = PERIOD_MINUTE_ADDRESSES.start in before
            profile = coordinator.inverter.learn_scales(before)
            if requested.given.keys() & set(SOC_FIELDS):
                require_certain_limits(before, profile)
            current = Schedule.decode(before, profile)
            validate(requested, current, minutes=minutes)
        words = requested.encode(profile, minutes=minutes)
        write = await write_settings(writer, words, before=reading)
        # These blocks are polled rarely: the entities must not wait for it.
        coordinator.update_blocks(*_blocks(write.read_back, profile))
    applied = Schedule.decode(write.read_back, profile)
    require_written(
        write, _to_dict(requested), _to_dict(applied.restricted_to(requested))
    )
    return ScheduleResult(
        requested=_to_dict(requested.merged_into(current)),
        applied=_to_dict(applied),
        verified=True,
        written=write.flash_writes,
        warnings=period_warnings(applied),
    )


def current_schedule(coordinator: InverterCoordinator) -> Schedule | None:
    """Decode the schedule as it was read last; None where it is unknown."""
    data = coordinator.data
    if data is None or data.periods is None:
        return None
    if data.period_minutes is None and not lacks_minutes(coordinator):
        return None
    return Schedule.from_blocks(data.periods, data.period_minutes)


def lacks_minutes(coordinator: InverterCoordinator) -> bool:
    """Whether the firmware certainly has whole hours alone: a refusal of a few minutes shows nothing."""
    return PeriodMinutes in coordinator.inverter.unsupported.missing


def require_written(
    write: SettingsWrite, requested: dict[str, Any], applied: dict[str, Any]
) -> None:
    """Raise NotAppliedError unless the registers contain what was requested."""
    if write.is_applied:
        return
    why = Verdict.REFUSED if write.refused else Verdict.IGNORED
    raise NotAppliedError(why, requested=requested, applied=applied)


async def _read(coordinator: InverterCoordinator, writer: Writer) -> SettingsReading:
    """Read the schedule with its minutes, which may not be polled, or without where there are none.

    Minutes that are there must be written, too: otherwise 06:00 would become 06:30. Raises
    IllegalRequestError while it is unknown whether there are minutes.
    """
    whole = range(PERIOD_ADDRESSES.start, PERIOD_MINUTE_ADDRESSES.stop)
    parts = (PERIOD_ADDRESSES, PERIOD_MINUTE_ADDRESSES)
    for spans in ((whole,), parts):
        with suppress(IllegalRequestError):
            return await read_settings(writer, *spans)
    try:
        reading = await read_settings(writer, PERIOD_ADDRESSES)
    except IllegalRequestError as err:
        raise UnsupportedFeatureError(Feature.CHARGING_PERIODS) from err
    coordinator.inverter.unsupported.mark_refused(PeriodMinutes)
    if not lacks_minutes(coordinator):
        raise IllegalRequestError("the minutes of the periods are refused for now")
    return reading


def _blocks(words: Words, profile: ScaleProfile) -> Iterator[Block]:
    yield Periods.decode(words, profile)
    if PERIOD_MINUTE_ADDRESSES.start in words:
        yield PeriodMinutes.decode(words)


def _to_dict(schedule: Schedule) -> dict[str, Any]:
    """Return the given fields under the names that an action has for them."""
    given = {name: _plain(value) for name, value in schedule.given.items()}
    return {"action": "set_schedule", **given}


def _plain(value: Any) -> Any:
    match value:
        case time():
            return f"{value:%H:%M}"
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
