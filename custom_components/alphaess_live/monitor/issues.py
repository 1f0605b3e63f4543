"""Tells the user what only a person can mend: an inverter that stays away, a wrong clock, flash that wears out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from ..alphaess.errors import ErrorKind
from ..alphaess.flash_wear import MANY, MOST
from ..alphaess.registers import Clock
from ..const import DOMAIN
from ..control.clock import TOLERATED, drift, is_set_back, note_right
from ..control.controller import book_of
from ..coordinator import InverterCoordinator
from ..feed.feed import Message, StatusReported
from ..link import Address

PATIENCE = timedelta(minutes=15)
"""An inverter that restarts, or another client that looks in, is gone by then."""

MAY_HAVE_MOVED = frozenset(
    {ErrorKind.TIMEOUT, ErrorKind.UNREACHABLE, ErrorKind.PROTOCOL}
)
"""Nobody answers, or somebody else: a router may have given the inverter a new address."""

AWAY = "away"
CLOCK = "clock"
FLASH = "flash"
STALE = "stale"


def issue_id(kind: str, entry: ConfigEntry) -> str:
    """Name an issue of an inverter; it says nothing about the house."""
    return f"{kind}_{entry.entry_id}"


class IssueWatch:
    """Looks at the connection, the clock and the flash of one inverter."""

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Begin to watch; `close` ends it."""
        self._coordinator = coordinator
        self._clock: Clock | None = None
        self._worn = 0
        self._unsubscribe: tuple[Callable[[], None], ...] = (
            coordinator.async_add_listener(self._look_at_clock),
            coordinator.async_add_listener(self._look_at_flash),
            coordinator.feed.subscribe(self._hear),
            async_track_time_change(
                coordinator.hass, self._begin_day, hour=0, minute=0, second=0
            ),
        )
        self._look_at_link()
        self._look_at_clock()
        self._look_at_flash()

    @callback
    def close(self) -> None:
        """Watch no longer. What is wrong stays wrong while an entry is reloaded."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        entry = self._coordinator.config_entry
        if entry.disabled_by:
            withdraw_issues(self._coordinator.hass, entry)

    @callback
    def _hear(self, message: Message) -> None:
        if isinstance(message.event, StatusReported):
            self._look_at_link()

    def _look_at_link(self) -> None:
        """Tell of an inverter that has been away for long, and of the likely cause."""
        connection = self._coordinator.connection
        kind, entry = connection.error_kind, self._coordinator.config_entry
        if connection.connected:
            self._withdraw(AWAY)
        elif kind and datetime.now(UTC) - connection.since >= PATIENCE:
            since = dt_util.as_local(connection.since)
            self._tell(
                AWAY,
                f"{AWAY}_{kind}",
                is_fixable=kind in MAY_HAVE_MOVED,
                place=Address.from_entry(entry.data, entry.options).place,
                since=since.strftime("%Y-%m-%d %H:%M"),
            )

    @callback
    def _look_at_clock(self) -> None:
        """Compare the clock, each time that it was read, with the house's time."""
        data = self._coordinator.data
        clock = data.clock if data else None
        if data is None or clock is None or clock is self._clock:
            return
        self._clock = clock
        if clock.time is None:
            return  # A clock that was never set: its periods follow nothing.
        if abs(drift(clock.time, data.measured_at)) <= TOLERATED:
            note_right(self._coordinator)
            self._withdraw(CLOCK)
            return
        undone = is_set_back(self._coordinator)
        self._tell(
            CLOCK,
            "clock_set_back" if undone else "clock_wrong",
            is_fixable=not undone,
            shown=clock.time.strftime("%Y-%m-%d %H:%M"),
            actual=dt_util.as_local(data.measured_at).strftime("%Y-%m-%d %H:%M"),
        )

    @callback
    def _begin_day(self, _: datetime) -> None:
        self._look_at_flash()

    @callback
    def _look_at_flash(self) -> None:
        """Tell of settings that are written too often today; tomorrow is another day."""
        count = book_of(self._coordinator).wear.count
        if count <= MANY:
            self._withdraw(FLASH)
        elif count != self._worn:
            self._tell(
                FLASH,
                "flash_writes",
                is_fixable=False,
                count=str(count),
                many=str(MANY),
                most=str(MOST),
            )
        self._worn = count

    def _tell(self, kind: str, key: str, *, is_fixable: bool, **texts: str) -> None:
        entry = self._coordinator.config_entry
        ir.async_create_issue(
            self._coordinator.hass,
            DOMAIN,
            issue_id(kind, entry),
            data={"entry_id": entry.entry_id},
            is_fixable=is_fixable,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"inverter": entry.title, **texts},
        )

    def _withdraw(self, kind: str) -> None:
        entry = self._coordinator.config_entry
        ir.async_delete_issue(self._coordinator.hass, DOMAIN, issue_id(kind, entry))


@callback
def withdraw_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Tell no more of an inverter that is not used any more."""
    for kind in (AWAY, CLOCK, FLASH, STALE):
        ir.async_delete_issue(hass, DOMAIN, issue_id(kind, entry))
