"""The recipes of docs/house.md ("Adding a thing"), each carried out on a copy of the tree."""

import json
from pathlib import Path
import re
from typing import Any

import pytest

from .conftest import HAS_PLUGIN
from .repository_copy import PACKAGE, ROOT, Tree

CARRIED_OUT = {
    "A register and its sensor": "test_recipes.py::test_register_recipe",
    "A block of registers": "test_recipes.py::test_block_recipe",
    "A fault or warning bit": "test_recipes.py::test_fault_bit_recipe",
    "A scale that differs by model": "test_recipes.py::test_scale_recipe",
    "Another register map": "integration/test_register_map.py::test_entry",
    "An action": "test_recipes.py::test_action_recipe",
    "A REST endpoint": "test_recipes.py::test_rest_endpoint_recipe",
    "A message on the feed": "test_recipes.py::test_feed_message_recipe",
    "A device as a test": "test_recipes.py::test_device_recipe",
}
"""The test of each recipe: a file, and the beginning of its name."""
CARRIED_OUT_BY_THE_CARDS = {
    "An element of the card": "element-recipe.test.ts",
}
"""The test of each recipe in TypeScript: a file of `frontend/test/` that names the recipe."""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Copy the repository."""
    return Tree(tmp_path)


pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(not HAS_PLUGIN, reason="the copies are tested with the plugin"),
]

READ_DEMO = """\
import asyncio
from datetime import datetime
import json

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.simulator.demo import demo_unit

snapshot = asyncio.run(Inverter(demo_unit(datetime.now)).read())
print(json.dumps({one.key: one.of(snapshot) for one in READINGS}, default=str))
"""


def test_recipe_of_the_page_is_carried_out_by_a_test() -> None:
    page = (ROOT / "docs" / "house.md").read_text("utf-8")
    recipes = page.partition("## Adding a thing")[2].partition("\n## ")[0]
    titles = set(re.findall(r"^### (.*)$", recipes, re.MULTILINE))
    assert titles == CARRIED_OUT.keys() | CARRIED_OUT_BY_THE_CARDS.keys()
    for place in CARRIED_OUT.values():
        file, name = place.split("::")
        assert f"def {name}" in (ROOT / "tests" / file).read_text("utf-8"), place
    for title, file in CARRIED_OUT_BY_THE_CARDS.items():
        assert title in (ROOT / "frontend" / "test" / file).read_text("utf-8")


def test_register_recipe_gives_a_sensor_with_a_name(tree: Tree) -> None:
    tree.insert(
        f"{PACKAGE}/alphaess/registers/system.py",
        "    hardware_revision: float = number(0x0753)\n",
        after="version_suffix: str",
    )

    def add_name(texts: Any, language: str) -> None:
        name = {"name": f"Hardware revision ({language})"}
        texts["entity"]["sensor"]["ems_hardware_revision"] = name

    before = tree.try_test("tests/test_translations.py", "-k", "entity_has_name")
    tree.translate(add_name)
    values = tree.evaluate(READ_DEMO)
    assert values["ems_hardware_revision"] == 0
    assert values["ems_version_suffix"] == "R1"
    assert not before[1], "a sensor without a name must be reported"
    tree.test("tests/test_translations.py", "tests/alphaess/registers/test_spans.py")


def test_register_recipe_names_the_devices_that_refuse_the_block(tree: Tree) -> None:
    tree.insert(
        f"{PACKAGE}/alphaess/registers/battery.py",
        "    heater: float = number(0x0149)\n",
        after="cut_error: float",
    )
    values = tree.evaluate(READ_DEMO)
    assert values["battery_heater"] == 0
    assert values["battery_soc"] > 0
    report, passed = tree.try_test("tests/alphaess/registers/test_spans.py")
    assert not passed
    assert "smile_b3 would refuse the whole block Battery" in report
    assert "the model ac_coupled would refuse the whole block Battery" in report
    assert "Put the new register into a block of its own." in report


NEW_BLOCK = """

class Hardware(Block, name="hardware", slow=True):
    \"\"\"The hardware.\"\"\"

    revision: float = number(0x0754)
"""


def test_block_recipe_gives_a_sensor_with_a_name(tree: Tree) -> None:
    registers = f"{PACKAGE}/alphaess/registers"
    tree.append(f"{registers}/system.py", NEW_BLOCK)
    for before in (
        "    InverterVersions,\n    System,",
        "    Clock,\n    System,\n    Sys",
    ):
        tree.replace(f"{registers}/__init__.py", before, f"    Hardware,\n{before}")
    tree.insert(f"{registers}/__init__.py", '    "Hardware",\n', after='"GridSupport"')
    without_field = tree.run("-c", READ_DEMO)
    assert "Snapshot needs a field for each block: hardware" in without_field.stderr
    tree.insert(
        f"{PACKAGE}/alphaess/snapshot.py",
        "    hardware: registers.Hardware | None = None\n",
        after="echonet: registers",
    )
    tree.translate(
        lambda texts, language: texts["entity"]["sensor"].update(
            hardware_revision={"name": f"Hardware revision ({language})"}
        )
    )
    assert tree.evaluate(READ_DEMO)["hardware_revision"] == 0
    tree.test(
        "tests/test_translations.py",
        "tests/alphaess/registers",
        "tests/alphaess/test_snapshot.py",
        "tests/alphaess/test_inverter_requests.py",
        "tests/simulator/test_register_encoder.py",
    )


def test_fault_bit_recipe_gives_a_fault_with_texts(tree: Tree) -> None:
    tree.insert(
        f"{PACKAGE}/alphaess/faults/system_faults.py",
        '    17: "EMS fan stopped",\n',
        after='16: "Inverter type not set"',
    )
    tree.translate(
        lambda texts, language: texts["entity"]["sensor"]["faults"]["state"].update(
            ems_fan_stopped="EMS fan stopped"
            + ("" if language == "en" else f" ({language})")
        )
    )
    for family in ("EMS_2_5", "EMS_3_5"):
        old = f'("system_fault", Family.{family}): {{*range(17)}}'
        new = old.replace("range(17)", "range(18)")
        tree.replace("tests/documented_fault_bits.py", old, new)
    tree.test("tests/test_fault_translations.py")


DETECT_SCALE = """\
import json

from custom_components.alphaess_live.alphaess.registers import Battery
from custom_components.alphaess_live.alphaess.scale_detection import ScaleDetector

words = dict.fromkeys(Battery.addresses(), 0) | {0x0100: 20480}
detector = ScaleDetector()
voltages = []
for at in (0, 30, 60):
    profile = detector.update(words, at=at)
    voltages.append(Battery.decode(words, profile).voltage)
print(json.dumps([[variant.name for variant in profile.confirmed], voltages]))
"""


def test_scale_recipe_detects_the_new_scale(tree: Tree) -> None:
    scales = f"{PACKAGE}/alphaess/scales.py"
    battery = f"{PACKAGE}/alphaess/registers/battery.py"
    evidence = f"{PACKAGE}/alphaess/scale_evidence.py"
    tree.insert(
        scales,
        "PACK_VOLTAGE = ScaleVariant(\n"
        '    "pack_voltage", default=0.1, alternative=0.01, least=30, most=1000\n'
        ")\n"
        '"""Battery voltage: 0.01 V on a model of this test."""\n',
        after='"""Discharge floor and charge target of the periods',
    )
    tree.insert(scales, "    PACK_VOLTAGE,\n", after="VARIANTS = (")
    tree.replace(battery, "import CELL_VOLTAGE", "import CELL_VOLTAGE, PACK_VOLTAGE")
    old = "number(0x0100, Q.VOLTAGE, scale=0.1)"
    tree.replace(battery, old, old.replace("0.1", "PACK_VOLTAGE"))
    tree.insert(evidence, "    PACK_VOLTAGE,\n", after="INVERTER_TEMPERATURE,")
    tree.insert(
        evidence,
        "\n\ndef _pack_voltage(words: Words) -> Evidence | None:\n"
        '    """Return the only scale with the voltage of a battery."""\n'
        '    [raw] = words.raw("battery", "voltage")\n'
        "    return one_of(default=400 <= raw <= 9000, alternative=10000 < raw <= 60000)\n"
        "\n\n",
        after="DEFAULT, ALTERNATIVE =",
    )
    tree.insert(
        evidence,
        "    (PACK_VOLTAGE, lambda: _pack_voltage),\n",
        after="RULES: tuple",
    )
    assert tree.evaluate(DETECT_SCALE) == [["pack_voltage"], [None, None, 204.8]]
    tree.test("tests/alphaess/test_scale_detection.py", "-k", "variant or standard")


def test_action_recipe_gives_an_action_with_texts(tree: Tree) -> None:
    tree.insert(
        f"{PACKAGE}/services.py",
        '    ("read_again", partial(_for_each, _refresh), _INVERTERS, SupportsResponse.OPTIONAL),\n',
        after="ACTIONS = (",
    )
    tree.append(
        f"{PACKAGE}/services.yaml",
        "read_again:\n  target: *target\n  fields:\n    config_entry_id: *which\n",
    )
    tree.edit_json(
        f"{PACKAGE}/icons.json",
        lambda icons: icons["services"].update(read_again={"service": "mdi:reload"}),
    )

    def add_texts(texts: Any, language: str) -> None:
        field = {"name": f"Inverter ({language})", "description": "An inverter."}
        texts["services"]["read_again"] = {
            "name": f"Read again ({language})",
            "description": "Reads all values.",
            "fields": {"config_entry_id": field},
        }

    tree.translate(add_texts)
    tree.test("tests/test_actions_and_icons.py", "tests/test_translations.py")


def test_rest_endpoint_recipe_gives_an_endpoint_that_answers(tree: Tree) -> None:
    rest = f"{PACKAGE}/web/rest.py"
    tree.insert(rest, "    SerialView,\n", after="VIEWS: tuple")
    view = (
        "class SerialView(ApiView):\n"
        '    """The serial number."""\n\n'
        '    path = "/api/alphaess/serial"\n\n'
        "    @override\n"
        "    async def handle(self, request: ApiRequest) -> Json:\n"
        '        return {"serial": request.inverter.identity.serial}\n\n\n'
    )
    tree.replace(rest, "VIEWS: tuple", f"{view}VIEWS: tuple")
    first = "  /api/alphaess/dispatch-status:\n"
    described = (
        "  /api/alphaess/serial:\n"
        "    get:\n"
        "      operationId: serialNumber\n"
        "      summary: The serial number.\n"
        '      parameters: [{ $ref: "#/components/parameters/serial" }]\n'
        "      responses:\n"
        '        "200": { description: Answered. }\n'
    )
    tree.replace("docs/openapi.yaml", first, described + first)
    tree.write(
        "tests/integration/web/test_recipe.py",
        "from ..conftest import House\n"
        "from .conftest import Client\n\n\n"
        "async def test_endpoint(home: House, client: Client) -> None:\n"
        '    response = await client.get("/api/alphaess/serial")\n'
        '    assert await response.json() == {"serial": home.identity.serial}\n',
    )
    tree.test("tests/integration/web/test_recipe.py")
    tree.test(
        "tests/integration/web/test_openapi.py", "-k", "documented_paths or valid"
    )


def test_feed_message_recipe_gives_a_message_on_the_feed(tree: Tree) -> None:
    tree.append(
        f"{PACKAGE}/feed/messages.py",
        "\n\n@dataclass(frozen=True, kw_only=True)\n"
        "class RefreshRequested:\n"
        '    """A client has requested a full snapshot."""\n\n'
        "    reason: str\n\n"
        '    type = "refresh_requested"\n\n'
        "    @property\n"
        "    def fields(self) -> dict[str, Any]:\n"
        '        """The reason."""\n'
        '        return {"reason": self.reason}\n',
    )
    coordinator = f"{PACKAGE}/coordinator.py"
    tree.insert(
        coordinator,
        "from .feed.messages import RefreshRequested\n",
        after="from .feed.feed import",
    )
    anchor = "        self._next_snapshot = 0.0\n        await "
    publish = '        self.feed.publish(RefreshRequested(reason="test"))\n'
    tree.replace(coordinator, anchor, publish + anchor)
    tree.write(
        "tests/integration/test_recipe.py",
        "from .conftest import House\n\n\n"
        "async def test_message(live_house: House) -> None:\n"
        "    received = []\n"
        "    live_house.coordinator.feed.subscribe(received.append)\n"
        "    await live_house.coordinator.refresh_all()\n"
        '    assert b\'"reason":"test"\' in received[0].encoded\n',
    )
    tree.test("tests/integration/test_recipe.py")


def test_device_recipe_includes_the_device_in_the_tests(tree: Tree) -> None:
    images = tree.folder / "tests/images"
    image = json.loads((images / "smile_b3.json").read_text("utf-8"))
    image["origin"] = "synthesised"
    image["display"]["battery_soc"] = 50.0
    image["holding"][str(0x0102)] = 500
    tree.write("tests/images/neighbour.json", json.dumps(image))
    tree.insert(
        "tests/devices.py",
        '    "neighbour": lambda: replay(RECORDED_WORDS["neighbour"]),\n',
        after="DEVICES: dict",
    )
    report = tree.test(
        "tests/alphaess/registers/test_recorded_images.py",
        "tests/alphaess/test_inverter_requests.py",
        "-k",
        "neighbour",
    )
    assert re.search(r"\b[5-9] passed", report), report
