"""The feed of one inverter: growing numbers, listeners, and replay."""

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
import pytest

from custom_components.alphaess_live.alphaess.snapshot import Power
from custom_components.alphaess_live.feed.feed import (
    REPLAY_MESSAGES,
    RESERVED_NUMBERS,
    Feed,
)
from custom_components.alphaess_live.feed.messages import Message, PowerMeasured

POWER = Power(soc=50, battery=-100, pv=300.5, grid=20)


def test_numbers_grow_by_one_and_over_a_restart() -> None:
    feed = Feed("AL1")
    start = feed.seq
    for _ in range(5):
        feed.publish(PowerMeasured(power=POWER))
    assert feed.seq == start + 5
    assert start > datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000


def test_numbers_grow_over_a_reload_after_the_clock_was_set_back() -> None:
    before = Feed("AL1")
    for _ in range(3):
        before.publish(PowerMeasured(power=POWER))
    with freeze_time(datetime.now(UTC) - timedelta(hours=1)):
        after = Feed("AL1")
    assert after.seq > before.seq
    assert after.messages_since(before.seq) is None


def test_numbers_of_a_restart_are_above_the_reserved_ones() -> None:
    ahead = Feed("AL1").seq + 5
    reserved = Feed.continue_after(ahead)
    assert Feed("AL1").seq == ahead + 1
    assert reserved == ahead + RESERVED_NUMBERS


@pytest.mark.parametrize("broken", [-1, 0, 2**53, 2**70])
def test_reserved_number_that_cannot_be_is_ignored(broken: int) -> None:
    before = Feed("AL1").seq
    assert Feed.continue_after(broken) == before + RESERVED_NUMBERS
    assert Feed("AL1").seq == before + 1


def test_message_for_one_listener_uses_no_number() -> None:
    feed = Feed("AL1")
    before = feed.seq
    assert feed.message(PowerMeasured(power=POWER)).seq == before
    assert feed.message(PowerMeasured(power=POWER), seq=7).seq == 7
    assert feed.seq == before


def test_missed_messages_are_returned_oldest_first() -> None:
    feed = Feed("AL1")
    seen = feed.seq
    for _ in range(3):
        feed.publish(PowerMeasured(power=POWER))
    missed = feed.messages_since(seen)
    assert missed
    assert [message.seq for message in missed] == [seen + 1, seen + 2, seen + 3]
    assert feed.messages_since(feed.seq) == ()


def test_unknown_number_has_no_missed_messages() -> None:
    feed = Feed("AL1")
    start = feed.seq
    for _ in range(REPLAY_MESSAGES + 1):
        feed.publish(PowerMeasured(power=POWER))
    assert feed.messages_since(start) is None
    assert len(feed.messages_since(start + 1) or ()) == REPLAY_MESSAGES == 360
    assert feed.messages_since(feed.seq + 1) is None


def test_listener_is_called_until_it_unsubscribes() -> None:
    feed = Feed("AL1")
    received: list[Message] = []
    unsubscribe = feed.subscribe(received.append)
    feed.publish(PowerMeasured(power=POWER))
    unsubscribe()
    unsubscribe()
    feed.publish(PowerMeasured(power=POWER))
    assert len(received) == 1


def test_listener_may_unsubscribe_during_its_call() -> None:
    feed = Feed("AL1")
    received: list[Message] = []
    unsubscribe = feed.subscribe(lambda _: unsubscribe())
    feed.subscribe(received.append)
    feed.publish(PowerMeasured(power=POWER))
    assert len(received) == 1
