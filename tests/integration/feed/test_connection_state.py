"""The state of the connection after each poll."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.feed.connection_state import Connection

NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)


def test_each_outage_is_counted_and_measured() -> None:
    connection = Connection.unknown(NOON).succeeded(NOON)
    assert (connection.reconnects, connection.last_outage) == (0, None)
    for n in range(1, 6):
        at = NOON + timedelta(minutes=n)
        lost = connection.failed(at, kind=ErrorKind.RESET, message="reset by peer")
        worse = lost.failed(
            at + timedelta(seconds=5), kind=ErrorKind.REFUSED, message="refused"
        )
        assert worse.since == at
        connection = worse.succeeded(at + timedelta(seconds=n))
        assert connection.reconnects == n
        assert connection.last_outage == timedelta(seconds=n)
        assert connection.error_kind is None
        assert connection.last_error_kind is ErrorKind.REFUSED
        assert connection.last_error_message == "refused"


def test_clock_that_is_set_back_makes_no_outage_negative() -> None:
    lost = Connection.unknown(NOON).failed(NOON, kind=ErrorKind.RESET, message="")
    before = NOON - timedelta(hours=1)
    assert lost.outage(before) == timedelta()
    assert lost.succeeded(before).last_outage == timedelta()


def test_clock_step_moves_every_time_that_is_known() -> None:
    step = timedelta(days=-2)
    lost = Connection.unknown(NOON).failed(NOON, kind=ErrorKind.RESET, message="")
    moved = lost.corrected(step)
    assert (moved.since, moved.last_attempt, moved.last_success) == (
        NOON + step,
        None,
        None,
    )
    known = lost.attempted(NOON).succeeded(NOON).corrected(step)
    assert {known.since, known.last_attempt, known.last_success} == {NOON + step}
    assert lost.corrected(timedelta()) is lost


@pytest.mark.parametrize("kind", ErrorKind)
def test_outage_at_the_start_is_measured_and_not_counted(
    kind: ErrorKind,
) -> None:
    lost = Connection.unknown(NOON).failed(NOON, kind=kind, message="")
    there = lost.succeeded(NOON + timedelta(minutes=3))
    assert there.last_outage == timedelta(minutes=3)
    assert there.reconnects == 0
