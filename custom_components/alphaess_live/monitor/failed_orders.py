"""Orders that were not applied, as far as is known: some take effect late, the others are logged as refused."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..alphaess.lease import MAX_LEASES, Lease, OrderedBy
from ..control.dispatch_status import DispatchOwner
from ..control.order_report import OrderReport, Refusal
from .dispatch_record import DispatchChange, DispatchRecord


class FailedOrders:
    """The orders that may still take effect, oldest first."""

    def __init__(self) -> None:
        """Start without one."""
        self._reports: list[OrderReport] = []

    def add(self, report: OrderReport) -> None:
        """Add an order that has failed."""
        self._reports = [*self._reports, report][-MAX_LEASES:]

    def pop_requested(
        self, ordered_by: OrderedBy | None, applied: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Remove the order that has taken effect late, and return what it requested; None if there is none."""
        found = [one for one in self._reports if one.ordered_by == ordered_by]
        # A script may have given several: the newest with this action, or else the newest.
        found.sort(key=lambda one: _action(one) == applied.get("action"))
        if not found:
            return None
        self._reports.remove(found[-1])
        return found[-1].request.requested

    def pop_ended(self, leases: Iterable[Lease]) -> list[OrderReport]:
        """Remove the orders that cannot take effect any more, and return those whose outcome was unknown."""
        orderers = [lease.ordered_by for lease in leases]
        ended = [one for one in self._reports if one.ordered_by not in orderers]
        self._reports = [one for one in self._reports if one.ordered_by in orderers]
        return [one for one in ended if one.refusal is None]


def _action(report: OrderReport) -> Any:
    return (report.request.requested or {}).get("action")


def refused_record(report: OrderReport) -> DispatchRecord | None:
    """Return the record of a refused order; None for this program's own stops, which are repeated."""
    if report.ordered_by is None or report.request.requested is None:
        return None
    now = datetime.now(UTC)
    return DispatchRecord(
        began_as=DispatchChange.REFUSED,
        controlled_by=DispatchOwner.OURS,
        ordered_by=report.ordered_by,
        requested=report.request.requested,
        applied=report.applied,
        started_at=now,
        ended_at=now,
        reason=report.refusal or Refusal.NOT_APPLIED,
    )
