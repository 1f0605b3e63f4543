"""README and docs: links between the pages lead somewhere, and the README stays short."""

from pathlib import Path
import re

import pytest

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
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
