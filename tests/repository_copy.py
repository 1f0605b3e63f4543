"""A copy of the repository that a test may change, and run tests and programs in."""

from collections.abc import Callable
from functools import partial
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Any

ROOT = Path(__file__).parent.parent
PACKAGE = "custom_components/alphaess_live"
LANGUAGES = ("en", "de", "nl")
IGNORED = shutil.ignore_patterns("__pycache__", "e2e", "*.png")


class Tree:
    """A copy of the repository that a test changes."""

    def __init__(self, folder: Path) -> None:
        """Copy what the tests of the package need."""
        self.folder = folder
        for name in ("custom_components", "tests", "docs", "scripts"):
            shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
        shutil.copy(ROOT / "pyproject.toml", folder)

    def insert(self, file: str, text: str, *, after: str) -> None:
        """Insert lines after the one line that begins with `after`, blanks aside."""
        path = self.folder / file
        lines = path.read_text("utf-8").splitlines(keepends=True)
        [place] = (i for i, line in enumerate(lines) if line.strip().startswith(after))
        lines.insert(place + 1, text)
        path.write_text("".join(lines), "utf-8")

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace a text that occurs once in a file."""
        path = self.folder / file
        source = path.read_text("utf-8")
        assert source.count(old) == 1, (file, old)
        path.write_text(source.replace(old, new), "utf-8")

    def write(self, file: str, text: str) -> None:
        """Write a new file."""
        (self.folder / file).write_text(text, "utf-8")

    def append(self, file: str, text: str) -> None:
        """Append lines to a file."""
        path = self.folder / file
        path.write_text(path.read_text("utf-8") + text, "utf-8")

    def translate(self, edit: Callable[..., None]) -> None:
        """Edit the texts of each language: `edit(texts, language=...)`."""
        for language in LANGUAGES:
            file = f"{PACKAGE}/translations/{language}.json"
            self.edit_json(file, partial(edit, language=language))

    def edit_json(self, file: str, edit: Callable[[Any], None]) -> None:
        """Edit a JSON file."""
        path = self.folder / file
        content = json.loads(path.read_text("utf-8"))
        edit(content)
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2), "utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the copy."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "COV_", "COVERAGE_"))
        }
        return subprocess.run(  # noqa: S603
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment | {"PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    def evaluate(self, program: str) -> Any:
        """Run a program and decode what it prints."""
        done = self.run("-c", program)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def test(self, *arguments: str) -> str:
        """Run tests, which must pass, and return their report."""
        report, passed = self.try_test(*arguments)
        assert passed, report
        return report

    def try_test(self, *arguments: str) -> tuple[str, bool]:
        """Run tests and return their report, and whether they passed."""
        done = self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)
        return done.stdout + done.stderr, done.returncode == 0
