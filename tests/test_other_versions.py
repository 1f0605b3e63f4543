"""Other versions of Home Assistant: the requirements of their tests, and what differs between them."""

import json
from pathlib import Path
import re
import subprocess
import sys
from types import SimpleNamespace

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import restore_state
from homeassistant.helpers.restore_state import StoredState
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.storage import forget_stored_state, stored_state
from scripts.demo_run.home_assistant import (
    VOICE_CLASSES,
    VoicePackageError,
    replace_voice_packages,
)
from scripts.other_requirements import adapt, read_pins

ROOT = Path(__file__).parent.parent
REQUIREMENTS = [
    "# A comment.",
    "",
    "pytest-homeassistant-custom-component==0.13.375",
    "modbus-connection[pymodbus,tmodbus]==4.12.4",
    "PyTurboJPEG==1.8.3",
    "ruff",
]


@pytest.fixture
def home_assistant_folder(tmp_path: Path) -> Path:
    """Return a folder with the pins of an imagined Home Assistant."""
    component = tmp_path / "components" / "camera"
    component.mkdir(parents=True)
    manifest = {"domain": "camera", "requirements": ["PyTurboJPEG==2.0.0"]}
    (component / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    constraints = "# Why\nmodbus_connection[tmodbus]==5.0.0\nhttpx>=0.28\n"
    (tmp_path / "package_constraints.txt").write_text(constraints, "utf-8")
    return tmp_path


def test_read_pins_finds_constraints_and_manifests(home_assistant_folder: Path) -> None:
    assert read_pins(home_assistant_folder) == {
        "modbus-connection": "5.0.0",
        "pyturbojpeg": "2.0.0",
    }


def test_adapt_with_plugin_leaves_its_version_to_the_resolver() -> None:
    pins = {"homeassistant": "2030.1.0", "modbus-connection": "5.0.0"}
    assert list(adapt(REQUIREMENTS, pins, plugin=True)) == [
        "homeassistant==2030.1.0",
        "pytest-homeassistant-custom-component>=0.13",
        "modbus-connection[pymodbus,tmodbus]==5.0.0",
        "PyTurboJPEG==1.8.3",
        "ruff",
    ]


def test_adapt_without_plugin_omits_it_and_opens_empty_pins() -> None:
    pins = {"homeassistant": "2030.1.0", "pyturbojpeg": ""}
    assert list(adapt(REQUIREMENTS, pins, plugin=False)) == [
        "homeassistant==2030.1.0",
        "modbus-connection[pymodbus,tmodbus]==4.12.4",
        "PyTurboJPEG",
        "ruff",
    ]


def test_home_assistants_voice_assistant_is_importable_without_its_packages() -> None:
    program = (
        "from scripts.demo_run.home_assistant import replace_voice_packages\n"
        "replace_voice_packages()\n"
        "import homeassistant.components.assist_satellite"
    )
    command = (sys.executable, "-c", program)
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - a fixed command


@pytest.mark.parametrize(("module", "name"), VOICE_CLASSES.items())
def test_replaced_voice_class_raises_when_used(
    module: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    replace_voice_packages()
    with pytest.raises(VoicePackageError):
        getattr(sys.modules[module], name)()


def test_every_installation_by_a_script_refuses_to_compile() -> None:
    scripts = [
        path.read_text("utf-8").replace("\\\n", " ")
        for path in (ROOT / "scripts").iterdir()
        if path.is_file()
    ]
    commands = [
        line
        for text in scripts
        for line in text.splitlines()
        if re.search(r"pip (sync|install|compile) --quiet", line)
    ]
    assert len(commands) > 5
    assert [
        line
        for line in commands
        if '"${wheels_only[@]}"' not in line and "--only-binary :all:" not in line
    ] == []


def test_no_voice_package_is_locked() -> None:
    lock = (ROOT / "requirements" / "test.txt").read_text("utf-8")
    assert "pymicro" not in lock
    assert "pyspeex" not in lock


async def test_stored_state_is_found_in_the_forms_of_both_versions(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = StoredState(State("sensor.a", "1"), None, dt_util.utcnow())
    by_id = {"sensor.a": stored}
    before_2026_11 = SimpleNamespace(last_states=by_id)
    since_2026_11 = SimpleNamespace(async_get_stored_state=by_id.get)
    for states in (since_2026_11, before_2026_11):
        monkeypatch.setattr(restore_state, "async_get", lambda _, one=states: one)
        assert stored_state(hass, "sensor.a") is stored
        assert stored_state(hass, "sensor.b") is None
        forget_stored_state(hass, "sensor.a")
    assert stored_state(hass, "sensor.a") is None
