"""Whether the log has exactly one start and one end of each dispatch, over restarts."""

from collections.abc import Callable
from itertools import pairwise

from custom_components.alphaess_live.control.controller import InverterController
from custom_components.alphaess_live.monitor.dispatch_log import DispatchLog
from custom_components.alphaess_live.monitor.dispatch_record import (
    DispatchChange,
    DispatchEvent,
    DispatchRecord,
)

from .calls import Call, call_id
from .interfaces import STARTS, AnswerKind, Kind

BEGINNINGS = (
    DispatchChange.STARTED,
    DispatchChange.CHANGED,
    DispatchChange.TAKEN_OVER,
)


class LogChecks:
    """Follows the events of one log after the other."""

    def __init__(
        self, add: Callable[[str], None], record: Callable[[str], None]
    ) -> None:
        """Call `add` with what is wrong, and `record` with what is logged."""
        self._add = add
        self._record = record
        self.events: list[DispatchEvent] = []
        self._is_open = False
        """Whether a dispatch runs by the events."""
        self._log: DispatchLog | None = None
        self._controller: InverterController | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    def attach(self, log: DispatchLog, controller: InverterController) -> None:
        """Follow a log that was just loaded: what has changed meanwhile is in it already."""
        self._log, self._unsubscribe = log, log.subscribe(self._on_event)
        self._controller = controller
        unfinished = [one for one in log.records if one.ended_at is None]
        if len(unfinished) > 1:
            self._add(f"{len(unfinished)} dispatches of the log have no end")
        self._is_open = bool(unfinished)

    def detach(self) -> None:
        """Follow it no more."""
        self._unsubscribe()
        self._log = None

    def _on_event(self, event: DispatchEvent) -> None:
        self.events.append(event)
        change = event.change
        self._record(f"log: {change} {event.record.requested} {event.record.reason}")
        if change is DispatchChange.REFUSED:
            return
        begins_anew = change in (DispatchChange.STARTED, DispatchChange.TAKEN_OVER)
        if begins_anew == self._is_open:
            what = "begins twice" if begins_anew else f"{change} without a start"
            self._add(f"the log: a dispatch {what}: {event.values()}")
        self._is_open = change is not DispatchChange.ENDED

    def check_running(self, owner: str) -> None:
        """Compare the log with whose dispatch is shown."""
        if self._log is None or self._controller is None:
            return
        if owner == "none" and self._controller.regulation:
            return  # A grid target pauses until its next order is written.
        running = [one for one in self._log.records if one.ended_at is None]
        owners = [one.controlled_by.value for one in running]
        if owners != ([] if owner == "none" else [owner]):
            self._add(f"the log has {owners} as running, shown is {owner}")

    def _records_of(self, call: Call) -> list[DispatchRecord]:
        records = self._log.records if self._log else ()
        return [one for one in records if call_id(one.ordered_by) == call.context.id]

    def _continuations(self, call: Call) -> int:
        """Count how often a grid target has gone on after an order that was not applied, but ran for a while."""
        if call.request.kind is not Kind.GRID:
            return 0
        own = [
            call_id(one.record.ordered_by) == call.context.id
            for one in self.events
            if one.change in BEGINNINGS
        ]
        first = own.index(True) if True in own else len(own)
        return sum(now and not before for before, now in pairwise(own[first:]))

    def check_call(self, call: Call) -> None:
        """Check that the log has what became of an order, once."""
        answer = call.answer
        if not answer or call.request.kind not in STARTS:
            return
        mine = [
            one.change
            for one in self.events
            if call_id(one.record.ordered_by) == call.context.id
        ]
        begun = sum(change in BEGINNINGS for change in mine)
        refused = mine.count(DispatchChange.REFUSED)
        is_refused = answer.kind in (AnswerKind.NOT_APPLIED, AnswerKind.FOREIGN)
        allowed = 1 + self._continuations(call)
        if len(records := self._records_of(call)) > allowed:
            self._add(f"the log has several records of {call.request}: {records}")
        if refused > 1 or (refused and answer.kind is AnswerKind.VERIFIED):
            self._add(f"the log refuses {call.request}: {mine}")
        if begun > allowed:
            self._add(f"the log has {begun} starts of {call.request}: {mine}")
        if is_refused and not refused:
            self._add(f"the log has no refusal of {call.request}: {mine}")
