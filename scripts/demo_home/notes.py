"""What one demo remembers for the next, so that the same house comes back with its history."""

from dataclasses import asdict, dataclass, replace
import json
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """A page in the demo's folder."""

    simulator_port: int = 0
    """0: not chosen yet."""
    inverter: str = ""
    """Which inverter Home Assistant was given."""
    dashboard: str = ""
    """A fingerprint of the dashboard as it was written, before anybody changed it."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Open the page; an empty one where there is none."""
        return cls(**json.loads(path.read_text("utf-8"))) if path.exists() else cls()

    def write(self, path: Path, **news: Any) -> Self:
        """Keep it, with what is new."""
        notes = replace(self, **news)
        path.write_text(json.dumps(asdict(notes), indent=2), "utf-8")
        return notes
