"""Writes the pages of docs/ that are generated from the code, or checks that they are up to date."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
import sys

from . import faults, house, migration, registers

DOCS = Path(__file__).parent.parent / "docs"


def main(arguments: list[str]) -> int:
    """Write every page, or with --check only compare them; return the exit status."""
    parser = ArgumentParser(prog="./scripts/generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    if parser.parse_args(arguments).check:
        return _check()
    DOCS.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
    return 0


def _check() -> int:
    """Report the pages that differ from the code; return 1 if there are any."""
    stale = [name for name, page in PAGES.items() if not _is_current(name, page())]
    for name in stale:
        print(f"{name} is stale: run ./scripts/generate", file=sys.stderr)
    return 1 if stale else 0


def _is_current(name: str, page: str) -> bool:
    path = DOCS / name
    return path.exists() and path.read_text("utf-8") == page


PAGES: dict[str, Callable[[], str]] = {
    "faults.md": faults.page,
    "house.md": house.page,
    "migration.md": migration.page,
    "registers.md": registers.page,
}
"""Each page of docs/ and the function that creates it."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
