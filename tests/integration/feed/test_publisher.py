"""The intervals at which the feed publishes values that do not change."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from time import monotonic

from freezegun import freeze_time
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.alphaess.snapshot import Power
from custom_components.alphaess_live.connection.intervals import RECONNECT_INTERVAL
from custom_components.alphaess_live.feed.feed import Feed
from custom_components.alphaess_live.feed.messages import (
    LinkRestored,
    Message,
    PowerMeasured,
)
from custom_components.alphaess_live.feed.publisher import FeedPublisher

POWER = Power(soc=50, battery=0, pv=0, grid=0)


POLL_INTERVAL = timedelta(seconds=2)
POWER_UPDATE_INTERVAL = timedelta(seconds=10)


def max_gap(messages: list[Message], kind: str) -> timedelta:
    """Return the maximum time between two messages of a type."""
    times = [message.at for message in messages if message.event.type == kind]
    return max(after - before for before, after in pairwise(times))


NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)


def new_publisher(
    interval: timedelta = POWER_UPDATE_INTERVAL,
    uptime: Callable[[], float] | None = None,
) -> FeedPublisher:
    """Create a publisher; the frozen clock is that of its durations too by default."""
    return FeedPublisher(Feed("AL1"), interval, uptime=uptime or monotonic)


@pytest.mark.parametrize("seed", range(5))
def test_constant_value_is_published_every_ten_seconds(
    seed: int,
) -> None:
    received: list[Message] = []
    random = Random(seed)  # noqa: S311 - a random response time
    with freeze_time(datetime(2025, 1, 6, tzinfo=UTC)) as clock:
        publisher = new_publisher()
        publisher.feed.subscribe(received.append)
        for _ in range(300):
            response_time = timedelta(seconds=random.uniform(0, 0.9))
            clock.tick(response_time)
            now = datetime.now(UTC)
            publisher.on_success(POWER, measured_at=now, poll_interval=POLL_INTERVAL)
            publisher.flush()
            clock.tick(POLL_INTERVAL - response_time)
    assert max_gap(received, "power_update") <= timedelta(seconds=10)
    assert max_gap(received, "connection_status") <= timedelta(seconds=30)
    assert len(received) < 100


def test_outage_is_published_every_thirty_seconds() -> None:
    received: list[Message] = []
    with freeze_time(datetime(2025, 1, 6, tzinfo=UTC)) as clock:
        publisher = new_publisher()
        publisher.feed.subscribe(received.append)
        for _ in range(60):
            publisher.on_failure(
                ErrorKind.REFUSED,
                "the port is closed",
                poll_interval=RECONNECT_INTERVAL,
            )
            publisher.flush()
            clock.tick(RECONNECT_INTERVAL + timedelta(milliseconds=40))
    assert max_gap(received, "connection_status") <= timedelta(seconds=30)
    assert len(received) < 20


STEPS = [timedelta(hours=-1), timedelta(hours=1), timedelta(days=365)]


@pytest.mark.parametrize("step", STEPS)
def test_feed_goes_on_at_its_interval_over_a_clock_step(step: timedelta) -> None:
    published_at: dict[str, list[float]] = {}
    second = 0.0
    with freeze_time(NOON) as clock:
        publisher = new_publisher(uptime=lambda: second)
        publisher.feed.subscribe(
            lambda message: published_at.setdefault(message.event.type, []).append(
                second
            )
        )
        for _ in range(100):
            if second == 50:
                clock.tick(step)
            publisher.on_success(POWER, measured_at=NOON, poll_interval=POLL_INTERVAL)
            publisher.flush()
            clock.tick(POLL_INTERVAL)
            second += POLL_INTERVAL.total_seconds()
    for kind, most in (("power_update", 10), ("connection_status", 30)):
        gaps = [after - before for before, after in pairwise(published_at[kind])]
        assert most / 2 < max(gaps) <= most


@pytest.mark.parametrize("step", STEPS)
def test_durations_and_times_are_right_over_a_clock_step(step: timedelta) -> None:
    uptime = 1000.0
    with freeze_time(NOON) as clock:
        publisher = new_publisher(uptime=lambda: uptime)
        publisher.on_success(POWER, measured_at=NOON, poll_interval=POLL_INTERVAL)
        publisher.on_failure(ErrorKind.RESET, "reset", poll_interval=POLL_INTERVAL)
        clock.tick(step + timedelta(seconds=7))
        uptime += 7
        now = datetime.now(UTC)
        lost = publisher.connection
        assert (lost.since, lost.last_success) == 2 * (now - timedelta(seconds=7),)
        assert lost.outage(now) == publisher.elapsed == timedelta(seconds=7)
        publisher.on_success(POWER, measured_at=now, poll_interval=POLL_INTERVAL)
        assert publisher.connection.last_outage == timedelta(seconds=7)
        assert publisher.connection.since == now


@pytest.mark.parametrize("seconds", [5, 10, 60])
def test_constant_value_is_published_at_the_chosen_interval(seconds: int) -> None:
    received: list[Message] = []
    interval = timedelta(seconds=seconds)
    with freeze_time(NOON) as clock:
        publisher = new_publisher(interval)
        publisher.feed.subscribe(received.append)
        for _ in range(200):
            now = datetime.now(UTC)
            publisher.on_success(POWER, measured_at=now, poll_interval=POLL_INTERVAL)
            publisher.flush()
            clock.tick(POLL_INTERVAL)
    assert interval / 2 < max_gap(received, "power_update") <= interval


@pytest.mark.parametrize(
    ("fails_first", "seconds"), [(False, None), (True, 7.0)], ids=["answers", "is_off"]
)
def test_first_success_after_a_load_is_published_as_connected(
    *, fails_first: bool, seconds: float | None
) -> None:
    received: list[Message] = []
    with freeze_time(NOON) as clock:
        publisher = new_publisher()
        publisher.feed.subscribe(received.append)
        if fails_first:
            publisher.on_failure(
                ErrorKind.REFUSED,
                "the port is closed",
                poll_interval=RECONNECT_INTERVAL,
            )
            clock.tick(timedelta(seconds=7))
        for _ in range(2):
            publisher.on_success(POWER, measured_at=NOON, poll_interval=POLL_INTERVAL)
        publisher.flush()
    events = [message.event for message in received]
    restored = [one for one in events if isinstance(one, LinkRestored)]
    assert [one.outage_seconds for one in restored] == [seconds]
    assert restored[0].fields["outageSeconds"] == seconds


def test_load_that_changes_alone_is_published_at_once() -> None:
    received: list[Message] = []
    publisher = new_publisher()
    publisher.feed.subscribe(received.append)
    late = Power(soc=50, battery=0, pv=6774, grid=-9666, previous_balance=595)
    for power in (late, late, replace(late, previous_balance=None)):
        publisher.on_success(power, measured_at=NOON, poll_interval=POLL_INTERVAL)
        publisher.flush()
    sent = [one.event for one in received if isinstance(one.event, PowerMeasured)]
    assert [one.power.load for one in sent] == [595, 0]
