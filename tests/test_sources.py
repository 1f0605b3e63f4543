"""Sources of device facts: each citation in the package has a row in docs/sources.md."""

import ast
from collections.abc import Iterator
import io
from pathlib import Path
import re
import tokenize

from custom_components import alphaess_live
from scripts.registers import CITATION

PACKAGE = Path(alphaess_live.__file__).parent
PAGE = (PACKAGE.parent.parent / "docs" / "sources.md").read_text("utf-8")
CODE = re.compile(r"`[^`]*`")
ROW = re.compile(r'^\| <a id="([^"]+)"></a>`([^`]+)` \|', re.MULTILINE)


def notes(source: str) -> Iterator[str]:
    """Yield the docstrings and comments of a Python file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def cited() -> set[str]:
    """Return every key that a docstring or comment of the package cites."""
    return {
        one.split()[0]
        for path in sorted(PACKAGE.rglob("*.py"))
        for note in notes(path.read_text("utf-8"))
        for citation in CITATION.findall(CODE.sub("", note))
        for one in re.split(r";\s+", citation)
    }


def test_citation_in_the_package_has_a_row_in_the_page() -> None:
    """Every cited key is documented in docs/sources.md."""
    assert cited() <= {key for _, key in ROW.findall(PAGE)}


def test_row_of_the_page_is_cited_or_general() -> None:
    """A source that nothing cites stands under General."""
    specific, _, _ = PAGE.partition("\n## General\n")
    assert {key for _, key in ROW.findall(specific)} <= cited()


def test_row_of_the_page_has_an_anchor_and_a_key_of_its_own() -> None:
    """A link from registers.md reaches the row, and no key occurs twice."""
    rows = ROW.findall(PAGE)
    assert rows
    assert all(anchor == key for anchor, key in rows)
    assert len({key for _, key in rows}) == len(rows)
