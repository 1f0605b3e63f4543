"""The rules of the code: imports, vocabulary, names and sizes, and what has to agree in two places."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import subprocess
import sys

from custom_components.alphaess_live.alphaess.registers import BLOCKS
from custom_components.alphaess_live.alphaess.registers.block import BlockGroup
from custom_components.alphaess_live.alphaess.snapshot import READINGS

from .vocabulary import scan

ROOT = Path(__file__).parent.parent
PACKAGE_PATH = ROOT / "custom_components" / "alphaess_live"
PACKAGE = "custom_components.alphaess_live"

HASS = {"homeassistant", "probatio"}
DEVICE = {"alphaess", "connection", "const", "exceptions", "feed", "storage"}
COORDINATOR = DEVICE | {"coordinator"} | HASS

MAY_IMPORT: dict[str, set[str]] = {
    # Layer 1: the protocol, and the simulator.
    "alphaess": {"modbus_connection"},
    "simulator": {"alphaess", "modbus_connection"},
    "simulator/server.py": {"alphaess", "modbus_connection", "pymodbus", "simulator"},
    # Layer 2, pure: neither Home Assistant nor aiohttp.
    "const.py": set(),
    "feed": {"alphaess"},
    "connection/intervals.py": {"const"},
    "connection/frame_filter.py": set(),
    "connection/library_calls.py": {"modbus_connection"},
    "connection/port_probe.py": {"alphaess"},
    "connection/endpoint.py": {"alphaess", "connection"}
    | {"modbus_connection", "pymodbus"},
    "connection/connector.py": {"alphaess", "connection"}
    | {"modbus_connection", "pymodbus"},
    "connection/pymodbus_link.py": {"alphaess", "connection"}
    | {"modbus_connection", "pymodbus"},
    "migration/predecessors.py": set(),
    "totals/daily.py": {"alphaess"},
    # Layer 2: the connection, statistics and storage.
    "connection": {"alphaess", "const", "simulator", "modbus_connection"} | HASS,
    "statistics": {"alphaess", "const", "sqlalchemy"} | HASS,
    "storage.py": {"alphaess", "const", "connection.intervals", "modbus_connection"}
    | HASS,
    "exceptions.py": {"alphaess", "const"} | HASS,
    # Layer 3.
    "coordinator.py": COORDINATOR,
    # Layer 4.
    "control": COORDINATOR,
    "totals": COORDINATOR | {"statistics"},
    # Layer 5.
    "monitor": COORDINATOR | {"control"},
    "runtime.py": COORDINATOR | {"control", "monitor", "totals"},
    "entity.py": COORDINATOR | {"control"},
    "entities": COORDINATOR | {"control", "entity", "monitor", "totals"},
    "event.py": COORDINATOR | {"entity", "monitor", "runtime"},
    "migration": COORDINATOR | {"runtime", "entity", "statistics"},
    "diagnostics.py": COORDINATOR | {"control", "runtime"},
    "system_health.py": COORDINATOR,
    "web": COORDINATOR | {"control", "monitor", "runtime", "statistics", "aiohttp"},
    "setup": {"alphaess", "connection", "const", "control", "idna", "storage", "totals"}
    | {"modbus_connection"}
    | HASS,
    "config_flow.py": {"alphaess", "connection", "const", "setup", "storage"} | HASS,
}
"""What each file or folder may import, besides the standard library and its own folder.

The row of a file replaces that of its folder. Files without a row are in the top layer.
"""

STANDARD = set(sys.stdlib_module_names)

MAY_BE_LONG = {"alphaess/registers", "alphaess/faults"}
"""Folders of tables."""

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
"""From `def` to the end of the body, without the docstring."""
MIN_FILE_LINES = 50
MAX_SHORT_FILES = 15
"""Files of the package below `MIN_FILE_LINES`, every `__init__.py` included."""
MAX_TEST_NAME_LENGTH = 72

CODE_FOLDERS = ("custom_components", "tests", "scripts", "benchmarks")
CARD_FOLDERS = ("frontend/src", "frontend/test", "frontend/dev")

WITH_FORBIDDEN_WORDS = {"tests/vocabulary.py", "tests/test_vocabulary.py"}

TOP_LEVEL = {
    # Names that Home Assistant defines.
    *("__init__", "binary_sensor", "button", "condition", "config_flow"),
    *("coordinator", "const", "diagnostics", "entity", "event", "llm", "number"),
    *("repairs", "select", "sensor", "services", "switch", "system_health"),
    *("time", "trigger"),
    # Parts that all others use.
    *("exceptions", "runtime", "storage"),
}


def _sources() -> Iterator[Path]:
    for path in sorted(PACKAGE_PATH.rglob("*.py")):
        yield path.relative_to(PACKAGE_PATH)


def _rule(path: Path) -> set[str] | None:
    """Find the row of a file: its own, or that of its folder."""
    if (rule := MAY_IMPORT.get(path.as_posix())) is not None:
        return rule
    rule = MAY_IMPORT.get(path.parts[0])
    return None if rule is None else rule | {path.parts[0]}


def _imports(path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the imports of a file: modules of the package, and the names of other packages."""
    here = (PACKAGE, *path.with_suffix("").parts)
    for node in ast.walk(ast.parse((PACKAGE_PATH / path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name.split(".")[0],) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = tuple(node.module.split(".")) if node.module else ()
            if not node.level:
                yield module[:1]
                continue
            folder = (*here[: -node.level], *module)
            for alias in node.names:
                inside = (*folder, alias.name)
                yield inside if _file(inside) else folder


def _file(module: tuple[str, ...]) -> Path | None:
    """Find the file of a module of the package."""
    if module[0] != PACKAGE:
        return None
    place = PACKAGE_PATH.joinpath(*module[1:])
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.exists():
            return file.relative_to(PACKAGE_PATH)
    return None


def test_imports_point_downwards_only() -> None:
    wrong = [
        f"{path} may not import {name}: see MAY_IMPORT in this file"
        for path in _sources()
        if (rule := _rule(path)) is not None
        for name in sorted(_names_outside(path, rule | STANDARD))
    ]
    assert not wrong, "\n".join(wrong)


def _names_outside(path: Path, rule: set[str]) -> set[str]:
    modules = _imports(path)
    names = {one[1:] if one[0] == PACKAGE else one for one in modules}
    return {
        ".".join(name)
        for name in names
        if name[0] not in rule and ".".join(name) not in rule
    }


def test_rows_of_the_import_table_name_existing_places() -> None:
    assert [place for place in MAY_IMPORT if not (PACKAGE_PATH / place).exists()] == []


def test_files_have_no_import_cycle() -> None:
    imports = {
        path: {found for module in _imports(path) if (found := _file(module))}
        for path in _sources()
    }
    _check_cycles(imports)


def test_folders_have_no_import_cycle() -> None:
    imports: dict[str, set[str]] = {}
    for path in _sources():
        if path != Path("__init__.py"):
            found = {_file(module) for module in _imports(path)}
            parts = {_part(other) for other in found if other}
            imports.setdefault(_part(path), set()).update(parts - {_part(path)})
    _check_cycles(imports)


def _check_cycles[Place](imports: dict[Place, set[Place]]) -> None:
    """Follow the imports of each place; none of them may lead back to it."""
    for start, nearest in imports.items():
        seen: set[Place] = set()
        remaining = set(nearest)
        while remaining:
            here = remaining.pop()
            assert here != start, f"{start} imports itself through others"
            if here not in seen:
                seen.add(here)
                remaining |= imports.get(here, set())


def _part(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def _code(*folders: str, suffix: str = ".py") -> list[str]:
    """List the source files of some folders, relative to the repository."""
    return sorted(
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob(f"*{suffix}")
    )


CODE = _code(*CODE_FOLDERS)
CARDS = _code(*CARD_FOLDERS, suffix=".ts")


def _functions(path: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_code_uses_the_vocabulary() -> None:
    checked = [path for path in (*CODE, *CARDS) if path not in WITH_FORBIDDEN_WORDS]
    findings = [str(finding) for path in checked for finding in scan(ROOT / path)]
    assert not findings, "\n".join(findings)


def test_length_of_files_is_limited() -> None:
    lengths = {
        path: len((ROOT / path).read_text("utf-8").splitlines())
        for path in (*CODE, *CARDS)
        if not any(f"/{long}" in path for long in MAY_BE_LONG)
    }
    long = {path: n for path, n in lengths.items() if n > MAX_FILE_LINES}
    assert not long, f"split these files, which have so many lines: {long}"


def test_length_of_functions_is_limited() -> None:
    lengths = {
        f"{path}::{function.name}": _lines(function)
        for path in CODE
        for function in _functions(path)
    }
    long = {place: n for place, n in lengths.items() if n > MAX_FUNCTION_LINES}
    assert not long, f"split these functions, which have so many lines: {long}"


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def test_number_of_short_files_is_limited() -> None:
    short = [
        path.as_posix()
        for path in _sources()
        if len((PACKAGE_PATH / path).read_text("utf-8").splitlines()) < MIN_FILE_LINES
    ]
    assert len(short) <= MAX_SHORT_FILES, (
        f"{len(short)} files have fewer than {MIN_FILE_LINES} lines; "
        f"fold those that only one other file uses: {short}"
    )


def test_file_names_are_unique() -> None:
    names = [path.name for path in _sources() if not path.name.startswith("__")]
    twice = sorted(name for name in set(names) if names.count(name) > 1)
    assert not twice, f"these file names occur twice in the package: {twice}"


def test_class_names_are_unique() -> None:
    places: dict[str, list[str]] = {}
    for path in _sources():
        for node in ast.walk(ast.parse((PACKAGE_PATH / path).read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(path.as_posix())
    twice = {name: files for name, files in places.items() if len(files) > 1}
    assert not twice, f"these class names occur twice in the package: {twice}"


def test_top_level_contains_only_known_files() -> None:
    others = {path.stem for path in PACKAGE_PATH.glob("*.py")} - TOP_LEVEL
    assert not others, f"move these files into a folder: {sorted(others)}"


def test_length_of_test_names_is_limited() -> None:
    long = [
        f"{path}::{function.name}"
        for path in CODE
        if path.startswith("tests/")
        for function in _functions(path)
        if function.name.startswith("test_")
        and len(function.name) > MAX_TEST_NAME_LENGTH
    ]
    assert not long, (
        f"longer than {MAX_TEST_NAME_LENGTH} characters: {long}; "
        "write test_<subject>_<condition>_<outcome>"
    )


def test_every_file_begins_with_its_purpose() -> None:
    for path in _sources():
        text = (
            ast.get_docstring(ast.parse((PACKAGE_PATH / path).read_text("utf-8"))) or ""
        )
        first = text.partition("\n")[0]
        assert len(first) > 20, f"the first line of {path} has to state its purpose"
        assert not first.startswith("Constants"), path


def _texts(language: str) -> dict[str, object]:
    path = PACKAGE_PATH / "translations" / f"{language}.json"
    texts: dict[str, object] = json.loads(path.read_text("utf-8"))
    return texts


def test_names_of_sensors_equal_the_readings() -> None:
    sensors = _texts("en")["entity"]["sensor"]  # type: ignore[index]
    readings = {reading.key for reading in READINGS}
    assert readings <= sensors.keys()
    named = {
        reading.key: set(reading.options) for reading in READINGS if reading.options
    }
    assert named == {key: set(sensors[key]["state"]) for key in named}


def test_register_is_defined_by_one_line_and_its_translations() -> None:
    """Sensor, JSON, documents and simulated words are derived from the line."""
    others = [
        path
        for path in (*PACKAGE_PATH.rglob("*.py"), *(ROOT / "scripts").rglob("*.py"))
        if "registers" not in path.parts
    ]
    text = "".join(path.read_text("utf-8") for path in others)
    grid_rules = {
        f"{block.prefix}{name}"
        for block in BLOCKS
        if block.group is BlockGroup.SAFETY
        for name in block.registers
    }
    assert len(grid_rules) > 30
    assert not {key for key in grid_rules if f'"{key}"' in text}
    for language in ("en", "de", "nl"):
        assert grid_rules <= _texts(language)["entity"]["sensor"].keys()  # type: ignore[index]


def test_keys_of_readings_are_unique() -> None:
    keys = [reading.key for reading in READINGS]
    assert len(keys) == len(set(keys))


def test_tests_do_not_import_benchmarks() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        sources = [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
        assert not [one for one in sources if one.startswith("benchmarks")], path


def test_generated_files_are_fresh() -> None:
    # Not ./scripts/generate, which would use .venv/ in a run with other versions.
    command = (sys.executable, "-m", "scripts.pages", "--check")
    subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - a fixed command


def test_simulator_is_imported_only_for_the_demo_inverter() -> None:
    program = (
        f"import sys, {PACKAGE}, {PACKAGE}.config_flow;"
        f"print([name for name in sys.modules if name.startswith('{PACKAGE}.simulator')])"
    )
    command = [sys.executable, "-c", program]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: S603 - the text above
    assert result.stdout.decode().strip() == "[]"
