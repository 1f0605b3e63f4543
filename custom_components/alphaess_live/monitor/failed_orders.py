"""Orders that were not applied, or without a known outcome: some take effect late, the others are refused."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ..alphaess.lease import Lease
from ..control.dispatch_status import DispatchOwner
from ..control.order_report import OrderReport, Refusal
from .dispatch_record import DispatchChange, DispatchRecord


class FailedOrders:
    """The orders without a known outcome, which may still take effect, oldest first."""

    def __init__(self) -> None:
        """Start without one."""
        self._reports: list[OrderReport] = []

    def add(self, report: OrderReport) -> None:
        """Add an order whose outcome is not known."""
        self._reports.append(report)

    def pop_requested(self, lease: Lease) -> Mapping[str, Any] | None:
        """Remove the order of this lease, which runs, and return what it requested; None if it is none of these."""
        for report in self._reports:
            if report.lease and report.lease.is_same(lease):
                self._reports.remove(report)
                return report.request.requested
        return None

    def pop_ended(self, leases: Iterable[Lease]) -> list[OrderReport]:
        """Remove and return the orders that cannot take effect any more."""
        leases = tuple(leases)
        reports, self._reports = self._reports, []
        ended: list[OrderReport] = []
        for report in reports:
            is_pending = report.lease and any(map(report.lease.is_same, leases))
            (self._reports if is_pending else ended).append(report)
        return ended


def refused_record(report: OrderReport) -> DispatchRecord | None:
    """Return the record of a refused order; None for this program's own stops, which are repeated."""
    if report.ordered_by is None or report.request.requested is None:
        return None
    now = datetime.now(UTC)
    # The lease has the same one, also after a restart.
    started = report.lease.identity if report.lease else now
    return DispatchRecord(
        began_as=DispatchChange.REFUSED,
        controlled_by=DispatchOwner.OURS,
        ordered_by=report.ordered_by,
        requested=report.request.requested,
        applied=report.applied,
        started_at=started,
        ended_at=now,
        reason=report.refusal or Refusal.NOT_APPLIED,
    )
