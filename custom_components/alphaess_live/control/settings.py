"""Setting when the battery is charged and discharged: kept in the inverter's flash, and verified."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from ..alphaess.errors import (
    Disobedience,
    Feature,
    IllegalRequestError,
    NotAppliedError,
    UnsupportedFeatureError,
)
from ..alphaess.registers import PeriodMinutes, Periods
from ..alphaess.registers.block import Block
from ..alphaess.scales import ScaleProfile
from ..alphaess.schedule import Schedule, validate
from ..alphaess.settings_writer import SettingsWrite, Words, write_settings
from ..alphaess.write_policy import PERIOD_ADDRESSES, PERIOD_MINUTE_ADDRESSES
from ..alphaess.writer import Writer
from ..coordinator import InverterCoordinator
from .controller import exclusive


@dataclass(frozen=True, kw_only=True)
class ScheduleResult:
    """What was to be set, and what the inverter says that it is set to: the whole schedule."""

    requested: dict[str, Any]
    applied: dict[str, Any]
    verified: bool
    written: int
    """How often flash was written for it."""


async def set_schedule(
    coordinator: InverterCoordinator, wish: Schedule
) -> ScheduleResult:
    """Set what is told, and leave the rest as it is. What is so already is not written.

    A dispatch does not keep an inverter from taking this, as it does with the feed-in
    limit. Raises InvalidScheduleError, ControlsOffError, TooManyWritesError,
    RefusedError, NotAppliedError and UnansweredError.
    """
    async with exclusive(coordinator) as controller:
        before = await _read(coordinator, controller.writer)
        minutes = PERIOD_MINUTE_ADDRESSES.start in before
        profile = coordinator.inverter.profile
        current = Schedule.decode(before, profile)
        validate(wish, current, minutes=minutes)
        words = wish.encode(profile, minutes=minutes)
        kept = await write_settings(controller.writer, words, before=before)
        # Shown to everybody at once, without waiting for it to be due again.
        coordinator.update_blocks(*_blocks(kept.read_back, profile))
    applied = Schedule.decode(kept.read_back, profile)
    require_written(kept, _to_dict(wish), _to_dict(applied.restricted_to(wish)))
    return ScheduleResult(
        requested=_to_dict(wish.merged_into(current)),
        applied=_to_dict(applied),
        verified=True,
        written=kept.flash_writes,
    )


def current_schedule(coordinator: InverterCoordinator) -> Schedule | None:
    """Tell the schedule as it was read last; None where there is none."""
    data, profile = coordinator.data, coordinator.inverter.profile
    if data is None or data.periods is None:
        return None
    words = data.periods.encode(profile)
    if supports_minutes(coordinator):
        if data.period_minutes is None:
            return None
        words |= data.period_minutes.encode()
    return Schedule.decode(words, profile)


def supports_minutes(coordinator: InverterCoordinator) -> bool:
    """Whether this firmware knows more than whole hours."""
    return PeriodMinutes in coordinator.inverter.served_blocks


def require_written(
    kept: SettingsWrite, requested: dict[str, Any], applied: dict[str, Any]
) -> None:
    """Raise NotAppliedError unless the inverter says that it is set as wished."""
    if kept.is_done:
        return
    why = Disobedience.REFUSED if kept.refused else Disobedience.IGNORED
    raise NotAppliedError(why, requested=requested, applied=applied)


async def _read(coordinator: InverterCoordinator, writer: Writer) -> dict[int, int]:
    """Read the schedule; whether there are minutes is asked anew, as nobody may poll them.

    Left as they are, they would make another time of a whole hour.
    """
    try:
        return await writer.read(
            range(PERIOD_ADDRESSES.start, PERIOD_MINUTE_ADDRESSES.stop)
        )
    except IllegalRequestError:
        if supports_minutes(coordinator):
            raise  # They are known to be there, so this will pass.
    try:
        return await writer.read(PERIOD_ADDRESSES)
    except IllegalRequestError as err:
        raise UnsupportedFeatureError(Feature.CHARGING_PERIODS) from err


def _blocks(words: Words, profile: ScaleProfile) -> Iterator[Block]:
    yield Periods.decode(words, profile)
    if PERIOD_MINUTE_ADDRESSES.start in words:
        yield PeriodMinutes.decode(words)


def _to_dict(schedule: Schedule) -> dict[str, Any]:
    """Lay a schedule out as the words in which a user gives one."""
    words = {name: _plain(value) for name, value in schedule.given.items()}
    return {"action": "set_schedule", **words}


def _plain(value: Any) -> Any:
    match value:
        case time():
            return f"{value:%H:%M}"
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
