"""What the demo makes of a command line and of an empty folder; that it lives is for the browser tests."""

import asyncio
from asyncio import StreamWriter
import json
from pathlib import Path
import stat

import jwt
import pytest

from scripts.demo_home.dashboard import compose, fingerprint
from scripts.demo_home.folder import LOOPBACK, REPOSITORY, lay_out
from scripts.demo_home.notes import Notes
from scripts.demo_home.options import Address, read_options
from scripts.demo_home.processes import free_port
from scripts.demo_home.programs import imagined_house


def entity(key: str, *, platform: str = "alphaess_live") -> dict[str, str | None]:
    return {
        "unique_id": f"AL70_{key}",
        "entity_id": f"sensor.{key}",
        "platform": platform,
        "disabled_by": None,
    }


def test_without_a_wish_there_is_an_imagined_house_on_home_assistants_port() -> None:
    options = read_options([])
    assert options.port == 8123
    assert options.inverter is None
    assert not options.reset


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("inverter.local", Address(host="inverter.local", port=502)),
        ("192.168.1.50:1502", Address(host="192.168.1.50", port=1502)),
    ],
)
def test_a_real_inverter_is_a_host_with_or_without_a_port(
    typed: str, meant: Address
) -> None:
    assert read_options(["--inverter", typed]).inverter == meant


def test_what_is_wished_of_the_house_reaches_the_simulator() -> None:
    options = read_options(["--speed", "60", "--day", "cloudy", "--start", "07:00"])
    assert options.house == ("--speed=60.0", "--day=cloudy", "--start=07:00:00")


@pytest.mark.parametrize(
    "nonsense",
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
def test_nonsense_ends_with_the_usage(
    nonsense: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        read_options(nonsense)
    assert "usage: ./scripts/demo" in capsys.readouterr().err


def test_the_token_is_signed_with_a_key_of_its_own_and_stays_the_same(
    tmp_path: Path,
) -> None:
    token = lay_out(tmp_path / "one", 8123)
    assert lay_out(tmp_path / "one", 8124) == token
    assert lay_out(tmp_path / "two", 8123) != token
    auth = json.loads((tmp_path / "one/.storage/auth").read_text("utf-8"))["data"]
    [ours] = auth["refresh_tokens"]
    claims = jwt.decode(token, ours["jwt_key"], algorithms=["HS256"])
    assert claims["iss"] == ours["id"]


def test_nobody_else_on_this_computer_can_read_the_keys(tmp_path: Path) -> None:
    lay_out(tmp_path, 8123)
    mode = (tmp_path / ".storage/auth").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_home_assistant_listens_on_this_computer_alone(tmp_path: Path) -> None:
    lay_out(tmp_path, 8200)
    stored = json.loads((tmp_path / ".storage/http").read_text("utf-8"))
    assert stored["data"]["stable"]["server_host"] == ["127.0.0.1"]
    assert stored["data"]["stable"]["server_port"] == 8200


def test_the_integration_is_the_one_of_this_repository(tmp_path: Path) -> None:
    lay_out(tmp_path, 8123)
    ours = REPOSITORY / "custom_components"
    assert (tmp_path / "custom_components").resolve() == ours


def test_notes_are_found_again(tmp_path: Path) -> None:
    page = tmp_path / "notes.json"
    assert Notes.read(page) == Notes()
    written = Notes().write(page, simulator_port=5020)
    assert Notes.read(page) == written


def test_the_dashboard_shows_what_there_is_and_nothing_of_others() -> None:
    dashboard = compose(
        [
            entity("battery_soc"),
            entity("pv_power"),
            entity("grid_power", platform="other"),
        ]
    )
    told = json.dumps(dashboard)
    assert "sensor.battery_soc" in told
    assert "sensor.pv_power" in told
    assert "sensor.grid_power" not in told


def test_another_dashboard_has_another_fingerprint() -> None:
    small = compose([entity("battery_soc")])
    large = compose([entity("battery_soc"), entity("pv_power")])
    assert fingerprint(small) == fingerprint(compose([entity("battery_soc")]))
    assert fingerprint(small) != fingerprint(large)


@pytest.mark.usefixtures("socket_enabled")
async def test_simulator_start_is_seen_while_a_client_keeps_its_only_connection(
    tmp_path: Path,
) -> None:
    port = free_port(LOOPBACK)
    client = asyncio.create_task(connect_as_soon_as_possible(port))
    async with asyncio.timeout(30):
        async with imagined_house(port, (), log=tmp_path / "simulator.log"):
            writer = await client
            assert not writer.is_closing()
        writer.close()


async def connect_as_soon_as_possible(port: int) -> StreamWriter:
    """Connect as Home Assistant may: before anything else that waits for the port."""
    while True:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            await asyncio.sleep(0)
        else:
            return writer
