"""The command line of the simulator: its options, its output, and its end."""

import asyncio
import signal
import sys

import pytest

from custom_components.alphaess_live.alphaess.registers import Clock
from custom_components.alphaess_live.simulator import __main__ as command
from custom_components.alphaess_live.simulator.appliances import CAR
from custom_components.alphaess_live.simulator.models import AC_COUPLED
from custom_components.alphaess_live.simulator.sky import Day
from tests.simulator.moments import NOON

pytestmark = pytest.mark.usefixtures("socket_enabled")

NOW = NOON.replace(minute=15, microsecond=17)
PROGRAM = (sys.executable, "-m", "custom_components.alphaess_live.simulator")


def test_no_options_start_now_on_a_sunny_day() -> None:
    unit = command.build_unit(command.parse([]), NOW)
    assert unit.house.clock == NOW.replace(microsecond=0)
    assert unit.house.sky.day is Day.SUNNY
    assert unit.speed == 1


def test_wall_clock_option_is_independent_of_the_house_clock() -> None:
    arguments = command.parse(["--start", "04:00", "--wall-clock", "Europe/Berlin"])
    unit = command.build_unit(arguments, NOW)
    shown = Clock.decode(unit.words()).time
    assert shown is not None
    assert shown > NOW.replace(year=2026)
    unit.write_as_app(Clock.registers["time"].address, 0x1906, 0x0F0D, 0)
    assert Clock.decode(unit.words()).time == NOON.replace(
        year=2025, month=6, day=15, hour=13, minute=0
    )


@pytest.mark.parametrize(
    "words",
    [
        "--port 70000",
        "--port -1",
        "--unit 300",
        "--soc 101",
        "--speed -1",
        "--day wet",
        "--fault toaster_fault:3",
        "--fault battery_fault:32",
        "--fault battery_fault",
    ],
)
def test_invalid_option_exits_before_start(words: str) -> None:
    with pytest.raises(SystemExit):
        command.parse(words.split())


def test_each_option_is_applied() -> None:
    words = "--model ac_coupled --day winter --speed 60 --seed 3 --soc 77 --start 06:30 --car"
    unit = command.build_unit(command.parse(words.split()), NOW)
    assert unit.model.serial == AC_COUPLED.serial
    assert unit.house.equipment.appliances[-1] is CAR
    assert unit.house.clock == NOON.replace(hour=6, minute=30)
    assert (unit.house.sky.day, unit.house.seed, unit.speed) == (Day.WINTER, 3, 60)
    assert unit.house.battery.soc == pytest.approx(77)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_program_with_stop_signal_exits(
    number: signal.Signals,
) -> None:
    process = await asyncio.create_subprocess_exec(
        *PROGRAM, "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    port = int(line.rpartition(":")[2].partition(",")[0])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    process.send_signal(number)
    assert await process.wait() == 0
    writer.close()


async def test_program_prints_what_it_serves(
    capsys: pytest.CaptureFixture[str],
) -> None:
    running = asyncio.create_task(command.run(command.parse(["--port", "0"])))
    output = ""
    while not output:
        await asyncio.sleep(0)
        output = capsys.readouterr().out
    signal.raise_signal(signal.SIGTERM)
    await running
    assert output.startswith(
        "Simulated inverter AL7011025000001 (three_phase, sunny day"
    )


def test_unusable_address_exits_with_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["simulator", "--host", "192.0.2.1"])
    with pytest.raises(SystemExit, match=r"Cannot listen on 192\.0\.2\.1:5020"):
        command.main()
    assert capsys.readouterr().out == ""
