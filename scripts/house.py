"""Writes docs/house.md: the structure of the code, how to extend it, and the purpose of each file."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .markdown import table

ROOT = Path(__file__).parent.parent
PACKAGE = Path("custom_components/alphaess_live")
CARDS = Path("frontend/src")
TESTS = Path("tests")
LANGUAGES = "`translations/en.json`, `de.json` and `nl.json`"

HEAD = """\
<!-- Written by ./scripts/generate from scripts/house.py and the first line of each file. Do not edit. -->

# Structure of the code

The **register definitions** describe each register: address, scale, unit, sign. An **Inverter** reads them in blocks through a Modbus unit
and returns a frozen **Snapshot**. The **coordinator** requests a snapshot every 10 s, and power values every 2 or 5 s between them. The
**publisher** derives the messages of the **feed** from the result of each request. Entities, REST and diagnostics use the latest
snapshot; the history comes from Home Assistant's recorder; the **cards** show the feed.
The **simulator** works in the opposite direction: it encodes a simulated house into registers.

```mermaid
flowchart TB
    subgraph reading ["From a register word to the banner of the card"]
        direction TB
        words[("Inverter or simulator<br/>register words")] -- few requests, one burst --> blocks["Blocks<br/>words decoded with the scales of the device"]
        blocks --> plausible["Plausibility filter<br/>rejects values that cannot be true"]
        plausible --> ledger["Energy ledger<br/>totals that never fall, with an offset for each counter"]
        ledger --> snapshot["Snapshot<br/>frozen values of one moment"]
        snapshot --> coordinator["Coordinator<br/>latest snapshot, cause of a failed poll"]
        coordinator --> entities["Entities, REST, diagnostics"]
        coordinator -- result of each poll --> publisher["FeedPublisher<br/>state of the connection, events"]
        publisher --> feed["Feed<br/>state first, then events"]
        feed --> automations["Event entities, event bus"]
        feed --> socket["WebSocket"]
        socket --> others["Other programs"]
        socket --> client["Feed client in the browser<br/>one for all cards"]
        client --> banner["Banner of the card<br/>LIVE, PAUSED, DISCONNECTED or FEED LOST"]
    end

    subgraph ordering ["From an order to its verified answer"]
        direction TB
        caller["Action, POST, button or card"] --> controller["Controller<br/>permission, owner of the running dispatch, one order at a time"]
        controller --> dispatch["Dispatch<br/>power, target, duration"]
        dispatch --> writer["Writer<br/>encodes the block, checks that it may be written"]
        writer -- one request --> registers[("Inverter or simulator<br/>register words")]
        registers -- read back --> verify["Verification<br/>compares requested and applied values"]
        verify --> answer["Answer<br/>requested, applied, verified"]
    end
```

Imports point downwards only: platforms and web use the entities, these use control and the coordinator, and these use the connection and the
protocol. The protocol knows nothing of Home Assistant. `tests/test_house_rules.py` contains the rule for each folder and reports violations.

"""

AFTERWARDS = """\
After each change run `./scripts/generate` (for pages like this one) and `./scripts/test --fast`. Before a pull request, run `./scripts/test`.

"""

ABOUT_TESTS = """\
## Tests

The tests of a module are in the file of its name, in the same folder: those of the protocol in `tests/alphaess/`, of the simulator in
`tests/simulator/`, and of all others in `tests/integration/`, where they run in a Home Assistant with a simulated inverter on a real port.
The files at the top level of `tests/` check what belongs to no module: rules, texts, pages, recipes. The tests of the cards are in
`frontend/test/`.

"""


def page() -> str:
    """Create the whole page."""
    python = sorted({path.parent for path in (ROOT / PACKAGE).rglob("*.py")})
    cards = sorted({path.parent for path in (ROOT / CARDS).rglob("*.ts")})
    sections = (_section(folder) for folder in (*python, *cards))
    recipes = "\n".join(_recipe(title, *steps) for title, steps in _recipes())
    return (
        f"{HEAD}## Adding a thing\n\n{recipes}\n{AFTERWARDS}"
        f"{_tests()}\n{'\n'.join(sections)}"
    )


def _recipes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each recipe; files are looked up by what they define, so that they may move."""
    yield from _recipes_for_registers()
    yield from _recipes_for_devices()
    yield from _recipes_for_other_programs()
    yield (
        "An element of the card",
        (
            "Add a file to `frontend/src/elements/`.",
            "List its class in `ELEMENTS` in `frontend/src/elements/index.ts`, at its place on the card.",
            "To make it optional, set `option` in the class, and add this option to `DEFAULT_OPTIONS` in `frontend/src/config.ts` and its label to `frontend/src/translations/`.",
            "Run `npm test` and `npm run build` in `frontend/`, and commit the bundle.",
        ),
    )
    yield (
        "A device as a test",
        (
            "Add a file to `tests/images/` with `about`, `origin`, `holding` (words by address, from a diagnostics file or a register dump) and `display` (the values that a person read). All files there are loaded.",
            "Add a line to `DEVICES` in `tests/devices.py`: the tests of all devices then include it.",
        ),
    )


def _recipes_for_registers() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield (
        "A register and its sensor",
        (
            f"Add one line to its block in `{_defining('Battery').parent}/`, at the place of its address. `{_defining('Register')}` describes `number`, `choice` and `text`, and the quantities `Q`.",
            f"Add the sensor's name to `entity.sensor` in {LANGUAGES}. Its key is the prefix of the block (`prefix`, otherwise its name and `_`) and the name of the field.",
            f"The sensor is a disabled diagnostic unless its key is in `PRIMARY` (enabled), `SECONDARY` (disabled, but not a diagnostic) or `DIAGNOSTIC_DEFAULT` (an enabled diagnostic) in `{_defining('PRIMARY')}`.",
            "Run `.venv/bin/python -m pytest tests/alphaess tests/simulator tests/test_translations.py`. The tests name each recorded device and each simulated model that would refuse the block with the new register; put it into a block of its own then.",
        ),
    )
    yield (
        "A block of registers",
        (
            f"Add a class to `{_defining('Battery').parent}/`, export it in `{_defining('BLOCKS')}`, and list it in `BLOCKS` there.",
            f"Add a field with the name of the block to `Snapshot` in `{_defining('Snapshot')}`.",
            f"Extend the served addresses of each simulated model that has the block, in `{PACKAGE}/simulator/models.py`.",
            f"Add the names of its sensors to `entity.sensor` in {LANGUAGES}.",
            "Run the tests of the previous recipe. Those that count the requests of a reading, or list the blocks that a model refuses, contain numbers and names that a new block may change: check that the change is intended.",
        ),
    )


def _recipes_for_devices() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield (
        "A fault or warning bit",
        (
            f"Add the bit and its English text to the table of its register in `{_defining('FAULT_HOUSEHOLD').parent}/`.",
            f"Add the text to `entity.sensor.faults.state` in {LANGUAGES}. The key is the English text in snake case.",
            "Add the bit to the list of documented bits in `tests/documented_fault_bits.py`.",
        ),
    )
    yield (
        "A scale that differs by model",
        (
            f"Add a `ScaleVariant` to `{_defining('VARIANTS')}` and list it in `VARIANTS`: both scales, the range of values that are possible at all, and a docstring that names its models and source.",
            "Use it as the `scale` of the register, and make the type of its field `float | None`: a value is unknown while its scale is in question.",
            f"Add a function to `{_defining('RULES')}`, and the pair `(VARIANT, lambda: function)` to `RULES`. The function returns which scale the raw words of one sample prove (`one_of` compares a range for each scale), or None. Three such samples over a minute confirm the scale.",
            f"If words can fit both scales for long, as 50 and 100 can, detection may never end: add a family to `ModelFamily`, its scales to `PROFILES` of the first file, and its name to `selector.model_family` in {LANGUAGES}, so that an owner can select it.",
            "Add a recorded device that has the scale (*A device as a test*). `tests/alphaess/test_scale_detection.py` lists which scales each recorded device confirms: add the new one.",
        ),
    )
    yield (
        "Another register map",
        (
            f"Add a `RegisterMap` to `{_defining('RegisterMap')}` and list it in `MAPS`: its blocks, power fields, essential blocks and confirmations.",
            "Add a register dump of a device that uses it to `tests/images/`.",
            "An entry uses the map whose name is in its data (`register_map`), otherwise the current one.",
        ),
    )


def _recipes_for_other_programs() -> Iterator[tuple[str, tuple[str, ...]]]:
    yield (
        "An action",
        (
            f"Add a row to `ACTIONS` in `{_defining('ACTIONS')}`: name, function, schema, response.",
            f"Add its fields to `{PACKAGE}/services.yaml`, its icon to `{PACKAGE}/icons.json`.",
            f"Add its texts to `services` in {LANGUAGES}.",
        ),
    )
    yield (
        "A REST endpoint",
        (
            f"Add a subclass of `ApiView` (`{_defining('ApiView')}`) to `{_defining('VIEWS')}` and list it in `VIEWS` in the same file.",
            "Set its `path` and write `handle`, which returns the body. Set `requires_modbus` if it answers 503 while the inverter is disconnected, and `policy` if it needs another permission than to read.",
            "Describe it in `docs/openapi.yaml`; the tests compare real responses with it. Add it to `docs/api.md`, which has an example of each path.",
        ),
    )
    yield (
        "A message on the feed",
        (
            f"Add a dataclass with a `type` to `{_defining('PowerMeasured')}`.",
            f"Publish it in `{_defining('InverterCoordinator')}` or in the module where it originates.",
            "Describe it in `docs/asyncapi.yaml`; the tests compare real messages with it. Add it to `docs/api.md`.",
        ),
    )


def _recipe(title: str, *steps: str) -> str:
    lines = (f"{number}. {step}\n" for number, step in enumerate(steps, 1))
    return f"### {title}\n\n{''.join(lines)}"


@cache
def _defining(name: str) -> Path:
    """Find the one file of the package that defines a class or constant. Raises ValueError."""
    [path] = (
        path
        for path in sorted((ROOT / PACKAGE).rglob("*.py"))
        if "simulator" not in path.parts and name in _definitions(path)
    )
    return path.relative_to(ROOT)


@cache
def _definitions(path: Path) -> frozenset[str]:
    """Return the names of the classes and constants at the top level of a file."""
    found: set[str] = set()
    for node in _tree(path).body:
        match node:
            case ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                found.add(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return frozenset(found)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _tests() -> str:
    """List the folders of the tests, and the modules that tests share."""
    folders = sorted(path.parent for path in (ROOT / TESTS).rglob("__init__.py"))
    rows = [
        (f"`{folder.relative_to(ROOT)}/`", _purpose(folder / "__init__.py"))
        for folder in folders
    ]
    rows += [
        (f"`{file.relative_to(ROOT)}`", _purpose(file))
        for file in sorted((ROOT / TESTS).rglob("*.py"))
        if not file.name.startswith(("test_", "__init__"))
    ]
    return f"{ABOUT_TESTS}{table(('Place', 'Content'), rows)}"


def _section(folder: Path) -> str:
    """List the files of a folder with their purpose."""
    files = sorted((*folder.glob("*.py"), *folder.glob("*.ts")))
    rows = [(f"`{file.name}`", _purpose(file)) for file in files if _is_listed(file)]
    return f"## {folder.relative_to(ROOT)}\n\n{_about(folder)}{table(('File', 'Purpose'), rows)}"


def _about(folder: Path) -> str:
    init = folder / "__init__.py"
    is_listed = folder == ROOT / PACKAGE
    return f"{_purpose(init)}\n\n" if init.exists() and not is_listed else ""


def _is_listed(file: Path) -> bool:
    """Return whether a file has a row; the text of an __init__.py stands above the table instead."""
    return file.name != "__init__.py" or file.parent == ROOT / PACKAGE


def _purpose(file: Path) -> str:
    """Return the first line of a file's docstring or comment."""
    if file.suffix == ".ts":
        first = file.read_text("utf-8").partition("\n")[0]
        return first.removeprefix("// ")
    return (ast.get_docstring(_tree(file)) or "").partition("\n")[0]
