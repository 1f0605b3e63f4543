"""Finds in the source which translated texts it uses, without running it."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
import json
from pathlib import Path
import re
from typing import Any

from custom_components.alphaess_live.alphaess.errors import (
    SUCCESS,
    ErrorKind,
    Feature,
    FieldKind,
    ScheduleProblem,
    Verdict,
)
from custom_components.alphaess_live.migration.migrate import MoveVerdict
from custom_components.alphaess_live.monitor.issues import WITHOUT_OUTAGE_ISSUE

PACKAGE = Path(__file__).parent.parent / "custom_components" / "alphaess_live"

type Texts = dict[str, Any]
type Function = ast.FunctionDef | ast.AsyncFunctionDef

VALUES: dict[str, set[str]] = {
    "problem": {problem.value for problem in ScheduleProblem},
    "kind": {kind.value for kind in ErrorKind},
    "cause": {kind.value for kind in ErrorKind} - WITHOUT_OUTAGE_ISSUE,
    "outcome": {verdict.value for verdict in Verdict if verdict not in SUCCESS},
    "expected": {kind.value for kind in FieldKind},
    "feature": {feature.value for feature in Feature},
    "verdict": {verdict.value for verdict in MoveVerdict},
}
"""The values of the variables from which the source composes keys of texts."""

SECTIONS = {
    "HomeAssistantError": "exceptions",
    "ServiceValidationError": "exceptions",
    "UpdateFailed": "exceptions",
    "ConfigEntryError": "exceptions",
    "async_create_issue": "issues",
    "SelectSelectorConfig": "selector",
}
"""The section of the translations that a call with `translation_key` uses."""


@cache
def read_texts(language: str) -> Texts:
    """Return all texts of one language."""
    path = PACKAGE / "translations" / f"{language}.json"
    texts: Texts = json.loads(path.read_text("utf-8"))
    return texts


def flatten(texts: Texts, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text with the path of its keys."""
    for key, below in texts.items():
        if isinstance(below, dict):
            yield from flatten(below, f"{at}{key}.")
        else:
            yield f"{at}{key}", below


def placeholders_in(text: str) -> set[str]:
    """Return the names in braces."""
    return set(re.findall(r"\{(\w+)\}", text))


@cache
def _tree(file: str) -> ast.Module:
    return ast.parse((PACKAGE / file).read_text("utf-8"))


def parse_source(file: str, *, of: str | None = None) -> ast.AST:
    """Parse a file, or one class or function of it."""
    if of is None:
        return _tree(file)
    [found] = [node for node in _tree(file).body if getattr(node, "name", None) == of]
    return found


def name_of(call: ast.Call) -> str | None:
    """Return the name of the function or method that is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", None))


def calls_of(where: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Yield the calls of functions or methods with these names, or all calls."""
    for node in ast.walk(where):
        if isinstance(node, ast.Call) and (not names or name_of(node) in names):
            yield node


def keyword_argument(call: ast.Call, keyword: str) -> ast.expr | None:
    """Return the value of a keyword argument, None if the call has none."""
    return next((one.value for one in call.keywords if one.arg == keyword), None)


def keyword_values(where: ast.AST, keyword: str, *names: str) -> set[str]:
    """Return the possible values of a keyword argument in all calls."""
    values = [keyword_argument(call, keyword) for call in calls_of(where, *names)]
    return set().union(*(possible_values(value) for value in values if value))


def possible_values(
    node: ast.expr, constants: Mapping[str, object] | None = None
) -> set[str]:
    """Return the strings that an expression can have.

    It may be a literal, a conditional, a constant of the module, or an f-string of
    these and of the variables in VALUES.
    """
    match node:
        case ast.Constant(value=str(word)):
            return {word}
        case ast.IfExp(body=one, orelse=other):
            return possible_values(one, constants) | possible_values(other, constants)
        case ast.Name(id=name) if name in VALUES:
            return VALUES[name]
        case ast.Name(id=name) if isinstance(value := (constants or {}).get(name), str):
            return {value}
        case ast.FormattedValue(value=value):
            return possible_values(value, constants)
        case ast.JoinedStr(values=parts):
            words = {""}
            for part in parts:
                ends = possible_values(part, constants)
                words = {word + end for word in words for end in ends}
            return words
        case _:
            raise AssertionError(f"unknown value of {ast.unparse(node)}: see VALUES")


@dataclass(frozen=True)
class TextUse:
    """One text that the source uses."""

    section: str
    key: str
    placeholders: frozenset[str] | None
    """The names that are filled in; None if the source does not list them."""


def text_uses() -> Iterator[TextUse]:
    """Yield every use of an exception, an issue or a selector in the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "translation_key=" in path.read_text("utf-8"):
            yield from _uses_in(path.relative_to(PACKAGE).with_suffix(""))


def _uses_in(module: Path) -> Iterator[TextUse]:
    """Yield the uses in one module, also those by functions that pass the key on."""
    dotted = ".".join(("custom_components.alphaess_live", *module.parts))
    constants = vars(import_module(dotted))
    tree = _tree(f"{module}.py")
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    for call in calls_of(tree):
        key = keyword_argument(call, "translation_key")
        if key is None:
            continue
        section = SECTIONS.get(name_of(call) or "")
        assert section, f"{module}: unknown use of a text in {ast.unparse(call)}"
        filled = _placeholders(keyword_argument(call, "translation_placeholders"))
        passing = _passing_on(key, call, functions)
        if passing is None:
            for word in possible_values(key, constants):
                yield TextUse(section, word, filled)
            continue
        for outer in calls_of(tree, passing.name):
            value, more = _outer_arguments(outer, passing, key)
            known = None if filled is None or more is None else filled | more
            for word in possible_values(value, constants):
                yield TextUse(section, word, known)


def _passing_on(
    key: ast.expr, call: ast.Call, functions: list[Function]
) -> Function | None:
    """Return the function whose parameter is the key, if the key is one."""
    for function in functions:
        names = [one.arg for one in function.args.args]
        if isinstance(key, ast.Name) and key.id in names and call in ast.walk(function):
            return function
    return None


def _placeholders(node: ast.expr | None) -> frozenset[str] | None:
    """Return the names that a `translation_placeholders` argument lists."""
    match node:
        case None | ast.Name():
            return frozenset()
        case ast.Dict(keys=keys):
            return frozenset(
                key.value
                for key in keys
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            )
    return None


def _outer_arguments(
    call: ast.Call, function: Function, key: ast.expr
) -> tuple[ast.expr, frozenset[str] | None]:
    """Return what a call passes as key, and the names of its further keywords."""
    assert isinstance(key, ast.Name)
    names = [one.arg for one in function.args.args if one.arg != "self"]
    own = {*names, *(one.arg for one in function.args.kwonlyargs)}
    value = keyword_argument(call, key.id) or call.args[names.index(key.id)]
    given = [one.arg for one in call.keywords if one.arg not in own]
    return value, None if None in given else frozenset(one for one in given if one)
