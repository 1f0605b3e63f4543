"""The scanner for words that are not used here."""

from pathlib import Path

import pytest

from .vocabulary import IDENTIFIERS, PROSE, scan


def findings(folder: Path, text: str, suffix: str = ".py") -> list[str]:
    """Scan a source file with this text; return the words that are found."""
    path = folder / f"example{suffix}"
    path.write_text(text, "utf-8")
    return [finding.text for finding in scan(path)]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("wish = 1", "wish"),
        ("class FeedAudience: ...", "FeedAudience"),
        ("def is_told(x): ...", "is_told"),
        ("MAX_PATIENCE = 1", "MAX_PATIENCE"),
        ("# Nobody reads it.", "Nobody"),
        ('"""Tells the client."""', "Tells"),
        ('limit = 1\n"""The door."""', "door"),
        ('_LOGGER.info("heard from %s", host)', "heard"),
        ('getLogger().warning("nobody answered")', "nobody"),
        ('raise ValueError("nobody answered")', "nobody"),
    ],
)
def test_word_in_python_is_found(tmp_path: Path, text: str, word: str) -> None:
    assert findings(tmp_path, text) == [word]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("const knockKnock = 1;", "knockKnock"),
        ("// Somebody else wrote it.", "Somebody"),
        ("/* One line.\n * It waits in vain. */", "in vain"),
    ],
)
def test_word_in_typescript_is_found(tmp_path: Path, text: str, word: str) -> None:
    assert findings(tmp_path, text, ".ts") == [word]


@pytest.mark.parametrize(
    "text",
    [
        "loop.call_soon(run)",
        "connect_as_soon_as_possible = 1",
        'title = "Nobody is at home"',
        "# The user `nobody` of the system.",
        "outdoor = lookup = essay = 1",
    ],
)
def test_similar_words_and_texts_of_users_are_no_findings(
    tmp_path: Path, text: str
) -> None:
    assert findings(tmp_path, text) == []


def test_finding_names_the_place_and_the_term_to_use(tmp_path: Path) -> None:
    path = tmp_path / "example.py"
    path.write_text("\nwish = 1\n", "utf-8")
    [finding] = scan(path)
    assert str(finding) == f"{path}:2: 'wish' – use: setpoint, requested"


def test_file_name_is_scanned(tmp_path: Path) -> None:
    path = tmp_path / "hush.py"
    path.write_text("", "utf-8")
    assert [finding.text for finding in scan(path)] == ["hush"]


def test_every_word_has_a_term_to_use_instead() -> None:
    assert all((*IDENTIFIERS.values(), *PROSE.values()))
