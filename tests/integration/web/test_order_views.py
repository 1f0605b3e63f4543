"""Orders over REST and their outcome."""

from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from custom_components.alphaess_live.simulator.behaviour import Reply

from ..conftest import House, set_behaviour
from .conftest import Client
from .rest_client import CHARGE_PATH, ORDER, send_order
from .test_openapi import check


@pytest.mark.parametrize("action", ["charge", "discharge"])
async def test_order_is_verified(client: Client, home: House, action: str) -> None:
    status, answer = await send_order(client, f"/api/alphaess/{action}", ORDER)
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


@pytest.mark.parametrize("pv", ["on", "off"])
@pytest.mark.parametrize(
    ("path", "body"),
    [("charge", ORDER), ("discharge", ORDER)]
    + [(path, {"duration": 600}) for path in ("hold", "prevent-discharge")],
)
async def test_order_may_switch_pv(
    client: Client, home: House, path: str, body: dict[str, Any], pv: str
) -> None:
    url = f"/api/alphaess/{path}"
    status, answer = await send_order(client, url, body | {"pv": pv})
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
async def test_pv_on_an_inverter_without_pv_switch_is_400(
    client: Client, home: House
) -> None:
    status, answer = await send_order(client, CHARGE_PATH, ORDER | {"pv": "off"})
    assert (status, answer["error"]) == (HTTPStatus.BAD_REQUEST, "invalid_request")
    assert answer["field"] == "pv"
    assert not home.inverter.journal.writes


async def test_ignored_pv_switch_is_not_applied(client: Client, home: House) -> None:
    set_behaviour(home, ignores_pv_switch=True)
    status, answer = await send_order(client, CHARGE_PATH, ORDER | {"pv": "off"})
    assert (status, answer["error"]) == (HTTPStatus.BAD_GATEWAY, "not_applied")
    check(CHARGE_PATH, "post", status=status, body=answer)
    assert (answer["requested"]["pv"], answer["applied"]["pv"]) == ("off", "on")


@pytest.mark.parametrize(
    ("path", "body", "block"),
    [
        ("hold", {}, {}),
        ("hold", {"block": "charge"}, {"block": "charge"}),
        ("prevent-discharge", {}, {"block": "discharge"}),
        ("prevent-discharge", {"block": "both"}, {}),
    ],
)
async def test_hold_blocks_what_the_path_or_the_body_contains(
    client: Client, path: str, body: dict[str, str], block: dict[str, str]
) -> None:
    status, answer = await send_order(
        client, f"/api/alphaess/{path}", {"duration": 600} | body
    )
    assert status == HTTPStatus.OK
    assert answer["applied"] == {"action": "hold", "duration": 600} | block


@pytest.mark.parametrize("path", ["stop", "normal"])
async def test_stop_needs_no_body_and_no_dispatch(client: Client, path: str) -> None:
    await send_order(client, CHARGE_PATH, ORDER)
    for _ in range(2):
        answer = await client.post(f"/api/alphaess/{path}")
        assert answer.status == HTTPStatus.OK
        assert (await answer.json())["verified"] is True
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    assert (state["active"], state["mode"]) == (False, "none")


GRID_TARGET_PATH = "/api/alphaess/grid-target"
GRID_TARGET = {
    "power": -500,
    "limit": True,
    "minSoc": 20,
    "maxSoc": 90,
    "maxPower": 3000,
}


async def test_grid_target_is_verified_and_shown(client: Client, home: House) -> None:
    body = GRID_TARGET | {"duration": 3600}
    status, answer = await send_order(client, GRID_TARGET_PATH, body)
    assert status == HTTPStatus.OK
    check(GRID_TARGET_PATH, "post", status=status, body=answer)
    assert answer["applied"] == {"action": "hold_grid"} | body
    assert answer["mode"] == "holding_grid"
    assert answer["warnings"][0]["code"] == "feed_in_limit"
    assert len(home.inverter.journal.written) == 1
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    check("/api/alphaess/dispatch-status", "get", status=200, body=state)
    assert state["gridTarget"] == GRID_TARGET
    assert state["controlledBy"] == "alphaess_live"
    assert state["duration"] == 3600
    assert 3590 <= state["remaining"] <= 3600
    await client.post("/api/alphaess/stop")
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    assert state["gridTarget"] is None
    logged = await (await client.get("/api/history/dispatch")).json()
    check("/api/history/dispatch", "get", status=200, body=logged)
    assert logged["orders"][-1]["applied"] == {"action": "hold_grid"} | body
    assert logged["orders"][-1]["renewals"] == 0


async def test_grid_target_has_defaults(client: Client) -> None:
    body = {"power": 0, "duration": 600}
    status, answer = await send_order(client, GRID_TARGET_PATH, body)
    assert status == HTTPStatus.OK
    defaults = {"minSoc": 10, "maxSoc": 100, "maxPower": 8000, "limit": False}
    assert answer["requested"] == {"action": "hold_grid"} | body | defaults


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"power": None}, "power"),
        ({"power": "0"}, "power"),
        ({"power": -20_001}, "power"),
        ({"minSoc": 3}, "minSoc"),
        ({"minSoc": 90}, "minSoc"),
        ({"maxSoc": 101}, "maxSoc"),
        ({"maxSoc": True}, "maxSoc"),
        ({"maxPower": 0}, "maxPower"),
        ({"duration": 59}, "duration"),
        ({"limit": "yes"}, "limit"),
        ({"takeOver": 1}, "takeOver"),
    ],
)
async def test_grid_target_with_a_wrong_field_is_400_with_its_name(
    client: Client, home: House, change: dict[str, Any], field: str
) -> None:
    body = GRID_TARGET | {"duration": 3600} | change
    status, answer = await send_order(client, GRID_TARGET_PATH, body)
    assert (status, answer["field"]) == (HTTPStatus.BAD_REQUEST, field)
    check(GRID_TARGET_PATH, "post", status=status, body=answer)
    assert not home.inverter.journal.writes


async def test_grid_target_without_power_readings_is_400_for_the_power(
    client: Client, home: House
) -> None:
    snapshot = home.coordinator.latest
    assert snapshot
    home.coordinator.latest = replace(snapshot, grid=None)
    body = GRID_TARGET | {"duration": 3600}
    status, answer = await send_order(client, GRID_TARGET_PATH, body)
    assert (status, answer["field"]) == (HTTPStatus.BAD_REQUEST, "power")
    check(GRID_TARGET_PATH, "post", status=status, body=answer)


async def test_foreign_dispatch_is_kept_unless_taken_over(
    client: Client, home: House
) -> None:
    # Discharge at 500 W, as the vendor's app would write it.
    home.inverter.write_as_app(0x0880, 1, 0, 32500, 0, 32000, 2, 50, 0, 3600)
    await home.coordinator.refresh_all()
    status, answer = await send_order(client, CHARGE_PATH, ORDER)
    assert (status, answer["error"]) == (HTTPStatus.CONFLICT, "foreign_dispatch")
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    assert (state["controlledBy"], state["discharging"]) == ("other", True)
    assert (state["remaining"], state["expiresAt"]) == (None, None)
    status, _ = await send_order(client, CHARGE_PATH, ORDER | {"takeOver": True})
    assert status == HTTPStatus.OK


@pytest.mark.parametrize("options", [{"controls": False, "message_spacing": 0.05}])
async def test_disabled_controls_write_nothing(client: Client, home: House) -> None:
    for path, body in (
        ("charge", ORDER),
        ("discharge", ORDER),
        ("hold", {}),
        ("grid-target", {"power": 0, "duration": 600}),
        ("stop", {}),
    ):
        status, answer = await send_order(client, f"/api/alphaess/{path}", body)
        assert (status, answer["error"]) == (403, "control_not_permitted")
    assert not home.inverter.journal.writes


async def test_ignored_order_is_not_applied(client: Client, home: House) -> None:
    set_behaviour(home, ignores_writes=True)
    status, answer = await send_order(client, CHARGE_PATH, ORDER)
    assert (status, answer["error"]) == (HTTPStatus.BAD_GATEWAY, "not_applied")
    assert answer["requested"] == {"action": "charge", **ORDER}
    assert answer["applied"]["action"] == "stop"


async def test_write_without_answer_is_503(client: Client, home: House) -> None:
    set_behaviour(home, block_write=Reply.SILENT, single_write=Reply.SILENT)
    status, answer = await send_order(client, CHARGE_PATH, ORDER)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    check(CHARGE_PATH, "post", status=status, body=answer)
    assert answer["error"] == "outcome_unknown"
    assert answer["connected"] is home.coordinator.connection.connected


async def test_busy_inverter_is_503_and_connected(client: Client, home: House) -> None:
    set_behaviour(home, exception=6)
    status, answer = await send_order(client, CHARGE_PATH, ORDER)
    assert status == HTTPStatus.SERVICE_UNAVAILABLE
    check(CHARGE_PATH, "post", status=status, body=answer)
    assert (answer["error"], answer["connected"]) == ("no_answer", True)


@pytest.mark.parametrize("reply", [Reply.REFUSED, Reply.FAILED])
async def test_write_refused_with_an_exception_is_not_applied(
    client: Client, home: House, reply: Reply
) -> None:
    await send_order(client, CHARGE_PATH, ORDER)
    set_behaviour(home, block_write=reply, single_write=reply, block_write_of_one=reply)
    status, answer = await send_order(client, CHARGE_PATH, ORDER | {"power": 900})
    assert (status, answer["error"]) == (HTTPStatus.BAD_GATEWAY, "not_applied")
    check(CHARGE_PATH, "post", status=status, body=answer)
    assert answer["requested"]["power"] == 900
    assert answer["applied"]["power"] == 1500
    status, answer = await send_order(client, "/api/alphaess/stop")
    assert (status, answer["error"]) == (HTTPStatus.BAD_GATEWAY, "not_applied")
    assert answer["applied"]["power"] == 1500


async def test_order_clamped_to_no_power_is_not_applied(
    client: Client, home: House
) -> None:
    set_behaviour(home, power_limit=0)
    status, answer = await send_order(client, CHARGE_PATH, ORDER)
    assert (status, answer["error"]) == (HTTPStatus.BAD_GATEWAY, "not_applied")
    check(CHARGE_PATH, "post", status=status, body=answer)
    assert answer["applied"]["action"] == "hold"


@pytest.mark.parametrize(
    ("action", "reached"), [("charge", True), ("discharge", False)]
)
async def test_target_that_is_passed_already_is_reported(
    client: Client, action: str, *, reached: bool
) -> None:
    url = f"/api/alphaess/{action}"
    status, answer = await send_order(client, url, ORDER)
    check(url, "post", status=status, body=answer)
    assert answer["targetReached"] is reached
    state = await (await client.get("/api/alphaess/dispatch-status")).json()
    check("/api/alphaess/dispatch-status", "get", status=200, body=state)
    assert (state["targetReached"], state["charging"]) == (reached, reached)


@pytest.mark.parametrize(
    ("path", "body", "legacy"),
    [
        (
            "charge",
            {"watts": 1500, "targetSOC": 80, "durationHours": 1},
            {"mode": "charging", "watts": 1500, "targetSOC": 80, "duration": 3600},
        ),
        (
            "discharge",
            {"watts": 1500, "minimumSOC": 0, "durationHours": 1},
            {"mode": "discharging", "watts": 1500, "targetSOC": 4, "duration": 3600},
        ),
        ("hold", {"duration": 600}, {"mode": "holding", "duration": 600}),
        (
            "prevent-discharge",
            {"duration": 600},
            {"mode": "grid_discharge_prevented", "duration": 600},
        ),
        ("stop", {}, {"mode": "stopped"}),
    ],
)
async def test_response_repeats_its_values_under_legacy_names(
    client: Client, path: str, body: dict[str, Any], legacy: dict[str, Any]
) -> None:
    url = f"/api/alphaess/{path}"
    status, answer = await send_order(client, url, body)
    check(url, "post", status=status, body=answer)
    names = ("mode", "watts", "targetSOC", "duration")
    assert {name: answer[name] for name in names if name in answer} == legacy
    assert answer["success"] is True
    if "minimumSOC" in body:
        assert answer["requested"]["targetSoc"] == 0
        assert answer["applied"]["targetSoc"] == 4
