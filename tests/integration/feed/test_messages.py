"""The messages of the feed as JSON."""

from datetime import UTC, datetime, timedelta
import json
from typing import Any

import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.alphaess.faults import FAULT_WORDS, Family
from custom_components.alphaess_live.alphaess.faults.fault_tracker import FaultChange
from custom_components.alphaess_live.alphaess.snapshot import Power
from custom_components.alphaess_live.feed.connection_state import Connection
from custom_components.alphaess_live.feed.feed import Feed
from custom_components.alphaess_live.feed.messages import (
    Event,
    FaultChanged,
    LinkLost,
    LinkRestored,
    PowerMeasured,
    StatusReported,
    connection_status,
    encode_batch,
    rfc3339,
)

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
def test_message_of_every_event_has_all_header_fields(
    event: Event, kind: str, field: str
) -> None:
    feed = Feed("AL1")
    message = read(feed.publish(event).encoded)
    assert message["type"] == kind
    assert message["serial"] == "AL1"
    assert message["seq"] == feed.seq
    assert message["timestamp"].endswith("Z")
    assert field in message


def test_message_is_encoded_once() -> None:
    message = Feed("AL1").publish(PowerMeasured(power=POWER))
    assert message.encoded is message.encoded
    assert message.batch_entry is message.batch_entry


def test_dropped_messages_are_counted() -> None:
    message = Feed("AL1").publish(PowerMeasured(power=POWER))
    assert read(message.encoded_with_dropped(3)) == read(message.encoded) | {
        "dropped": 3
    }
    assert message.encoded_with_dropped(0) is message.encoded


@pytest.mark.parametrize("dropped", [0, 4])
def test_batch_contains_the_values_oldest_first(dropped: int) -> None:
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


def test_missing_power_value_is_null() -> None:
    power = Power(soc=None, battery=1, pv=None, grid=2)
    data = PowerMeasured(power=power).fields["data"]
    assert data["load"] == {"power": None}
    assert data["battery"] == {"soc": None, "power": 1}


NOW = datetime(2025, 1, 6, 10, 30, tzinfo=UTC)


AWAY = Connection.unknown(NOW).failed(NOW, kind=ErrorKind.REFUSED, message="busy")


def test_connection_status_has_the_documented_fields() -> None:
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
