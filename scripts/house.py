"""Writes docs/house.md: where to find what in the code, in the words of the files themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .markdown import table

ROOT = Path(__file__).parent.parent
HOUSE = Path("custom_components/alphaess_live")
CARDS = Path("frontend/src")

HEAD = """\
<!-- Written by ./scripts/generate from the first line of each file. Do not edit. -->

# How the code is built

The **datasheet** says what each register means. An **Inverter** reads its blocks and answers with a frozen **Snapshot**. The
**coordinator** takes one every few seconds and tells on the **feed** what happened. Entities, REST, WebSocket and
diagnostics only look at the newest snapshot, the history at Home Assistant's recorder; the **card** draws them. The **simulator**
runs the datasheet backwards: an imagined house, written as snapshots, encoded into registers.

```
 house ─▶ blocks ─encode─▶ words ══ Modbus ══▶ words ─decode─▶ blocks ─▶ Snapshot
 (simulator)               (or the real inverter)                           │
                                                         coordinator ───────┤
                                                              │             ├─▶ entities
                                                             feed           ├─▶ REST
                                                              ├─▶ WebSocket ─▶ card, any client
                                                              └─▶ event entities, event bus
 action / POST / button ─▶ control ─▶ words ══ Modbus ══▶ read back ─▶ compare ─▶ answer
```

Imports only point down: from platforms and web to entities, from there to control and coordinator, to the link, to the
protocol, which knows nothing of Home Assistant. `tests/test_house_rules.py` has the table, and fails with a sentence.

## Adding a thing

| You want | You touch |
|---|---|
| a register and its sensor | a line in `alphaess/registers/`, its name in `translations/` |
| a fault bit | a line in `alphaess/faults/`, its text in `translations/` |
| another scale of a model | a variant in `alphaess/variants.py`, its proof in `alphaess/detect.py` |
| an action | a line in the table at the foot of `services.py`, its fields in `services.yaml`, its words in `translations/` |
| a REST endpoint | a class in `web/`, named in `VIEWS` in `web/rest.py` |
| a message on the feed | a dataclass in `feed.py`, the line that tells it, a line about it in `docs/api.md` |
| an element of a card | a file in `frontend/src/elements/`, named in its `index.ts` |
| a device as a test | its diagnostics file or raw dump in `tests/images/`, named in `tests/devices.py` |

Then `./scripts/generate` (pages like this one), `./scripts/test --fast`, and before it lands `./scripts/test`.

"""


def page() -> str:
    """Write the whole page."""
    python = sorted({path.parent for path in (ROOT / HOUSE).rglob("*.py")})
    cards = sorted({path.parent for path in (ROOT / CARDS).rglob("*.ts")})
    sections = (_section(folder) for folder in (*python, *cards))
    return HEAD + "\n".join(sections)


def _section(folder: Path) -> str:
    files = sorted((*folder.glob("*.py"), *folder.glob("*.ts")))
    rows = [(f"`{file.name}`", _purpose(file)) for file in files if _is_a_room(file)]
    return f"## {folder.relative_to(ROOT)}\n\n{''.join(_lead(folder))}{table(('File', 'Why it is there'), rows)}"


def _lead(folder: Path) -> Iterator[str]:
    if (door := folder / "__init__.py").exists() and folder != ROOT / HOUSE:
        yield f"{_purpose(door)}\n\n"


def _is_a_room(file: Path) -> bool:
    return file.name != "__init__.py" or file.parent == ROOT / HOUSE


def _purpose(file: Path) -> str:
    text = file.read_text("utf-8")
    if file.suffix == ".ts":
        return text.partition("\n")[0].removeprefix("// ")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
