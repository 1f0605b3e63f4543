"""The demo's command line, configuration folder, state file and dashboard. The browser tests run the demo's parts."""

import asyncio
from asyncio import StreamWriter
import json
from pathlib import Path
import stat
import subprocess
import sys

import jwt
import pytest

from scripts.demo_run.config_folder import (
    LOOPBACK,
    REPOSITORY,
    write_config_folder,
)
from scripts.demo_run.dashboard import (
    DISPATCH_BUTTONS,
    build_dashboard,
    fingerprint,
)
from scripts.demo_run.options import Address, parse_options
from scripts.demo_run.processes import free_port, run_simulator
from scripts.demo_run.runner import DemoState


def entity(key: str, *, platform: str = "alphaess_live") -> dict[str, str | None]:
    return {
        "unique_id": f"AL70_{key}",
        "entity_id": f"sensor.{key}",
        "platform": platform,
        "disabled_by": None,
    }


def test_options_without_arguments_use_the_simulator_and_port_8123() -> None:
    options = parse_options([])
    assert options.port == 8123
    assert options.inverter is None
    assert not options.reset


@pytest.mark.parametrize(
    ("argument", "address"),
    [
        ("inverter.local", Address(host="inverter.local", port=502)),
        ("192.168.1.50:1502", Address(host="192.168.1.50", port=1502)),
    ],
)
def test_inverter_option_takes_a_host_with_or_without_port(
    argument: str, address: Address
) -> None:
    assert parse_options(["--inverter", argument]).inverter == address


def test_simulator_options_are_passed_to_the_simulator() -> None:
    options = parse_options(["--speed", "60", "--day", "cloudy", "--start", "07:00"])
    assert options.simulator_options == (
        "--speed=60.0",
        "--day=cloudy",
        "--start=07:00:00",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "0"],
        ["--port", "70000"],
        ["--inverter", ":502"],
        ["--inverter", "inverter.local:modbus"],
        ["--inverter", "inverter.local", "--speed", "60"],
        ["--speed", "fast"],
        ["--day", "foggy"],
        ["--model", "perpetual_motion"],
        ["--start", "noon"],
    ],
)
def test_invalid_options_print_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_options(arguments)
    assert "usage: ./scripts/demo" in capsys.readouterr().err


def test_token_is_signed_with_a_random_key_and_stays_the_same(
    tmp_path: Path,
) -> None:
    token = write_config_folder(tmp_path / "one", 8123)
    assert write_config_folder(tmp_path / "one", 8124) == token
    assert write_config_folder(tmp_path / "two", 8123) != token
    auth = json.loads((tmp_path / "one/.storage/auth").read_text("utf-8"))["data"]
    [refresh_token] = auth["refresh_tokens"]
    claims = jwt.decode(token, refresh_token["jwt_key"], algorithms=["HS256"])
    assert claims["iss"] == refresh_token["id"]


def test_auth_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    write_config_folder(tmp_path, 8123)
    mode = (tmp_path / ".storage/auth").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_home_assistant_listens_on_the_loopback_address_only(tmp_path: Path) -> None:
    write_config_folder(tmp_path, 8200)
    stored = json.loads((tmp_path / ".storage/http").read_text("utf-8"))
    assert stored["data"]["stable"]["server_host"] == ["127.0.0.1"]
    assert stored["data"]["stable"]["server_port"] == 8200


def test_config_folder_links_to_this_repositorys_integration(tmp_path: Path) -> None:
    write_config_folder(tmp_path, 8123)
    repository = REPOSITORY / "custom_components"
    assert (tmp_path / "custom_components").resolve() == repository


def test_demo_state_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    assert DemoState.read(path) == DemoState()
    written = DemoState().write(path, simulator_port=5020)
    assert DemoState.read(path) == written


def test_dashboard_contains_existing_entities_of_this_integration_only() -> None:
    dashboard = build_dashboard(
        [
            entity("battery_soc"),
            entity("pv_power"),
            entity("grid_power", platform="other"),
        ]
    )
    text = json.dumps(dashboard)
    assert "sensor.battery_soc" in text
    assert "sensor.pv_power" in text
    assert "sensor.grid_power" not in text


def test_buttons_of_the_dashboard_press_their_entity() -> None:
    keys = ("battery_soc", *(key for key, _, _ in DISPATCH_BUTTONS))
    found = [entity(key) for key in keys]
    [view] = build_dashboard(found)["views"]
    cards = [card for section in view["sections"] for card in section["cards"]]
    buttons = [card for card in cards if card["type"] == "button"]
    assert len(buttons) == len(DISPATCH_BUTTONS)
    for card in buttons:
        # By default, a card of a button entity only shows its details.
        assert card["tap_action"] == {
            "action": "perform-action",
            "perform_action": "button.press",
            "target": {"entity_id": card["entity"]},
        }


def test_different_dashboards_have_different_fingerprints() -> None:
    small = build_dashboard([entity("battery_soc")])
    large = build_dashboard([entity("battery_soc"), entity("pv_power")])
    assert fingerprint(small) == fingerprint(build_dashboard([entity("battery_soc")]))
    assert fingerprint(small) != fingerprint(large)


@pytest.mark.usefixtures("socket_enabled")
async def test_simulator_start_is_seen_while_a_client_keeps_its_only_connection(
    tmp_path: Path,
) -> None:
    port = free_port(LOOPBACK)
    client = asyncio.create_task(connect_as_soon_as_possible(port))
    async with asyncio.timeout(30):
        async with run_simulator(port, (), log=tmp_path / "simulator.log"):
            writer = await client
            assert not writer.is_closing()
        writer.close()


def test_simulator_of_the_demo_does_not_import_home_assistant() -> None:
    program = (
        "import runpy, sys\n"
        "sys.argv[1:] = ['--help']\n"
        "try:\n"
        "    runpy.run_module('scripts.demo_run.simulator', run_name='__main__')\n"
        "except SystemExit:\n"
        "    print('homeassistant' in sys.modules)\n"
    )
    done = subprocess.run(  # noqa: S603 - a fixed command
        [sys.executable, "-c", program],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("usage:")
    assert done.stdout.endswith("False\n")


async def connect_as_soon_as_possible(port: int) -> StreamWriter:
    """Connect as Home Assistant may: before anything else that waits for the port."""
    while True:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            await asyncio.sleep(0)
        else:
            return writer
