"""README and docs: links between the pages lead somewhere, and the README stays short."""

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
GENERATED_FROM_DOCSTRINGS = {"house.md", "registers.md"}
"""Their words are checked where they are written."""
TEXTS = (
    *(page for page in PAGES if page.name not in GENERATED_FROM_DOCSTRINGS),
    ROOT / "docs/openapi.yaml",
    ROOT / "custom_components/alphaess_live/translations/en.json",
    *sorted((ROOT / "blueprints").rglob("*.yaml")),
)
LONGEST_README_BYTES = 9_000


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


def test_readme_is_short() -> None:
    """Tables of figures belong to pages of their own."""
    assert (ROOT / "README.md").stat().st_size <= LONGEST_README_BYTES


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_text_for_users_uses_the_vocabulary(text: Path) -> None:
    """The words of the field, as in the code."""
    prose = NOT_PROSE.sub("", text.read_text("utf-8"))
    findings = [str(finding) for finding in scan_prose(text, prose)]
    assert not findings, "\n".join(findings)
