"""Orders over REST: what a body may say, and what comes of it."""

from dataclasses import replace
from http import HTTPStatus
import json
from typing import Any

import pytest

from custom_components.alphaess_live.simulator.behaviour import Reply

from ..conftest import House
from .conftest import Client
from .test_openapi import check

CHARGE = "/api/alphaess/charge"
ORDER = {"power": 1500, "targetSoc": 80, "duration": 3600}


async def order(client: Client, path: str, body: Any = None) -> tuple[int, Any]:
    """Give an order, and say what was answered."""
    answer = await client.post(path, json=body)
    return answer.status, await answer.json()


@pytest.mark.parametrize("action", ["charge", "discharge"])
async def test_an_order_is_read_back(client: Client, home: House, action: str) -> None:
    status, answer = await order(client, f"/api/alphaess/{action}", ORDER)
    assert status == HTTPStatus.OK
    assert answer["verified"] is True
    assert answer["applied"] == {"action": action, **ORDER}
    assert answer["expiresAt"].endswith("Z")
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    assert state["active"] is True
    assert (state["charging"], state["discharging"]) == (
        action == "charge",
        action == "discharge",
    )
    assert abs(state["power"]) == 1500
    assert 3590 <= state["remaining"] <= 3600
    assert state["expiresAt"]
    assert state["controlledBy"] == "alphaess_live"
    assert state["raw"]["0x0880"] == 1
    assert len(home.inverter.journal.written) == 1


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
async def test_the_followed_systems_names_are_understood(
    client: Client, body: dict[str, Any], applied: dict[str, Any]
) -> None:
    status, answer = await order(client, CHARGE, body)
    assert status == HTTPStatus.OK
    assert answer["applied"] == {"action": "charge", **applied}


@pytest.mark.parametrize("pv", ["on", "off"])
@pytest.mark.parametrize(
    ("path", "body"),
    [("charge", ORDER), ("discharge", ORDER)]
    + [(path, {"duration": 600}) for path in ("hold", "prevent-discharge")],
)
async def test_an_order_may_say_something_of_the_panels(
    client: Client, home: House, path: str, body: dict[str, Any], pv: str
) -> None:
    url = f"/api/alphaess/{path}"
    status, answer = await order(client, url, body | {"pv": pv})
    assert status == HTTPStatus.OK
    check(url, "post", status=status, body=answer)
    assert answer["requested"]["pv"] == answer["applied"]["pv"] == pv
    (written,) = home.inverter.journal.written
    assert written.values[-1] == {"on": 1, "off": 2}[pv]
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    assert state["pv"] == pv
    await client.post("/api/alphaess/stop")
    state = await (await client.get("/api/alphaess/complete-status")).json()
    assert state["dispatch"]["pv"] is None


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_an_inverter_without_a_pv_switch_is_told_nothing_of_panels(
    client: Client, home: House
) -> None:
    status, answer = await order(client, CHARGE, ORDER | {"pv": "off"})
    assert (status, answer["error"]) == (HTTPStatus.BAD_REQUEST, "invalid_request")
    assert answer["field"] == "pv"
    assert not home.inverter.journal.writes


async def test_panels_that_stay_on_are_not_applied(client: Client, home: House) -> None:
    home.inverter.behaviour = replace(home.inverter.behaviour, ignores_pv_switch=True)
    status, answer = await order(client, CHARGE, ORDER | {"pv": "off"})
    assert (status, answer["error"]) == (HTTPStatus.BAD_GATEWAY, "not_applied")
    check(CHARGE, "post", status=status, body=answer)
    assert (answer["requested"]["pv"], answer["applied"]["pv"]) == ("off", "on")


@pytest.mark.parametrize("path", ["hold", "prevent-discharge"])
async def test_hold_is_zero_watts(client: Client, path: str) -> None:
    status, answer = await order(client, f"/api/alphaess/{path}", {"duration": 600})
    assert status == HTTPStatus.OK
    assert answer["applied"] == {"action": "hold", "duration": 600}


async def test_only_the_followed_systems_hold_needs_no_duration(client: Client) -> None:
    status, answer = await order(client, "/api/alphaess/hold", {})
    assert (status, answer["field"]) == (HTTPStatus.BAD_REQUEST, "duration")
    answer = await client.post("/api/alphaess/prevent-discharge")
    assert answer.status == HTTPStatus.OK
    assert (await answer.json())["applied"]["duration"] == 86400


@pytest.mark.parametrize("path", ["stop", "normal"])
async def test_stop_needs_no_body_and_no_dispatch(client: Client, path: str) -> None:
    await order(client, CHARGE, ORDER)
    for _ in range(2):
        answer = await client.post(f"/api/alphaess/{path}")
        assert answer.status == HTTPStatus.OK
        assert (await answer.json())["verified"] is True
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    assert (state["active"], state["mode"]) == (False, "none")


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
    ],
)
async def test_a_bad_field_is_named(
    client: Client, home: House, change: dict[str, Any], field: str
) -> None:
    status, answer = await order(client, CHARGE, ORDER | change)
    assert status == HTTPStatus.BAD_REQUEST
    assert answer["error"] == "invalid_request"
    assert answer["field"] == field
    assert field in answer["message"]
    assert not home.inverter.journal.writes


@pytest.mark.parametrize("missing", ORDER)
async def test_a_missing_field_is_named(client: Client, missing: str) -> None:
    body = {name: value for name, value in ORDER.items() if name != missing}
    status, answer = await order(client, CHARGE, body)
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
async def test_what_is_no_body_is_refused(
    client: Client, home: House, body: bytes, error: str
) -> None:
    answer = await client.post(CHARGE, data=body)
    assert answer.status == (413 if error == "too_large" else 400)
    assert (await answer.json())["error"] == error
    assert not home.inverter.journal.writes


async def test_a_body_that_says_nothing_of_its_size_is_no_longer_either(
    client: Client,
) -> None:
    async def endless() -> Any:
        for _ in range(9):
            yield b" " * 1024

    answer = await client.post(CHARGE, data=endless())
    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_encoded_as_it_says_is_refused(
    client: Client, home: House, encoding: str
) -> None:
    headers = {"Content-Encoding": encoding}
    answer = await client.post(CHARGE, data=json.dumps(ORDER), headers=headers)
    assert answer.status == HTTPStatus.BAD_REQUEST
    assert (await answer.json())["field"] == "body"
    assert not home.inverter.journal.writes


async def test_somebody_elses_dispatch_is_left_alone_unless_taken_over(
    client: Client, home: House
) -> None:
    # Discharge at 500 W: what the vendor's app would write.
    home.inverter.write_as_app(0x0880, 1, 0, 32500, 0, 32000, 2, 50, 0, 3600)
    await home.coordinator.refresh_all()
    status, answer = await order(client, CHARGE, ORDER)
    assert (status, answer["error"]) == (HTTPStatus.CONFLICT, "foreign_dispatch")
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    assert (state["controlledBy"], state["discharging"]) == ("other", True)
    assert (state["remaining"], state["expiresAt"]) == (None, None)
    status, _ = await order(client, CHARGE, ORDER | {"takeOver": True})
    assert status == HTTPStatus.OK


@pytest.mark.parametrize("options", [{"controls": False, "message_spacing": 0.05}])
async def test_nothing_is_written_where_controls_are_off(
    client: Client, home: House
) -> None:
    for path in ("charge", "discharge", "hold", "stop"):
        status, answer = await order(client, f"/api/alphaess/{path}", ORDER)
        assert (status, answer["error"]) == (403, "control_not_permitted")
    assert not home.inverter.journal.writes


async def test_an_order_that_is_ignored_is_not_applied(
    client: Client, home: House
) -> None:
    home.inverter.behaviour = replace(home.inverter.behaviour, ignores_writes=True)
    status, answer = await order(client, CHARGE, ORDER)
    assert (status, answer["error"]) == (HTTPStatus.BAD_GATEWAY, "not_applied")
    assert answer["requested"] == {"action": "charge", **ORDER}
    assert answer["applied"]["action"] == "stop"


async def test_an_inverter_that_falls_silent_during_the_write_is_503(
    client: Client, home: House
) -> None:
    home.inverter.behaviour = replace(
        home.inverter.behaviour, block_write=Reply.SILENT, single_write=Reply.SILENT
    )
    status, answer = await order(client, CHARGE, ORDER)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer["error"] == "modbus_disconnected"
    assert answer["connected"] is False
