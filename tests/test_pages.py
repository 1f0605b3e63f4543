"""README and docs: links and paths lead somewhere, and the README stays short."""

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from .vocabulary import scan_prose

ROOT = Path(__file__).parent.parent
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")))
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
NOT_PROSE = re.compile(
    r"^```.*?^```$|`[^`\n]*`|\bpatience\b|[\"“”]|^\| \d+ \|.*$",
    re.MULTILINE | re.DOTALL,
)
"""Code, quotes, translated texts of faults, and the name of a blueprint's input, which automations of users contain."""
CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"(?<![\w./:{<$*-])(?:\./)?\w[\w.-]*(?:/[\w.-]+)*/?(?![\w{<*…=])")
"""A relative path, or a name that may be one: not a URL, and not an absolute path such as those of the API."""
SOURCE_SUFFIXES = {".in", ".js", ".json", ".md", ".mjs", ".py", ".toml", ".ts"}
SOURCE_SUFFIXES |= {".txt", ".yaml", ".yml"}
PLACES = ("", "custom_components/alphaess_live")
"""Folders that a path may be relative to, besides that of its page."""
CREATED_BY_SCRIPTS = (".local/", ".venv/")
FILES_OF_USERS = {"apps.yaml", "message.json"}
NOT_PATHS = {"I/O", "application/json", "auth/sign_path"}
GENERATED_FROM_DOCSTRINGS = {"house.md", "registers.md"}
"""Their words are checked where they are written."""
TEXTS = (
    *(page for page in PAGES if page.name not in GENERATED_FROM_DOCSTRINGS),
    ROOT / "docs/openapi.yaml",
    ROOT / "custom_components/alphaess_live/translations/en.json",
    *sorted((ROOT / "blueprints").rglob("*.yaml")),
)
LONGEST_README_BYTES = 9_000
FOLDERS = ("blueprints", "custom_components", "docs", "frontend/src", "requirements")
NAMES = {path.name for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")}
NAMES |= {path.name for path in ROOT.glob("*.*")}
"""Names that a page may give without a folder."""


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page: its headings, as GitHub names them, and its explicit ones."""
    text = page.read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_link_to_another_page_has_a_target(page: Path) -> None:
    """Files exist, and sections of pages do too."""
    for file, anchor in LINK.findall(page.read_text("utf-8")):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), file
        if anchor:
            assert anchor in anchors(target), f"{file}#{anchor}"


def paths(page: Path) -> Iterator[str]:
    """Find the paths and file names in the code of a page."""
    for code in CODE.findall(page.read_text("utf-8")):
        for word in PATH.findall(code):
            if "/" in word or Path(word).suffix in SOURCE_SUFFIXES:
                yield word


def exists(path: str, page: Path) -> bool:
    """Return whether a path leads somewhere; a name alone may be that of any file."""
    if "/" not in path:
        return path in NAMES
    places = (page.parent, *(ROOT / place for place in PLACES))
    return any((place / path).exists() for place in places)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_path_in_the_code_of_a_page_exists(page: Path) -> None:
    known = FILES_OF_USERS | NOT_PATHS
    missing = [
        path
        for path in paths(page)
        if path not in known and not path.startswith(CREATED_BY_SCRIPTS)
        if not exists(path, page)
    ]
    assert not missing, f"{page.name} names files that do not exist: {missing}"


def test_path_of_a_missing_file_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "`tests/test_gone.py` `gone.yaml`\n```sh\n./scripts/gone --fast\n```\n", "utf-8"
    )
    found = list(paths(page))
    assert found == ["tests/test_gone.py", "gone.yaml", "./scripts/gone"]
    assert not any(exists(path, page) for path in found)


def test_readme_is_short() -> None:
    """Tables of figures belong to pages of their own."""
    assert (ROOT / "README.md").stat().st_size <= LONGEST_README_BYTES


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_text_for_users_uses_the_vocabulary(text: Path) -> None:
    """The words of the field, as in the code."""
    prose = NOT_PROSE.sub("", text.read_text("utf-8"))
    findings = [str(finding) for finding in scan_prose(text, prose)]
    assert not findings, "\n".join(findings)
