"""Finds in the source which texts it asks for, without running it."""

import ast
from collections.abc import Iterator
from functools import cache
import json
from pathlib import Path
import re
from typing import Any

from custom_components.alphaess_live import const
from custom_components.alphaess_live.alphaess.errors import (
    Disobedience,
    ErrorKind,
    Feature,
    ScheduleProblem,
)
from custom_components.alphaess_live.migration.migrate import MoveVerdict
from custom_components.alphaess_live.monitor import issues

HOUSE = Path(__file__).parent.parent / "custom_components" / "alphaess_live"

type Texts = dict[str, Any]

NAMES: dict[str, set[str]] = {
    "AWAY": {issues.CONNECTION_LOST},
    "CONF_GROUPS": {const.CONF_GROUPS},
    "CONF_MODEL_FAMILY": {const.CONF_MODEL_FAMILY},
    "problem": {problem.value for problem in ScheduleProblem},
    "kind": {kind.value for kind in ErrorKind},
    "why": {why.value for why in Disobedience},
    "lacking": {what.value for what in Feature},
    "verdict": {verdict.value for verdict in MoveVerdict},
}
"""What a name may stand for where a text's key is made of it."""


@cache
def read_texts(language: str) -> Texts:
    """Read what one language says."""
    path = HOUSE / "translations" / f"{language}.json"
    texts: Texts = json.loads(path.read_text("utf-8"))
    return texts


def flat(texts: Texts, at: str = "") -> Iterator[tuple[str, str]]:
    """Go through the texts, each under the path of its keys."""
    for key, below in texts.items():
        if isinstance(below, dict):
            yield from flat(below, f"{at}{key}.")
        else:
            yield f"{at}{key}", below


def mentions(text: str) -> set[str]:
    """Tell what is filled into a text."""
    return set(re.findall(r"\{(\w+)\}", text))


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse((HOUSE / file).read_text("utf-8"))


def source(file: str, *, of: str | None = None) -> ast.AST:
    """Parse a file, or the one class or function of it that is named."""
    if of is None:
        return _tree(file)
    [found] = [node for node in _tree(file).body if getattr(node, "name", None) == of]
    return found


def called(where: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Find the calls of a function or method, or of any."""
    for node in ast.walk(where):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", None))
            if not names or name in names:
                yield node


def passed(call: ast.Call, keyword: str) -> ast.expr | None:
    """Find what a call passes by a keyword."""
    values = [one.value for one in call.keywords if one.arg == keyword]
    return values[0] if values else None


def said(where: ast.AST, keyword: str, *names: str) -> set[str]:
    """Collect what the calls pass by a keyword."""
    values = [passed(call, keyword) for call in called(where, *names)]
    return set().union(*(spelled(value) for value in values if value))


def spelled(node: ast.expr) -> set[str]:
    """Spell what an expression can be: a word, one of two, or made of known names."""
    match node:
        case ast.Constant(value=str(word)):
            return {word}
        case ast.IfExp(body=one, orelse=other):
            return spelled(one) | spelled(other)
        case ast.Name(id=name):
            return NAMES[name]
        case ast.FormattedValue(value=value):
            return spelled(value)
        case ast.JoinedStr(values=parts):
            words = {""}
            for part in parts:
                words = {word + end for word in words for end in spelled(part)}
            return words
        case _:
            raise AssertionError(f"no test knows what this says: {ast.unparse(node)}")
