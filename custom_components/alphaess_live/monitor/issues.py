"""Repair issues for what only a user can fix: a long outage, a wrong clock, too many flash writes, a bug."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import logging

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from ..alphaess.energy_ledger import COUNTER_KEYS
from ..alphaess.errors import ErrorKind
from ..alphaess.flash_wear import DAILY_LIMIT_WRITES, WARN_AT_WRITES
from ..alphaess.registers import Clock
from ..connection.link import ConnectionConfig
from ..const import DOMAIN, entity_unique_id
from ..control.clock import MAX_DRIFT, drift, on_clock_right, was_set_back
from ..control.controller import InverterController
from ..coordinator import ON_SNAPSHOT
from ..feed.messages import Message, StatusReported

_LOGGER = logging.getLogger(__name__)

REPORT_OUTAGE_AFTER = timedelta(minutes=15)
"""A restart of the inverter, or a short visit of another client, is over by then."""

ADDRESS_MAY_HAVE_CHANGED = frozenset(
    {ErrorKind.TIMEOUT, ErrorKind.UNREACHABLE, ErrorKind.PROTOCOL}
)
"""No device answers, or another one: a router may have given the inverter a new address."""

WITHOUT_OUTAGE_ISSUE = frozenset({ErrorKind.INTERNAL, ErrorKind.POLLING_OFF})
"""A bug has an issue of its own, and what the user has switched off has none."""

CONNECTION_LOST = "away"
CLOCK = "clock"
FLASH = "flash"
INTERNAL = "internal"
ORPHANED = "stale"
REBASED = "rebased"


def issue_id(kind: str, entry: ConfigEntry) -> str:
    """Build the id of an issue. It contains no data of the house: ids are in logs and statistics."""
    return f"{kind}_{entry.entry_id}"


class IssueMonitor:
    """Checks the connection, the clock, the flash writes and the counters of one inverter."""

    def __init__(self, controller: InverterController) -> None:
        """Subscribe to the inverter, until its entry is unloaded."""
        coordinator = self._coordinator = controller.coordinator
        self._flash_writes = controller.flash_writes
        self._clock: Clock | None = None
        self._reported_writes = 0
        self._unsubscribe: tuple[Callable[[], None], ...] = (
            coordinator.async_add_listener(self._check_clock),
            coordinator.async_add_listener(self._check_flash_writes),
            coordinator.async_add_listener(self._check_counters, ON_SNAPSHOT),
            coordinator.feed.subscribe(self._on_message),
            async_track_time_change(
                coordinator.hass, self._on_hour, minute=0, second=0
            ),
        )
        coordinator.config_entry.async_on_unload(self.close)
        coordinator.internal_errors.on_report = self._check_internal_errors
        self._check_link()
        self._check_clock()
        self._check_flash_writes()
        self._check_internal_errors()
        self._check_counters()

    @callback
    def close(self) -> None:
        """Unsubscribe. The issues stay while the entry is reloaded, and go when it is disabled."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._coordinator.internal_errors.on_report = None
        self._delete(INTERNAL)
        entry = self._coordinator.config_entry
        if entry.disabled_by:
            delete_issues(self._coordinator.hass, entry)

    @callback
    def _on_message(self, message: Message) -> None:
        if isinstance(message.event, StatusReported):
            self._check_link()

    def _check_link(self) -> None:
        """Report an outage that has lasted for long, with its cause."""
        connection = self._coordinator.connection
        cause, entry = connection.error_kind, self._coordinator.config_entry
        if connection.connected or cause in WITHOUT_OUTAGE_ISSUE:
            self._delete(CONNECTION_LOST)
        elif cause and datetime.now(UTC) - connection.since >= REPORT_OUTAGE_AFTER:
            since = dt_util.as_local(connection.since)
            self._create(
                CONNECTION_LOST,
                f"{CONNECTION_LOST}_{cause}",
                is_fixable=cause in ADDRESS_MAY_HAVE_CHANGED,
                place=ConnectionConfig.from_entry(
                    entry.data, entry.options
                ).display_address,
                since=since.strftime("%Y-%m-%d %H:%M"),
            )

    @callback
    def _check_clock(self) -> None:
        """Compare the inverter's clock with Home Assistant's, once for each time that it was read."""
        data = self._coordinator.data
        clock = data.clock if data else None
        if data is None or clock is None or clock is self._clock:
            return
        self._clock = clock
        if clock.time is None:
            return  # The clock was never set, so the charging periods are not in use.
        if abs(drift(clock.time, data.measured_at)) <= MAX_DRIFT:
            on_clock_right(self._coordinator.hass, self._coordinator.config_entry)
            self._delete(CLOCK)
            return
        reverts = was_set_back(self._coordinator.hass, self._coordinator.config_entry)
        self._create(
            CLOCK,
            "clock_set_back" if reverts else "clock_wrong",
            is_fixable=not reverts,
            shown=clock.time.strftime("%Y-%m-%d %H:%M"),
            actual=dt_util.as_local(data.measured_at).strftime("%Y-%m-%d %H:%M"),
        )

    @callback
    def _on_hour(self, _: datetime) -> None:
        # In some time zones, one night a year has no midnight.
        self._check_flash_writes()

    @callback
    def _check_flash_writes(self) -> None:
        """Report that settings are written too often today. The count is reset at midnight."""
        count = self._flash_writes.count
        if count <= WARN_AT_WRITES:
            self._delete(FLASH)
        elif count != self._reported_writes:
            self._create(
                FLASH,
                "flash_writes",
                is_fixable=False,
                count=str(count),
                many=str(WARN_AT_WRITES),
                most=str(DAILY_LIMIT_WRITES),
            )
        self._reported_writes = count

    @callback
    def _check_internal_errors(self) -> None:
        """Report an unexpected error. The issue stays until the entry is reloaded."""
        errors = tuple(self._coordinator.internal_errors.reported.values())
        if errors:
            self._create(INTERNAL, INTERNAL, is_fixable=False, error=errors[-1].message)

    @callback
    def _check_counters(self) -> None:
        """Log and report each counter that continues on another basis. The issue stays until it is acknowledged."""
        coordinator = self._coordinator
        for key, rebasing in coordinator.inverter.ledger.drain_rebasings():
            unique_id = entity_unique_id(coordinator.identity.serial, key)
            entity_id = er.async_get(coordinator.hass).async_get_entity_id(
                Platform.SENSOR, DOMAIN, unique_id
            )
            when = dt_util.as_local(rebasing.at).strftime("%Y-%m-%d %H:%M")
            _LOGGER.warning(
                "The inverter's counter of %s was %.2f kWh and is %.2f kWh since %s; "
                "the total continues with an offset of %+.2f kWh",
                entity_id or key,
                rebasing.before,
                rebasing.after,
                when,
                rebasing.offset,
            )
            self._create(
                f"{REBASED}_{key}",
                REBASED,
                is_fixable=True,
                is_persistent=True,
                counter=entity_id or key,
                before=f"{rebasing.before:.2f}",
                after=f"{rebasing.after:.2f}",
                offset=f"{rebasing.offset:+.2f}",
                when=when,
            )

    def _create(
        self,
        kind: str,
        key: str,
        *,
        is_fixable: bool,
        is_persistent: bool = False,
        **texts: str,
    ) -> None:
        entry = self._coordinator.config_entry
        ir.async_create_issue(
            self._coordinator.hass,
            DOMAIN,
            issue_id(kind, entry),
            data={"entry_id": entry.entry_id},
            is_fixable=is_fixable,
            is_persistent=is_persistent,
            severity=ir.IssueSeverity.WARNING,
            translation_key=key,
            translation_placeholders={"inverter": entry.title, **texts},
        )

    def _delete(self, kind: str) -> None:
        entry = self._coordinator.config_entry
        ir.async_delete_issue(self._coordinator.hass, DOMAIN, issue_id(kind, entry))


@callback
def delete_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete the issues of an inverter that is not in use any more."""
    rebased = (f"{REBASED}_{key}" for key in COUNTER_KEYS)
    for kind in (CONNECTION_LOST, CLOCK, FLASH, INTERNAL, ORPHANED, *rebased):
        ir.async_delete_issue(hass, DOMAIN, issue_id(kind, entry))
