"""Tells the user what only a person can mend: an inverter that stays away, a wrong clock, flash that wears out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from ..alphaess.errors import ErrorKind
from ..alphaess.flash_wear import DAILY_LIMIT_WRITES, WARN_AT_WRITES
from ..alphaess.registers import Clock
from ..connection.link import ConnectionConfig
from ..const import DOMAIN
from ..control.clock import MAX_DRIFT, drift, on_clock_right, was_set_back
from ..control.controller import InverterController
from ..feed.messages import Message, StatusReported

PATIENCE = timedelta(minutes=15)
"""An inverter that restarts, or another client that looks in, is gone by then."""

MAY_HAVE_MOVED = frozenset(
    {ErrorKind.TIMEOUT, ErrorKind.UNREACHABLE, ErrorKind.PROTOCOL}
)
"""Nobody answers, or somebody else: a router may have given the inverter a new address."""

CONNECTION_LOST = "away"
CLOCK = "clock"
FLASH = "flash"
STALE = "stale"


def issue_id(kind: str, entry: ConfigEntry) -> str:
    """Name an issue of an inverter; it says nothing about the house."""
    return f"{kind}_{entry.entry_id}"


class IssueMonitor:
    """Looks at the connection, the clock and the flash of one inverter."""

    def __init__(self, controller: InverterController) -> None:
        """Begin to watch; `close` ends it."""
        coordinator = self._coordinator = controller.coordinator
        self._flash_writes = controller.flash_writes
        self._clock: Clock | None = None
        self._worn = 0
        self._unsubscribe: tuple[Callable[[], None], ...] = (
            coordinator.async_add_listener(self._check_clock),
            coordinator.async_add_listener(self._check_flash_writes),
            coordinator.feed.subscribe(self._on_message),
            async_track_time_change(
                coordinator.hass, self._begin_day, hour=0, minute=0, second=0
            ),
        )
        self._check_link()
        self._check_clock()
        self._check_flash_writes()

    @callback
    def close(self) -> None:
        """Watch no longer. What is wrong stays wrong while an entry is reloaded."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        entry = self._coordinator.config_entry
        if entry.disabled_by:
            withdraw_issues(self._coordinator.hass, entry)

    @callback
    def _on_message(self, message: Message) -> None:
        if isinstance(message.event, StatusReported):
            self._check_link()

    def _check_link(self) -> None:
        """Tell of an inverter that has been away for long, and of the likely cause."""
        connection = self._coordinator.connection
        kind, entry = connection.error_kind, self._coordinator.config_entry
        if connection.connected:
            self._withdraw(CONNECTION_LOST)
        elif kind and datetime.now(UTC) - connection.since >= PATIENCE:
            since = dt_util.as_local(connection.since)
            self._create(
                CONNECTION_LOST,
                f"{CONNECTION_LOST}_{kind}",
                is_fixable=kind in MAY_HAVE_MOVED,
                place=ConnectionConfig.from_entry(
                    entry.data, entry.options
                ).display_address,
                since=since.strftime("%Y-%m-%d %H:%M"),
            )

    @callback
    def _check_clock(self) -> None:
        """Compare the clock, each time that it was read, with the house's time."""
        data = self._coordinator.data
        clock = data.clock if data else None
        if data is None or clock is None or clock is self._clock:
            return
        self._clock = clock
        if clock.time is None:
            return  # A clock that was never set: its periods follow nothing.
        if abs(drift(clock.time, data.measured_at)) <= MAX_DRIFT:
            on_clock_right(self._coordinator.hass, self._coordinator.config_entry)
            self._withdraw(CLOCK)
            return
        undone = was_set_back(self._coordinator.hass, self._coordinator.config_entry)
        self._create(
            CLOCK,
            "clock_set_back" if undone else "clock_wrong",
            is_fixable=not undone,
            shown=clock.time.strftime("%Y-%m-%d %H:%M"),
            actual=dt_util.as_local(data.measured_at).strftime("%Y-%m-%d %H:%M"),
        )

    @callback
    def _begin_day(self, _: datetime) -> None:
        self._check_flash_writes()

    @callback
    def _check_flash_writes(self) -> None:
        """Tell of settings that are written too often today; tomorrow is another day."""
        count = self._flash_writes.count
        if count <= WARN_AT_WRITES:
            self._withdraw(FLASH)
        elif count != self._worn:
            self._create(
                FLASH,
                "flash_writes",
                is_fixable=False,
                count=str(count),
                many=str(WARN_AT_WRITES),
                most=str(DAILY_LIMIT_WRITES),
            )
        self._worn = count

    def _create(self, kind: str, key: str, *, is_fixable: bool, **texts: str) -> None:
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
    for kind in (CONNECTION_LOST, CLOCK, FLASH, STALE):
        ir.async_delete_issue(hass, DOMAIN, issue_id(kind, entry))
