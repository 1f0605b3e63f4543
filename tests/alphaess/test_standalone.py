"""The protocol package alone: a program without Home Assistant imports it and reads an inverter."""

import json
from pathlib import Path
import subprocess
import sys

import modbus_connection

from custom_components.alphaess_live import alphaess

from .units import THREE_PHASE

PROGRAM = """\
import asyncio
from importlib import import_module
import json
import pkgutil
import sys

folder, image = sys.argv[1:]
sys.path.insert(0, folder)


class NoHomeAssistant:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("homeassistant", "custom_components"):
            raise ImportError(f"{name} must not be imported")


sys.meta_path.insert(0, NoHomeAssistant())

import alphaess
from alphaess.identity import identify
from alphaess.inverter import Inverter

for module in pkgutil.walk_packages(alphaess.__path__, "alphaess."):
    import_module(module.name)

words = {int(address): word for address, word in json.load(open(image)).items()}


class FakeUnit:
    async def read_holding_registers(self, address, count):
        return [words.get(each, 0) for each in range(address, address + count)]


snapshot = asyncio.run(Inverter(FakeUnit()).read())
packages = {name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names
print(json.dumps({
    "load": snapshot.power.load,
    "firmware": identify(snapshot).firmware,
    "packages": sorted(packages - {"__main__"}),
}))
"""


def test_package_alone_reads_a_snapshot_without_home_assistant(tmp_path: Path) -> None:
    for package in (alphaess, modbus_connection):
        folder = Path(str(package.__file__)).parent
        (tmp_path / folder.name).symlink_to(folder)
    image, program = tmp_path / "image.json", tmp_path / "program.py"
    image.write_text(json.dumps(THREE_PHASE), "utf-8")
    program.write_text(PROGRAM, "utf-8")
    # -I: no PYTHONPATH and no folder of the program; -S: no site packages.
    command = [sys.executable, "-I", "-S", str(program), str(tmp_path), str(image)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "load": 2100,
        "firmware": "1.0.23R1",
        "packages": ["alphaess", "modbus_connection"],
    }
