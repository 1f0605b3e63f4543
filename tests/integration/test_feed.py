"""The feed itself: numbers that grow, messages that are encoded once, a memory that is bounded."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.alphaess.faults import FAULT_WORDS, Family
from custom_components.alphaess_live.alphaess.faults.fault_tracker import FaultChange
from custom_components.alphaess_live.alphaess.snapshot import Power
from custom_components.alphaess_live.feed.connection_state import Connection
from custom_components.alphaess_live.feed.feed import REPLAY_MESSAGES, Feed
from custom_components.alphaess_live.feed.messages import (
    Event,
    FaultChanged,
    LinkLost,
    LinkRestored,
    Message,
    PowerMeasured,
    StatusReported,
    encode_batch,
)
from custom_components.alphaess_live.feed.serialize import connection_status, rfc3339
from custom_components.alphaess_live.web.send_queue import ws_text_frame

NOW = datetime(2025, 1, 6, 10, 30, tzinfo=UTC)
POWER = Power(soc=50, battery=-100, pv=300.5, grid=20)
LOST = FaultChange(
    fault=next(
        word for word in FAULT_WORDS if word.reading.key == "system_fault"
    ).fault_of_bit(4, Family.EMS_3_5),
    since=NOW,
    raised=True,
)
AWAY = Connection.unknown(NOW).failed(NOW, kind=ErrorKind.REFUSED, message="busy")


def read(payload: bytes) -> Any:
    return json.loads(payload)


@pytest.mark.parametrize(
    ("event", "kind", "field"),
    [
        (PowerMeasured(power=POWER), "power_update", "data"),
        (StatusReported(connection=AWAY, at=NOW), "connection_status", "connected"),
        (LinkRestored(outage_seconds=3.5), "modbus_connected", "outageSeconds"),
        (
            LinkLost(kind=ErrorKind.RESET, message="x"),
            "modbus_disconnected",
            "errorKind",
        ),
        (FaultChanged(change=LOST), "fault_raised", "since"),
    ],
)
def test_every_message_says_what_when_who_and_which(
    event: Event, kind: str, field: str
) -> None:
    feed = Feed("AL1")
    message = read(feed.publish(event).encoded)
    assert message["type"] == kind
    assert message["serial"] == "AL1"
    assert message["seq"] == feed.seq
    assert message["timestamp"].endswith("Z")
    assert field in message


def test_a_message_is_encoded_once() -> None:
    message = Feed("AL1").publish(PowerMeasured(power=POWER))
    assert message.encoded is message.encoded
    assert message.batch_entry is message.batch_entry


def test_numbers_grow_by_one_and_over_a_restart() -> None:
    feed = Feed("AL1")
    start = feed.seq
    for _ in range(5):
        feed.publish(PowerMeasured(power=POWER))
    assert feed.seq == start + 5
    assert start > datetime(2024, 1, 1, tzinfo=UTC).timestamp() * 1000


def test_a_message_for_one_listener_takes_no_number() -> None:
    feed = Feed("AL1")
    before = feed.seq
    assert feed.message(PowerMeasured(power=POWER)).seq == before
    assert feed.message(PowerMeasured(power=POWER), seq=7).seq == 7
    assert feed.seq == before


def test_what_was_missed_comes_oldest_first() -> None:
    feed = Feed("AL1")
    seen = feed.seq
    for _ in range(3):
        feed.publish(PowerMeasured(power=POWER))
    missed = feed.messages_since(seen)
    assert missed
    assert [message.seq for message in missed] == [seen + 1, seen + 2, seen + 3]
    assert feed.messages_since(feed.seq) == ()


def test_what_is_forgotten_or_never_was_is_none() -> None:
    feed = Feed("AL1")
    start = feed.seq
    for _ in range(REPLAY_MESSAGES + 1):
        feed.publish(PowerMeasured(power=POWER))
    assert feed.messages_since(start) is None
    assert len(feed.messages_since(start + 1) or ()) == REPLAY_MESSAGES == 360
    assert feed.messages_since(feed.seq + 1) is None


def test_listeners_hear_until_they_leave() -> None:
    feed = Feed("AL1")
    heard: list[Message] = []
    leave = feed.subscribe(heard.append)
    feed.publish(PowerMeasured(power=POWER))
    leave()
    leave()
    feed.publish(PowerMeasured(power=POWER))
    assert len(heard) == 1


def test_a_listener_may_leave_while_it_is_told() -> None:
    feed = Feed("AL1")
    heard: list[Message] = []
    leave = feed.subscribe(lambda _: leave())
    feed.subscribe(heard.append)
    feed.publish(PowerMeasured(power=POWER))
    assert len(heard) == 1


def test_what_was_dropped_is_counted() -> None:
    message = Feed("AL1").publish(PowerMeasured(power=POWER))
    assert read(message.encoded_with_dropped(3)) == read(message.encoded) | {
        "dropped": 3
    }
    assert message.encoded_with_dropped(0) is message.encoded


@pytest.mark.parametrize("dropped", [0, 4])
def test_a_batch_holds_the_values_oldest_first(dropped: int) -> None:
    feed = Feed("AL1")
    messages = [
        feed.publish(PowerMeasured(power=Power(soc=n, battery=0, pv=0, grid=0)))
        for n in range(3)
    ]
    together = read(encode_batch(messages, dropped=dropped))
    assert together["type"] == "power_batch"
    assert together["seq"] == feed.seq
    assert together.get("dropped", 0) == dropped
    assert [one["battery"]["soc"] for one in together["data"]] == [0, 1, 2]
    assert [one["seq"] for one in together["data"]] == [m.seq for m in messages]


def test_a_connection_is_laid_out_as_the_contract_says() -> None:
    status = connection_status(AWAY, NOW + timedelta(seconds=12))
    assert status == {
        "connected": False,
        "since": "2025-01-06T10:30:00.000Z",
        "lastAttempt": None,
        "lastSuccess": None,
        "errorKind": "refused",
        "errorMessage": "busy",
        "outageSeconds": 12.0,
        "reconnects": 0,
    }


def test_times_are_rfc_3339_in_utc_with_milliseconds() -> None:
    assert rfc3339(NOW + timedelta(microseconds=1999)) == "2025-01-06T10:30:00.001Z"


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_a_frame_says_how_long_it_is(size: int, head: bytes) -> None:
    frame = ws_text_frame(b"x" * size)
    assert frame.startswith(head)
    assert len(frame) == len(head) + size
