"""Writes the pages of docs/ that are derived from the code, or says which of them are stale."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
import sys

from . import faults, house, migration, registers

DOCS = Path(__file__).parent.parent / "docs"


def main(arguments: list[str]) -> int:
    """Write every page, or with --check only say whether all are fresh."""
    parser = ArgumentParser(prog="./scripts/generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    stale = [
        name for name, page in PAGES.items() if not _keep(name, page(), check=check)
    ]
    for name in stale:
        print(f"{name} is stale: run ./scripts/generate", file=sys.stderr)
    return 1 if stale else 0


def _keep(name: str, fresh: str, *, check: bool) -> bool:
    """Write a page; or say whether it is the same already."""
    path = DOCS / name
    if check:
        return path.exists() and path.read_text("utf-8") == fresh
    path.parent.mkdir(exist_ok=True)
    path.write_text(fresh, "utf-8")
    return True


PAGES: dict[str, Callable[[], str]] = {
    "faults.md": faults.page,
    "house.md": house.page,
    "migration.md": migration.page,
    "registers.md": registers.page,
}
"""Each page, and who makes it."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
