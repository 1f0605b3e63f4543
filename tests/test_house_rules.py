"""The layering rule, and that what is told twice is told alike."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import subprocess
import sys

import pytest

from custom_components.alphaess_live.alphaess.datasheet import BLOCKS
from custom_components.alphaess_live.alphaess.group import Group
from custom_components.alphaess_live.alphaess.snapshot import READINGS

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "custom_components" / "alphaess_live"
PACKAGE = "custom_components.alphaess_live"

HASS = {"homeassistant", "probatio"}
PURE = {"alphaess", "connection", "consumption", "feed", "pace", "const", "reporter"}
PURE |= {"wording"}
LINK = {
    "carrier",
    "door",
    "forms",
    "frames",
    "hush",
    "host",
    "knock",
    "link",
    "options_flow",
}
LINK |= {"probe", "shared", "waiting", "wire"}
COORDINATOR = PURE | {"link", "recognition", "coordinator", "soon"} | HASS
DISPATCH = COORDINATOR | {
    "border",
    "control",
    "dispatch_status",
    "lease",
    "permission",
    "terms",
    "turn",
    "wish",
}

MAY_IMPORT: dict[str, set[str]] = {
    # Floor 1: the protocol, and the house imagined around it.
    "alphaess": {"alphaess", "modbus_connection"},
    "simulator": {"simulator", "alphaess", "modbus_connection"},
    "simulator/server.py": {"simulator", "alphaess", "modbus_connection", "pymodbus"},
    # Floor 2, pure: neither Home Assistant nor aiohttp.
    "const.py": set(),
    "pace.py": {"const"},
    "connection.py": {"alphaess"},
    "consumption.py": set(),
    "day_count.py": set(),
    "wording.py": {"connection"},
    "feed.py": {"alphaess", "connection", "wording"},
    "reporter.py": {"alphaess", "connection", "feed", "pace"},
    # Floor 2: the link and the way to it.
    "frames.py": set(),
    "hush.py": set(),
    "host.py": set(),
    "knock.py": {"alphaess"},
    "waiting.py": {"hush", "modbus_connection"},
    "carrier.py": {"alphaess", "frames", "knock", "modbus_connection", "pymodbus"},
    "gate.py": {"alphaess", "carrier", "pace", "pymodbus"},
    "wire.py": {"carrier", "gate", "waiting", "modbus_connection", "pymodbus"},
    "calling.py": {"carrier", "knock", "pace", "modbus_connection"},
    "shared.py": {"alphaess", "calling", "carrier", "knock", "simulator", "waiting"}
    | {"modbus_connection"}
    | HASS,
    "link.py": {"alphaess"}
    | {
        "carrier",
        "const",
        "pace",
        "shared",
        "simulator",
        "wire",
        "modbus_connection",
    }
    | HASS,
    "forms.py": {"const", "host", "link", "probe"} | HASS,
    "probe.py": {"alphaess", "knock", "link", "pace", "modbus_connection"} | HASS,
    "terms.py": {"const"},
    "energy_dashboard.py": {"const"} | HASS,
    "options_flow.py": {"alphaess", "const", "link", "pace", "terms"}
    | {"energy_dashboard"}
    | HASS,
    "config_flow.py": {"alphaess", "const", "pace"} | LINK | HASS,
    "card.py": {"const"} | HASS,
    "rows.py": HASS,
    "history.py": {"alphaess", "const", "rows", "sqlalchemy"} | HASS,
    "predecessors.py": set(),
    "past.py": HASS,
    "heritage.py": HASS,
    "seam.py": {"past"} | HASS,
    # Floor 3.
    "soon.py": HASS,
    "reading_back.py": HASS,
    "recognition.py": {"alphaess", "const"} | HASS,
    "border.py": {"alphaess", "const"} | HASS,
    "coordinator.py": COORDINATOR | {"border"},
    "lease.py": COORDINATOR | {"reading_back", "wish"},
    "wish.py": {"alphaess"},
    "permission.py": COORDINATOR | {"terms"},
    "dispatch_status.py": COORDINATOR | {"lease"},
    "turn.py": COORDINATOR | {"lease", "permission"},
    "control.py": DISPATCH,
    "pv_switch.py": DISPATCH,
    "clock.py": COORDINATOR | {"turn"},
    "settings.py": COORDINATOR | {"turn"},
    "feed_in.py": DISPATCH | {"settings"},
    "migration.py": COORDINATOR | {"heritage", "past", "predecessors", "seam"},
    # Floor 4: entities and the web.
    "fault_text.py": {"alphaess", "const", "wording"} | HASS,
    "fault_state.py": COORDINATOR | {"entity", "fault_text"},
    "fault_watch.py": COORDINATOR | {"reading_back"},
    "news.py": COORDINATOR | {"fault_text"},
    "issues.py": COORDINATOR | {"clock", "lease"},
    "stale.py": COORDINATOR | {"clock", "issues", "lease"},
    "diagnostics.py": COORDINATOR | {"lease"},
    "system_health.py": COORDINATOR,
    "event.py": COORDINATOR | {"entity", "news"},
    "reading_sensor.py": COORDINATOR | {"entity"},
    "arrivals.py": COORDINATOR,
    "wear_sensor.py": COORDINATOR | {"arrivals", "entity", "lease", "permission"},
    "setting_entity.py": COORDINATOR | {"arrivals", "border", "entity", "settings"},
    "setting_number.py": COORDINATOR
    | {"arrivals", "border", "entity", "feed_in", "setting_entity"},
    "kept.py": COORDINATOR,
    "energy_action.py": COORDINATOR | {"energy_dashboard"},
    "recorded.py": {"history", "past", "rows"} | HASS,
    "total_sensor.py": COORDINATOR
    | {"day_count", "entity", "kept", "reading_back", "recorded"},
    "energy_sensor.py": COORDINATOR | {"arrivals", "kept", "total_sensor"},
    "entity.py": COORDINATOR,
    "web": DISPATCH | {"web", "history", "rows", "aiohttp"},
}
"""Who may import what besides the standard library. Whoever is not here stands on the top floor."""

STANDARD = set(sys.stdlib_module_names)

MAY_BE_LONG = {"alphaess/datasheet", "alphaess/faults"}
"""Tables."""


def _sources() -> Iterator[Path]:
    for path in sorted(HOUSE.rglob("*.py")):
        yield path.relative_to(HOUSE)


def _rule(path: Path) -> set[str] | None:
    """Find the row of the table that speaks of this file: itself, or its folder."""
    for place in (path, *path.parents):
        if (rule := MAY_IMPORT.get(place.as_posix())) is not None:
            return rule
    return None


def _imports(path: Path, *, outside: bool = True) -> Iterator[str]:
    """Name what a file imports: a part of the house, or a package from outside."""
    here = (PACKAGE, *path.with_suffix("").parts)
    for node in ast.walk(ast.parse((HOUSE / path).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.level or outside):
            base = [*here[: -node.level]] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else ())]
            if node.level and len(module) == 1:
                yield from (alias.name for alias in node.names)
            else:
                yield module[1] if node.level else module[0]
        elif isinstance(node, ast.Import) and outside:
            yield from (alias.name.split(".")[0] for alias in node.names)


@pytest.mark.parametrize("path", list(_sources()), ids=str)
def test_imports_only_point_down(path: Path) -> None:
    rule = _rule(path)
    if rule is None:
        return
    own = {path.stem}
    wrong = set(_imports(path)) - STANDARD - rule - own
    assert not wrong, (
        f"{path} may not import {sorted(wrong)}: see MAY_IMPORT in this file"
    )


def test_no_part_imports_itself_through_others() -> None:
    arrows = {
        path: _nearest(path)
        for path in _sources()
        if len(path.parts) == 1 and path.stem != "__init__"
    }
    for start, nearest in arrows.items():
        seen: set[Path] = set()
        ahead = set(nearest)
        while ahead:
            here = ahead.pop()
            assert here != start, f"{start} imports itself through others"
            if here not in seen:
                seen.add(here)
                ahead |= arrows.get(here, set())


def _nearest(path: Path) -> set[Path]:
    """Find what a file imports; not "time" from outside, which is called as a platform of ours is."""
    imported = set(_imports(path, outside=False))
    return {other for other in _sources() if _part(other) in imported}


def _part(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", list(_sources()), ids=str)
def test_no_file_outgrows_its_room(path: Path) -> None:
    if not any(path.as_posix().startswith(long) for long in MAY_BE_LONG):
        lines = len((HOUSE / path).read_text("utf-8").splitlines())
        assert lines <= 220, f"{path} has {lines} lines: split it"


@pytest.mark.parametrize("path", list(_sources()), ids=str)
def test_every_file_says_why_it_exists(path: Path) -> None:
    text = ast.get_docstring(ast.parse((HOUSE / path).read_text("utf-8"))) or ""
    first = text.partition("\n")[0]
    assert len(first) > 20, f"{path} does not say why it exists"
    assert not first.startswith("Constants"), path


def _texts(language: str) -> dict[str, object]:
    path = HOUSE / "translations" / f"{language}.json"
    texts: dict[str, object] = json.loads(path.read_text("utf-8"))
    return texts


def test_every_reading_has_a_name_and_none_is_left_over() -> None:
    sensors = _texts("en")["entity"]["sensor"]  # type: ignore[index]
    readings = {reading.key for reading in READINGS}
    assert readings <= sensors.keys()
    named = {
        reading.key: set(reading.options) for reading in READINGS if reading.options
    }
    assert named == {key: set(sensors[key]["state"]) for key in named}


def test_a_register_is_told_in_two_places_its_datasheet_and_the_translations() -> None:
    """One line there makes its sensor, JSON, documents and simulated words; its names are here."""
    told = [
        path
        for path in (*HOUSE.rglob("*.py"), *(ROOT / "scripts").rglob("*.py"))
        if "datasheet" not in path.parts
    ]
    elsewhere = "".join(path.read_text("utf-8") for path in told)
    grid_rules = {
        f"{block.prefix}{name}"
        for block in BLOCKS
        if block.group is Group.SAFETY
        for name in block.registers
    }
    assert len(grid_rules) > 30
    assert not {key for key in grid_rules if f'"{key}"' in elsewhere}
    for language in ("en", "de", "nl"):
        assert grid_rules <= _texts(language)["entity"]["sensor"].keys()  # type: ignore[index]


def test_readings_have_keys_of_their_own() -> None:
    keys = [reading.key for reading in READINGS]
    assert len(keys) == len(set(keys))


def test_benchmarks_build_on_tests_and_never_the_other_way_round() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        sources = [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
        assert not [one for one in sources if one.startswith("benchmarks")], path


def test_generated_files_are_fresh() -> None:
    generate = ROOT / "scripts" / "generate"
    subprocess.run([generate, "--check"], check=True)  # noqa: S603 - our own script
