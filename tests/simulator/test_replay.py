"""Recorded register images: replayed word by word, and read only."""

import json
from pathlib import Path

from modbus_connection import IllegalDataAddressError
import pytest

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers.register import Quantity
from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.diagnostics import redact_image
from custom_components.alphaess_live.simulator import __main__ as command
from custom_components.alphaess_live.simulator.replay import (
    InvalidImageError,
    load,
    replay,
)
from tests.alphaess.units import read_totals, scales_of
from tests.images import IMAGES, Image
from tests.simulator.moments import NOON

FOLDER = Path(command.__file__).parents[3] / "tests" / "images"
COMPLETE = [image for image in IMAGES if "ems_serial" in image.display]


@pytest.mark.parametrize("image", COMPLETE, ids=lambda image: image.name)
async def test_replayed_image_gives_the_recorded_display_values(image: Image) -> None:
    unit = replay(load(FOLDER / f"{image.name}.json"))
    snapshot = await read_totals(Inverter(unit, scales_of(unit.words())))
    values = {reading.key: reading.of(snapshot) for reading in READINGS}
    # A counter that reads 0 is unknown until it has done so for some time.
    energies = {one.key for one in READINGS if one.quantity is Quantity.ENERGY}
    display = {
        key: None if key in energies and not value else value
        for key, value in image.display.items()
    }
    assert {key: values[key] for key in image.display} == display


async def test_image_of_a_replay_replays_the_same(tmp_path: Path) -> None:
    first = Inverter(replay(IMAGES[0].holding))
    snapshot = await first.read()
    path = tmp_path / "diagnostics.json"
    words = {str(at): word for at, word in redact_image(first.image).items()}
    path.write_text(json.dumps({"data": {"image": {"holding": words}}}))
    second = Inverter(replay(load(path)))
    repeated = await second.read()
    assert repeated.grid == snapshot.grid
    assert repeated.battery == snapshot.battery
    assert second.served_blocks == first.served_blocks


async def test_address_missing_in_the_image_is_refused() -> None:
    unit = replay({0x0102: 736, 0x0200: 3, 0x0209: 4})
    assert await unit.read_holding_registers(0x0100, 3) == [0, 0, 736]
    assert await unit.read_holding_registers(0x0200, 10) == [3, *[0] * 8, 4]
    for address in (0x0131, 0x01FF, 0x020A):
        with pytest.raises(IllegalDataAddressError):
            await unit.read_holding_registers(address, 1)


async def test_write_to_a_replayed_image_is_refused() -> None:
    unit = replay(IMAGES[0].holding)
    before = await unit.read_holding_registers(0x0880, 9)
    with pytest.raises(IllegalDataAddressError):
        await unit.write_registers(0x0880, [1] * 9)
    with pytest.raises(IllegalDataAddressError):
        await unit.write_register(0x0880, 1)
    assert await unit.read_holding_registers(0x0880, 9) == before


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"data": {}}',
        '{"holding": {}}',
        '{"holding": 3}',
        '{"holding": {"x": 1}}',
        '{"holding": {"1": null}}',
        '{"holding": {"1": 70000}}',
    ],
)
def test_file_without_an_image_exits_with_one_line(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "file.json"
    path.write_text(content)
    with pytest.raises(InvalidImageError):
        load(path)
    with pytest.raises(SystemExit):
        command.parse(["--image", str(path)])
    assert "contains no register image" in capsys.readouterr().err


def test_hexadecimal_addresses_are_loaded(tmp_path: Path) -> None:
    path = tmp_path / "image.json"
    path.write_text('{"holding": {"0x0102": 736}}')
    assert load(path) == {0x0102: 736}


def test_image_option_replays_the_image() -> None:
    arguments = command.parse(["--image", str(FOLDER / f"{COMPLETE[0].name}.json")])
    unit = command.build_unit(arguments, NOON)
    assert unit.model.serial == COMPLETE[0].display["ems_serial"]
    assert unit.words()[0x0102] == COMPLETE[0].holding[0x0102]
