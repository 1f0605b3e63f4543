"""How often the feed tells what does not change: at least as often as the contract says, whatever the polls do."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from freezegun import freeze_time
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.alphaess.snapshot import Power
from custom_components.alphaess_live.connection.intervals import RETRY_INTERVAL
from custom_components.alphaess_live.feed.feed import Feed
from custom_components.alphaess_live.feed.messages import Message
from custom_components.alphaess_live.feed.publisher import FeedPublisher

POWER = Power(soc=50, battery=0, pv=0, grid=0)
PAUSE = timedelta(seconds=2)


def longest(messages: list[Message], kind: str) -> timedelta:
    """Measure the longest silence between two messages of a type."""
    times = [message.at for message in messages if message.event.type == kind]
    return max(after - before for before, after in pairwise(times))


@pytest.mark.parametrize("seed", range(5))
def test_a_value_that_stands_still_is_told_at_least_every_ten_seconds(
    seed: int,
) -> None:
    heard: list[Message] = []
    chance = Random(seed)  # noqa: S311 - an answer takes a while, now longer, now shorter
    with freeze_time(datetime(2025, 1, 6, tzinfo=UTC)) as clock:
        reporter = FeedPublisher(Feed("AL1"))
        reporter.feed.subscribe(heard.append)
        for _ in range(300):
            late = timedelta(seconds=chance.uniform(0, 0.9))
            clock.tick(late)
            reporter.on_success(POWER, poll_interval=PAUSE)
            reporter.flush()
            clock.tick(PAUSE - late)
    assert longest(heard, "power_update") <= timedelta(seconds=10)
    assert longest(heard, "connection_status") <= timedelta(seconds=30)
    assert len(heard) < 100


def test_an_outage_is_reported_every_thirty_seconds_too() -> None:
    heard: list[Message] = []
    with freeze_time(datetime(2025, 1, 6, tzinfo=UTC)) as clock:
        reporter = FeedPublisher(Feed("AL1"))
        reporter.feed.subscribe(heard.append)
        for _ in range(60):
            reporter.on_failure(
                ErrorKind.REFUSED, "the port is closed", poll_interval=RETRY_INTERVAL
            )
            reporter.flush()
            clock.tick(RETRY_INTERVAL + timedelta(milliseconds=40))
    assert longest(heard, "connection_status") <= timedelta(seconds=30)
    assert len(heard) < 20
