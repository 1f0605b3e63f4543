"""One order that was given: which writes are it, and whether its answer is right."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from homeassistant.core import Context

from custom_components.alphaess_live.alphaess.dispatch import (
    MAX_PENDING_ORDERS,
    POWER_RANGE_WATTS,
    applied_to_dict,
    may_result_from,
    to_dict,
)
from custom_components.alphaess_live.alphaess.lease import OrderedBy
from custom_components.alphaess_live.alphaess.registers import DispatchOrder
from custom_components.alphaess_live.alphaess.write_policy import (
    DISPATCH_ADDRESSES,
    PV_SWITCH_ADDRESSES,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS

from .interfaces import SETTINGS, STARTS, Answer, AnswerKind, Kind, Request
from .recording_inverter import RecordingInverter, Running, Source, Write

CANCELLED_SECONDS = 150
"""How long an order may still be written and verified whose caller was cancelled."""


@dataclass(kw_only=True)
class Call:
    """One order that was given, and what became of it."""

    request: Request
    context: Context
    began: int
    impeded: bool = False
    """Whether anything kept the inverter from answering or applying meanwhile."""
    ended: int | None = None
    answer: Answer | None = None
    read_back_at_start: Running | None = None
    """What had ended when it began, but was still read back by an inverter that is slow at that."""
    writes: list[Write] = field(default_factory=list)
    ended_at: int | None = None
    """When it was seen that this order does not run, and will not."""
    is_replaced: bool = False
    """Whether another order has ended a grid target."""

    def may_write(self, now: int) -> bool:
        """Whether it may still write: a cancelled caller does not end its order, nor an answer a grid target."""
        if self.ended is None or self.answer is None:
            return True
        if self.answer.kind is AnswerKind.CANCELLED:
            return now < self.ended + CANCELLED_SECONDS or self._is_held(now)
        return self._is_held(now)

    def _is_held(self, now: int) -> bool:
        """Whether it is a grid target that goes on."""
        return (
            self.request.kind is Kind.GRID
            and bool(self.writes)
            and not self.is_replaced
            and now <= self.writes[0].at + self.request.seconds
        )

    def takes_over(self, in_progress: str | None) -> bool:
        """Whether it may replace the dispatch of another program; a grid target only with its first order.

        `in_progress` is the id of the call whose order is carried out: the further orders
        of a grid target are of none.
        """
        is_first = self.request.kind is not Kind.GRID or self.context.id == in_progress
        return self.request.take_over and is_first

    @property
    def expected_end(self) -> int | None:
        """When a grid target ends; None if that is not known."""
        if not self.answer or self.answer.kind is not AnswerKind.VERIFIED:
            return None
        return self.writes[0].at + self.request.seconds

    def encodes(self, write: Write) -> bool:
        """Whether these words are this order or setting, or a part of it."""
        words, request = write.words, self.request
        if {*words} <= {*PV_SWITCH_ADDRESSES}:
            # A schedule leaves it alone; our program switches it on after a dispatch.
            return request.kind is not Kind.SCHEDULE
        if words == {START_ADDRESS: 0}:
            # Also before a limit or an order register by register, and after one applied in part.
            return request.kind in (*STARTS, Kind.STOP, Kind.FEED_IN)
        if request.kind in SETTINGS:
            return words.items() <= request.setting.items()
        if request.kind not in STARTS:
            return False
        return any(
            _is_part(words, request, shorter) for shorter in range(MAX_PENDING_ORDERS)
        )

    @property
    def written(self) -> DispatchOrder:
        """The order as it was written last, in one request or in several."""
        words = DispatchOrder.neutral().encode()
        for write in self.writes:
            words |= write.words
        return DispatchOrder.decode(words | {START_ADDRESS: 1})

    def may_be_unwritten(self, order: DispatchOrder) -> bool:
        """Whether this is what was requested with an unknown outcome: a kill or a lost link may have come before the write."""
        request, answer = self.request, self.answer
        if request.kind not in STARTS or not answer:
            return False
        if answer.kind is not AnswerKind.UNKNOWN:
            return False
        if request.kind is Kind.GRID:
            return request.may_order(order)
        words = request.words(rated=POWER_RANGE_WATTS[-1])
        return may_result_from(DispatchOrder.decode(words), order)

    def has_begun(self, running: Running | None) -> bool:
        """Whether one of its writes has begun what runs."""
        return running is not None and any(one is running.write for one in self.writes)

    def is_shortened(self, running: Running) -> bool:
        """Whether this order runs, but for less time than it was given."""
        is_shorter = running.order.duration < self.written.duration
        return self.has_begun(running) and is_shorter

    def can_be(self, running: Running | None) -> bool:
        """Whether this order can be what runs."""
        if running is None or not self.writes:
            return False
        return may_result_from(self.written, running.order)


def _is_part(words: dict[int, int], request: Request, shorter: int) -> bool:
    if request.kind is Kind.GRID:
        is_whole = words.keys() >= {*DISPATCH_ADDRESSES}
        return not is_whole or request.may_order(DispatchOrder.decode(words))
    expected = request.words(rated=0, shorter=shorter)
    if request.kind is Kind.BLOCK_DISCHARGE:
        power = DispatchOrder.registers["power"]
        given = {at: words[at] for at in (power.address, power.end - 1) if at in words}
        if len(given) > 1 and power.decode(given) >= 0:
            return False
        expected |= given
    return all(expected.get(at, word) == word for at, word in words.items())


def call_id(ordered_by: OrderedBy | None) -> str | None:
    """Return the id of the context of a call, by what our program keeps of it; None without a call."""
    # REST makes a context of its own, for a user with this id.
    return (ordered_by.user_id or ordered_by.context_id) if ordered_by else None


def text_of(running: Running | None) -> str:
    """Format what runs."""
    if running is None:
        return "nothing"
    return f"{to_dict(running.order)} ({running.source}, since {running.since} s)"


def wrong_in_answer(
    call: Call,
    answer: Answer,
    inverter: RecordingInverter,
    *,
    is_certain: Callable[[Running], bool],
) -> Iterator[str]:
    """Yield what is wrong with an answer, by what the inverter has recorded.

    `is_certain` returns whether our program can know whose an order is.
    """
    ran = inverter.ran_between(call.began - 1, inverter.age)
    if answer.kind is AnswerKind.FOREIGN:
        # What has ended just before the call may still read back.
        ran.append(call.read_back_at_start)
    ran = [
        replace(one, source=Source.UNDECIDABLE) if one and not is_certain(one) else one
        for one in ran
    ]
    if "nexpected" in answer.detail:
        yield "fails by a bug"
    if check := _CHECKS.get(answer.kind):
        yield from check(call, answer, inverter, ran)


type Ran = list[Running | None]


def _verified(
    call: Call, answer: Answer, inverter: RecordingInverter, ran: Ran
) -> Iterator[str]:
    kind = call.request.kind
    if kind in STARTS:
        as_answered = (_is_as_answered(call, one, answer) for one in ran if one)
        if not any(as_answered):
            yield "is verified, but has not run"
    elif kind is Kind.STOP:
        if None not in ran and inverter.is_settled:
            yield "is verified, but something ran all the time"
    elif kind in SETTINGS:
        if not call.request.setting.items() <= inverter.words().items():
            yield "is verified, but not set"


def _is_as_answered(call: Call, running: Running, answer: Answer) -> bool:
    """Whether this is the order that was answered as applied."""
    if call.request.kind is Kind.GRID:
        # Also an equal order of another one that has taken effect late.
        return call.has_begun(running) or call.can_be(running)
    applied = {key: value for key, value in answer.applied.items() if key != "pv"}
    expected = applied_to_dict(call.written, running.order)
    return call.can_be(running) and (not applied or applied == expected)


def _not_applied(
    call: Call, _: Answer, inverter: RecordingInverter, __: Ran
) -> Iterator[str]:
    running = inverter.running
    if inverter.behaviour.ignores_writes or call.request.kind not in STARTS:
        return
    if not inverter.is_settled:
        return  # It reads back, or takes effect, later than an answer is waited for.
    if inverter.behaviour.duration_limit and call.can_be(running):
        return  # A limited duration does not show whether its time began anew.
    if call.has_begun(running):
        yield "is not applied, but runs"


def _foreign(
    call: Call, _: Answer, inverter: RecordingInverter, ran: Ran
) -> Iterator[str]:
    # One of ours that the inverter does not end is not known any more after a long pause.
    if not any(
        one and (one.source is not Source.OURS or inverter.behaviour.ignores_duration)
        for one in ran
    ):
        yield "is refused for another program, but none has run"
    if call.writes:
        yield "is refused for another program, but was written"


def _unreached(call: Call, _: Answer, __: RecordingInverter, ___: Ran) -> Iterator[str]:
    if any(one.is_applied for one in call.writes):
        yield "is not written, but was"
    yield from _unknown(call, _, __, ___)


def _unknown(call: Call, _: Answer, __: RecordingInverter, ___: Ran) -> Iterator[str]:
    if not call.impeded:
        yield "has no certain answer, but the inverter answers"


def _rejected(call: Call, _: Answer, __: RecordingInverter, ___: Ran) -> Iterator[str]:
    if call.writes:
        yield "is rejected, but was written"


type Check = Callable[[Call, Answer, RecordingInverter, Ran], Iterator[str]]
_CHECKS: dict[AnswerKind, Check] = {
    AnswerKind.VERIFIED: _verified,
    AnswerKind.NOT_APPLIED: _not_applied,
    AnswerKind.FOREIGN: _foreign,
    AnswerKind.UNREACHED: _unreached,
    AnswerKind.UNKNOWN: _unknown,
    AnswerKind.REJECTED: _rejected,
}
