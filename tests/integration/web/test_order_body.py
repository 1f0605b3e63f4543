"""The bodies of orders: names, ranges, and what is refused."""

from http import HTTPStatus
import json
from typing import Any

import pytest

from ..conftest import House
from .conftest import Client
from .rest_client import CHARGE_PATH, ORDER, send_order


@pytest.mark.parametrize(
    ("body", "applied"),
    [
        ({"watts": 1500, "targetSOC": 80, "durationHours": 1}, ORDER),
        ({"watts": 1500, "minimumSOC": 80, "durationHours": 1}, ORDER),
        ({"power": 1500.4, "targetSoc": 80, "duration": 3600.4}, ORDER),
        (ORDER | {"watts": 9, "unknown": True}, ORDER),
        (
            {"watts": 500, "targetSOC": 50, "durationHours": 0.5},
            {"power": 500, "targetSoc": 50, "duration": 1800},
        ),
    ],
)
async def test_names_of_the_legacy_api_are_accepted(
    client: Client, body: dict[str, Any], applied: dict[str, Any]
) -> None:
    status, answer = await send_order(client, CHARGE_PATH, body)
    assert status == HTTPStatus.OK
    assert answer["applied"] == {"action": "charge", **applied}


async def test_only_the_legacy_hold_needs_no_duration(client: Client) -> None:
    status, answer = await send_order(client, "/api/alphaess/hold", {})
    assert (status, answer["field"]) == (HTTPStatus.BAD_REQUEST, "duration")
    answer = await client.post("/api/alphaess/prevent-discharge")
    assert answer.status == HTTPStatus.OK
    assert (await answer.json())["applied"]["duration"] == 86400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"power": None}, "power"),
        ({"power": 0}, "power"),
        ({"power": -1}, "power"),
        ({"power": 20001}, "power"),
        ({"power": 10**30}, "power"),
        ({"power": "1500"}, "power"),
        ({"power": True}, "power"),
        ({"power": [1500]}, "power"),
        ({"targetSoc": 3.9}, "targetSoc"),
        ({"targetSoc": 100.1}, "targetSoc"),
        ({"targetSoc": "80"}, "targetSoc"),
        ({"duration": 59}, "duration"),
        ({"duration": 86401}, "duration"),
        ({"duration": False}, "duration"),
        ({"takeOver": 1}, "takeOver"),
        ({"takeOver": "yes"}, "takeOver"),
        ({"pv": "unchanged"}, "pv"),
        ({"pv": False}, "pv"),
        ({"pv": None}, "pv"),
        ({"pv": ["off"]}, "pv"),
        ({"block": "none"}, "block"),
        ({"block": ["charge"]}, "block"),
    ],
)
async def test_invalid_field_is_named(
    client: Client, home: House, change: dict[str, Any], field: str
) -> None:
    path = "/api/alphaess/hold" if field == "block" else CHARGE_PATH
    status, answer = await send_order(client, path, ORDER | change)
    assert status == HTTPStatus.BAD_REQUEST
    assert answer["error"] == "invalid_request"
    assert answer["field"] == field
    assert field in answer["message"]
    assert not home.inverter.journal.writes


@pytest.mark.parametrize("missing", ORDER)
async def test_missing_field_is_named(client: Client, missing: str) -> None:
    body = {name: value for name, value in ORDER.items() if name != missing}
    status, answer = await send_order(client, CHARGE_PATH, body)
    assert (status, answer["field"]) == (HTTPStatus.BAD_REQUEST, missing)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "invalid_request"),
        (b"[]", "invalid_request"),
        (b"null", "invalid_request"),
        (b"\xff\xfe", "invalid_request"),
        (b'{"power": NaN, "targetSoc": 80, "duration": 600}', "invalid_request"),
        (b'{"power": 1e999, "targetSoc": 80, "duration": 600}', "invalid_request"),
        (json.dumps(ORDER | {"x": "y" * 4096}).encode(), "too_large"),
    ],
)
async def test_invalid_body_is_refused(
    client: Client, home: House, body: bytes, error: str
) -> None:
    answer = await client.post(CHARGE_PATH, data=body)
    assert answer.status == (413 if error == "too_large" else 400)
    assert (await answer.json())["error"] == error
    assert not home.inverter.journal.writes


async def test_body_without_length_has_the_same_limit(
    client: Client,
) -> None:
    async def endless() -> Any:
        for _ in range(9):
            yield b" " * 1024

    answer = await client.post(CHARGE_PATH, data=endless())
    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_body_with_wrong_encoding_is_refused(
    client: Client, home: House, encoding: str
) -> None:
    headers = {"Content-Encoding": encoding}
    answer = await client.post(CHARGE_PATH, data=json.dumps(ORDER), headers=headers)
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert (await answer.json())["field"] == "body"
    assert not home.inverter.journal.writes


async def test_discharge_to_100_percent_names_the_target(
    client: Client, home: House
) -> None:
    body = ORDER | {"targetSoc": 100}
    status, answer = await send_order(client, "/api/alphaess/discharge", body)
    assert (status, answer["field"]) == (HTTPStatus.BAD_REQUEST, "targetSoc")
    assert "100 %" in answer["message"]
    assert not home.inverter.journal.writes
