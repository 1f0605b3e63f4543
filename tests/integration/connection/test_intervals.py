"""The timeout of a response is learned from the device's own answers."""

import pytest

from custom_components.alphaess_live.connection.intervals import (
    REMEMBERED_RESPONSES,
    ResponseTimeout,
)


def test_first_response_has_three_seconds_and_the_next_ones_two() -> None:
    timeout = ResponseTimeout(3, has_serial_line=False)
    assert timeout.seconds() == 3
    timeout.on_response(0.1)
    assert timeout.seconds() == 2


@pytest.mark.parametrize(("slowest", "seconds"), [(1.5, 2), (2, 2.4), (2.9, 3.48)])
def test_slow_device_has_a_fifth_more_than_it_needed(
    slowest: float, seconds: float
) -> None:
    timeout = ResponseTimeout(3, has_serial_line=False)
    for duration in (0.1, slowest, 0.1):
        timeout.on_response(duration)
    assert timeout.seconds() == pytest.approx(seconds)


def test_single_slow_response_is_forgotten() -> None:
    timeout = ResponseTimeout(3, has_serial_line=False)
    timeout.on_response(2.9)
    for _ in range(REMEMBERED_RESPONSES):
        timeout.on_response(0.1)
    assert timeout.seconds() == 2


def test_device_that_does_not_answer_has_more_time_after_two_timeouts() -> None:
    timeout = ResponseTimeout(3, has_serial_line=False)
    timeout.on_response(0.1)
    seconds = []
    for _ in range(3):
        timeout.on_timeout()
        seconds.append(timeout.seconds())
    assert seconds == [3, 5, 5]
    timeout.on_response(4)
    assert timeout.seconds() == pytest.approx(4.8)


def test_silent_unit_has_less_time_while_others_wait() -> None:
    timeout = ResponseTimeout(3, has_serial_line=False)
    assert timeout.seconds(others_wait=True) == 3
    timeout.on_timeout()
    assert timeout.seconds(others_wait=True) == 1.5
    timeout.on_late_response()
    assert timeout.seconds(others_wait=True) == 3
    timeout.on_timeout()
    assert timeout.seconds(others_wait=True) == 1.5
    assert timeout.seconds() == 5
    timeout.on_response(2)
    assert timeout.seconds(others_wait=True) == pytest.approx(2.4)
    timeout.on_timeout()
    assert timeout.seconds(others_wait=True) == pytest.approx(2.4)


def test_timeout_over_a_serial_line_is_fixed_after_a_short_first_one() -> None:
    timeout = ResponseTimeout(5, has_serial_line=True)
    assert timeout.seconds() == 1.5
    timeout.on_response(0.1)
    assert timeout.seconds() == 5
    timeout.on_timeout()
    assert timeout.seconds() == 1.5
