"""Register images of real inverters and two synthesised ones, with the values on their displays."""

from dataclasses import dataclass
from datetime import datetime
import json
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Image:
    """The words of one inverter at one moment."""

    name: str
    about: str
    origin: str
    holding: dict[int, int]
    """Words by address."""
    display: dict[str, Any]
    """What a person read, by the key of the reading."""


def _load(path: Path) -> Image:
    stored = json.loads(path.read_text("utf-8"))
    display = stored["display"]
    if "system_time" in display:
        display["system_time"] = datetime.fromisoformat(display["system_time"])
    return Image(
        name=path.stem,
        about=stored["about"],
        origin=stored["origin"],
        holding={int(address): word for address, word in stored["holding"].items()},
        display=display,
    )


IMAGES = tuple(_load(path) for path in sorted(Path(__file__).parent.glob("*.json")))
