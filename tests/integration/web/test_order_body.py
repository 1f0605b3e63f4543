"""The bodies of orders: names, ranges, and what is refused."""

from http import HTTPStatus
import json
from typing import Any

import pytest

from ..conftest import House, set_behaviour
from .conftest import Client
from .rest_client import CHARGE_PATH, ORDER, send_order


@pytest.mark.parametrize(
    ("body", "applied"),
    [
        ({"watts": 1500, "targetSOC": 80, "durationHours": 1}, ORDER),
        ({"watts": 1500, "minimumSOC": 80, "durationHours": 1}, ORDER),
        ({"power": 1500.4, "targetSoc": 80, "duration": 3600.4}, ORDER),
        (ORDER | {"watts": 9}, ORDER),
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


@pytest.mark.parametrize(
    ("path", "duration"), [("hold", 3600), ("prevent-discharge", 86400)]
)
async def test_hold_without_a_body_has_the_duration_of_its_path(
    client: Client, path: str, duration: int
) -> None:
    answer = await client.post(f"/api/alphaess/{path}", json={})
    assert answer.status == HTTPStatus.OK
    assert (await answer.json())["applied"]["duration"] == duration


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("charge", "target_soc"),
        ("charge", "take_over"),
        ("charge", "pwoer"),
        ("discharge", "block"),
        ("hold", "targetSoc"),
        ("hold", "power"),
        ("grid-target", "targetSoc"),
        ("grid-target", "pv"),
        ("stop", "duration"),
        ("normal", "takeover"),
    ],
)
async def test_field_that_the_order_does_not_have_is_refused_with_its_name(
    client: Client, home: House, path: str, field: str
) -> None:
    body = {"power": 1500, "targetSoc": 80, "duration": 600}
    known = {"charge": body, "discharge": body, "hold": {"duration": 600}}
    sent = known.get(path, {}) | {field: 1}
    answer = await client.post(f"/api/alphaess/{path}", json=sent)
    assert answer.status == HTTPStatus.BAD_REQUEST
    content = await answer.json()
    assert (content["error"], content["field"]) == ("invalid_request", field)
    assert "takeOver" in content["message"]
    assert home.inverter.journal.writes == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("discharge", {"power": 1500, "targetSoc": 100, "duration": 600}),
        ("grid-target", {"power": 0, "duration": 600, "minSoc": 60, "maxSoc": 50}),
    ],
)
async def test_errors_have_the_names_of_the_api(
    client: Client, path: str, body: dict[str, Any]
) -> None:
    answer = await client.post(f"/api/alphaess/{path}", json=body)
    content = await answer.json()
    assert content["field"] in content["message"]
    assert "_soc" not in content["message"]


async def test_order_that_is_not_applied_has_the_names_of_the_api(
    client: Client, home: House
) -> None:
    set_behaviour(home, ignores_writes=True)
    body = {"power": 1500, "targetSoc": 80, "duration": 600}
    answer = await client.post("/api/alphaess/charge", json=body)
    assert answer.status == HTTPStatus.BAD_GATEWAY
    message = (await answer.json())["message"]
    assert "targetSoc 80" in message
    assert "target_soc" not in message


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
    body = {"duration": 600} if field == "block" else ORDER
    status, answer = await send_order(client, path, body | change)
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
