"""What is wrong with the writes, the answers, the log and the end of orders, by what the inverter has recorded."""

import asyncio
from collections.abc import Callable
from typing import Any

from custom_components.alphaess_live.alphaess.dispatch import may_result_from
from custom_components.alphaess_live.alphaess.lease import END_TOLERANCE, LATE_EFFECT
from custom_components.alphaess_live.alphaess.registers import DispatchOrder
from custom_components.alphaess_live.alphaess.write_policy import (
    DISPATCH_ADDRESSES,
    PV_SWITCH_ADDRESSES,
    SETTING_ADDRESSES,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.control.order_report import OrderReport

from .calls import Call, call_id, text_of, wrong_in_answer
from .interfaces import SETTINGS, STARTS, Answer, AnswerKind, Kind
from .recording_inverter import (
    REQUEST_SECONDS,
    RecordingInverter,
    Running,
    Source,
    Write,
)

END_SECONDS = END_TOLERANCE.total_seconds()
LATE_SECONDS = LATE_EFFECT.total_seconds()
STOP_SECONDS = 30
"""Until an order is stopped that the inverter has not ended: a poll, and the stop."""
REPEATED_STOP_SECONDS = 330
"""The same after a stop that had no effect: it is repeated after 5 min at most."""
UNOBSERVED_SECONDS = 240
"""An order that should have ended while nothing was read for so long is not claimed any more."""
CLOCK_SAVED_SECONDS = 15
"""Until leases are saved by a clock that was set."""
EXPIRY_TOLERANCE_SECONDS = 12
"""How much the shown end may differ: an order is saved first, and some inverters are slow."""


class OrderChecks:
    """Compares everything with the record of the inverter, and collects what is wrong."""

    def __init__(self, inverter: RecordingInverter) -> None:
        """Start without a call."""
        self.inverter = inverter
        self.findings: list[str] = []
        self.trace: list[str] = []
        """What has happened, for the report of a failure."""
        self.calls: list[Call] = []
        self._sequence: list[Write] = []
        """The writes of the order that is being written register by register."""
        self.controls_off_at: float | None = None
        """Since when nothing may be written, by the clock of the loop."""
        self.is_loaded = True
        self.stops_on_unload = True
        self.impeded_at = -1
        """When anything kept our program from reading or writing for the last time."""
        self.unread_since: int | None = None
        """Since when nothing could be read."""
        self.longest_gap: tuple[int, int] = (0, 0)
        self.uncertain_before = -1
        """Orders that were written before this had a restart, and a clock that was set around it."""
        self.clock_set_at = -CLOCK_SAVED_SECONDS
        self.resumed_at = 0
        """Since when the inverter is read again."""
        self.is_closing = False
        self.call_in_progress: Callable[[], str | None] = lambda: None
        """Returns the id of the call that is carried out, to distinguish equal orders."""
        inverter.on_write = self._check_write
        inverter.on_second = self._check_second
        inverter.identify = self._identify

    def add(self, text: str) -> None:
        """Add something that is wrong, with the time."""
        self.findings.append(f"{self.inverter.age} s: {text}")
        self.record(f"WRONG: {text}")

    def record(self, text: str) -> None:
        """Add something that has happened, with the time."""
        self.trace.append(f"{self.inverter.age:6} s  {text}")

    # What is written

    def _check_write(self, write: Write) -> None:
        self.record(f"written: {write.words}")
        self._sequence = [*self._sequence_before(write), write]
        calls = self._calls_of_sequence()[:1]
        if self._controls_are_off() and not any(map(_has_begun, calls)):
            self.add(f"{write.words} written while controls are off")
        for call in calls:
            self._assign_sequence(call)
        if any(write.address in span for span in SETTING_ADDRESSES):
            if not calls:
                self.add(f"the setting {write.words} written without a request")
        elif write.address in DISPATCH_ADDRESSES:
            self._check_order(write, calls)
        elif write.address not in PV_SWITCH_ADDRESSES:
            self.add(f"{write.words} written, which is no order")

    def _sequence_before(self, write: Write) -> list[Write]:
        """Return the writes of the same order before, if it is written register by register.

        Such an order begins with a stop and ends with the start flag; only one is written
        at a time.
        """
        is_end = write.words == {START_ADDRESS: 1}
        is_part = write.address in DISPATCH_ADDRESSES[1:]
        if not self._sequence or not (is_end or is_part):
            return []
        is_next = write.address >= self._sequence[-1].address
        return self._sequence if is_end or is_next else []

    def _assign_sequence(self, call: Call) -> None:
        """Give a call all writes of the sequence: the first ones could have been of another order."""
        ids = set(map(id, self._sequence))
        for one in self.calls:
            one.writes = [write for write in one.writes if id(write) not in ids]
        call.writes += self._sequence

    def _calls_of_sequence(self) -> list[Call]:
        """Return the calls that can have caused the newest writes, the likeliest first."""
        in_progress = self.call_in_progress()
        calls = (
            one for one in self._in_flight() if all(map(one.encodes, self._sequence))
        )
        if in_progress:
            return [one for one in calls if one.context.id == in_progress]
        # A write without a caller is our program's own stop, or of a grid target or setting.
        return sorted(
            (one for one in calls if one.ended or one.request.kind in SETTINGS),
            key=lambda one: one.ended is not None,
        )

    def _check_order(self, write: Write, calls: list[Call]) -> None:
        """Check a write to the order registers, by one of the calls or by none."""
        is_stop = write.words == {START_ADDRESS: 0}
        if not calls and not is_stop:
            self.add(f"{write.words} written, which was not ordered")
        running, displayed = self.inverter.running, self.inverter.displayed
        if not running:
            return
        if running.source is Source.OTHER and running.order == displayed:
            in_progress = self.call_in_progress()
            if not any(call.takes_over(in_progress) for call in calls):
                self.add(f"{text_of(running)} replaced unasked by {write.words}")
        elif not calls:
            self._check_own_stop(running)

    def _check_own_stop(self, running: Running) -> None:
        """Check a stop that was not ordered: by the supervisor, or before an unload."""
        written_at = running.written_at
        if running.source is Source.UNDECIDABLE:
            # It counts as the order of ours whose words another program has repeated.
            ours = [call.writes[-1].at for call in self.calls if call.can_be(running)]
            written_at = min((written_at, *ours))
        expected_end = written_at + running.order.duration + END_SECONDS
        is_over = self.inverter.age >= expected_end - 1
        is_over |= running.written_at < self.uncertain_before
        is_over |= self._grid_target(running) is not None
        if not (is_over or self.may_stop_early or self.is_closing):
            self.add(f"{text_of(running)} stopped without a reason")

    _traced: Running | None = None
    may_stop_early = False
    """Whether orders end at their target."""

    def _controls_are_off(self) -> bool:
        """Whether they were off when a request was sent that arrives now."""
        now, off_at = asyncio.get_running_loop().time(), self.controls_off_at
        return off_at is not None and now - off_at > 1.5 * REQUEST_SECONDS

    def _grid_target(self, running: Running) -> Call | None:
        """Return the grid target whose order runs."""
        targets = (call for call in self.calls if call.request.kind is Kind.GRID)
        return next((call for call in targets if call.has_begun(running)), None)

    def _in_flight(self) -> list[Call]:
        return [call for call in self.calls if call.may_write(self.inverter.age)]

    def _identify(self, order: DispatchOrder) -> Source:
        """Return whose an order of another program can be: ours, if ours may run and has these words."""
        for call in self.calls:
            if call.may_be_unwritten(order) and self._may_take_effect(call):
                # It was saved before the write, so that our program has to expect it.
                return Source.UNDECIDABLE
            if not call.writes or call.request.kind not in STARTS:
                continue
            is_grid_target = call.request.kind is Kind.GRID
            if self._may_run(call) and (
                may_result_from(call.written, order)
                or (is_grid_target and call.request.may_order(order))
            ):
                return Source.UNDECIDABLE
        return Source.OTHER

    def _may_take_effect(self, call: Call) -> bool:
        """Whether our program may still expect an order that it has perhaps not written."""
        return self.inverter.age <= (call.ended or 0) + LATE_SECONDS + 10

    def _may_run(self, call: Call) -> bool:
        """Whether our program may still expect that this order runs, or begins to."""
        at = call.writes[-1].at
        if self.inverter.age > at + call.request.seconds + END_SECONDS + 10:
            return False
        return call.ended_at is None

    def _end_leases(self) -> None:
        """Record which orders do not run, after our program has seen that, too."""
        now, running = self.inverter.age, self.inverter.running
        for call in self.calls:
            if not call.writes or not call.answer or call.ended_at is not None:
                continue
            at = call.writes[-1].at
            is_verified = call.answer.kind is AnswerKind.VERIFIED
            is_over = is_verified or now > at + LATE_SECONDS + 10
            if is_over and not call.has_begun(running):
                call.ended_at = now

    # What runs

    def _check_second(self) -> None:
        running, age = self.inverter.running, self.inverter.age
        if running is not self._traced:
            self._traced = running
            self.record(f"runs: {text_of(running)}")
        if running is None or running.source is not Source.OURS:
            return
        if self.controls_off_at is not None or not self.is_loaded:
            return
        if running.written_at < self.uncertain_before:
            return
        end = self._latest_end(running) + END_SECONDS
        gap_start, gap_end = self.longest_gap
        unseen = gap_end - gap_start > UNOBSERVED_SECONDS and gap_end > end
        if unseen or (self.unread_since is not None and age - self.unread_since > 60):
            return
        was_impeded = self.impeded_at > end - END_SECONDS
        allowed = REPEATED_STOP_SECONDS if was_impeded else STOP_SECONDS
        if age > max(end, self.impeded_at) + allowed:
            self.add(f"{text_of(running)} runs {age - end:.0f} s beyond its end")

    def _latest_end(self, running: Running) -> float:
        """Return when an order of ours ends at the latest, as far as our program can know."""
        target, own_end = (
            self._grid_target(running),
            running.since + running.order.duration,
        )
        if not target or not running.write:
            return own_end
        since = running.since
        if running.write.process is not self.inverter.process:
            # When it was written is not saved, but when the whole ends is.
            since = max(since, self.resumed_at)
        whole_end = target.writes[0].at + target.request.seconds
        return max(own_end, min(since + running.order.duration, whole_end))

    def set_clock(self, *, has_restarted: bool) -> None:
        """Record that the wall clock was set: after a restart, only that is left of the time before."""
        self.clock_set_at = self.inverter.age
        if has_restarted or not self.is_loaded:
            self.uncertain_before = self.inverter.age

    def end_process(self) -> None:
        """Record that the process has ended; a change of the clock may not be saved yet."""
        self.is_loaded = False
        self._end_grid_targets()
        for call in self.calls:
            if call.ended_at is not None and self.inverter.age - call.ended_at < 3:
                call.ended_at = None  # That is not saved yet.
        self.impede(unread=True)
        if self.inverter.age - self.clock_set_at < CLOCK_SAVED_SECONDS:
            self.uncertain_before = self.inverter.age

    def impede(self, *, unread: bool = False) -> None:
        """Record that reading or writing is not possible now."""
        self.impeded_at = self.inverter.age
        for call in self._in_flight():
            call.impeded = True
        if unread and self.unread_since is None:
            self.unread_since = self.inverter.age

    def resume(self) -> None:
        """Record that reading is possible again."""
        self.impede()
        if self.unread_since is not None:
            gap = (self.unread_since, self.inverter.age)
            if gap[1] - gap[0] >= self.longest_gap[1] - self.longest_gap[0]:
                self.longest_gap = gap
        self.unread_since, self.resumed_at = None, self.inverter.age

    # What is answered

    def finish(self, call: Call, answer: Answer) -> None:
        """Check the answer of an order."""
        call.ended, call.answer = self.inverter.age, answer
        self.record(f"{call.request}: {answer.kind}, {answer.detail or answer.applied}")
        if answer.kind in (AnswerKind.VERIFIED, AnswerKind.UNKNOWN) and (
            call.writes or call.request.kind is Kind.STOP
        ):
            self._end_grid_targets(call)
        for finding in wrong_in_answer(
            call, answer, self.inverter, is_certain=self._is_certain
        ):
            written = [(one.at, one.words) for one in call.writes]
            self.add(f"{call.request}: {finding}; {answer}; written {written}")

    def finish_cancelled(self, report: OrderReport) -> None:
        """Record that an order ends a grid target whose caller does not wait for its answer."""
        is_unknown = not (report.is_applied or report.refusal)
        for call in self.calls:
            if (
                call.context.id == call_id(report.ordered_by)
                and call.answer
                and (report.is_applied or (is_unknown and call.writes))
            ):
                self._end_grid_targets(call)

    def _end_grid_targets(self, by: Call | None = None) -> None:
        """Record that a grid target does not write any more, after another order or in another process."""
        if by and by.request.kind not in (*STARTS, Kind.STOP, Kind.FEED_IN):
            return
        for call in self.calls:
            if call is not by and call.writes:
                call.is_replaced = True

    # What is shown and logged

    def _is_certain(self, running: Running) -> bool:
        """Whether our program can know its own order: not by a clock of another time, nor long after its end."""
        # A lease counts from the write, also if that takes effect later.
        end = running.written_at + running.order.duration
        is_early = self.resumed_at <= end + END_SECONDS - STOP_SECONDS
        return running.written_at >= self.uncertain_before and is_early

    def check_shown(self, shown: dict[str, Any], end: float | None) -> None:
        """Compare the shown dispatch with what runs; `end` is the shown end as an age of the inverter."""
        running = self.inverter.running
        source = running.source if running else None
        owners = {None: "none", Source.OURS: "alphaess_live", Source.OTHER: "other"}
        owner = shown["controlled_by"]
        if source is Source.UNDECIDABLE:
            return
        is_certain = not running or self._is_certain(running)
        if owner != owners[source] and not (owner == "other" and not is_certain):
            self.add(f"{text_of(running)} is shown as of {owner}")
            return
        self._end_leases()
        if not running or source is Source.OTHER or not is_certain:
            return
        if any(one.is_shortened(running) for one in self.calls):
            return  # That does not show whether a repeated order has begun anew.
        grid_target = self._grid_target(running)
        expected: float = running.since + running.order.duration
        if grid_target:
            expected = grid_target.expected_end or end or 0
        if end is None or abs(end - expected) > EXPIRY_TOLERANCE_SECONDS:
            self.add(f"{text_of(running)} ends at {expected} s, shown is {end} s")


def _has_begun(call: Call) -> bool:
    """Whether an order was being carried out already; what is not an order to the battery may be finished."""
    return bool(call.writes) or call.request.kind not in STARTS
