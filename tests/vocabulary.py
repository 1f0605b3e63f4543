"""The words that this project does not use, each with the term to use instead, and a scanner for them."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
import io
from pathlib import Path
import re
import tokenize

IDENTIFIERS: Mapping[str, str] = {
    "admit(s|ted)?": "filter, accept",
    "anybody|anyone|everybody|everyone": "all clients, all users",
    "arrivals?": "available, DynamicEntities",
    "audience": "channel",
    "beats?": "ping, heartbeat",
    "begun anew": "reset",
    "believe[sd]?": "accept, confirm, valid",
    "carriers?": "endpoint",
    "clog(s|ged)?": "is_blocked",
    "complain(s|ed|t|ts)?": "fault, warning",
    "contest": "comparison",
    "conversation": "session",
    "course": "direction",
    "crowd": "clients",
    "disobedience|disobeys?|obedience|obey(s|ed)?": "execute, apply, not_applied",
    "doing": "action",
    "doors?": "registry, entry point",
    "forebears?|heritage": "predecessor",
    "gates?": "connector, check",
    "goodbye": "close",
    "greet(s|ed|ing|ings)?": "on_reconnect, initial_messages",
    "hang up|let go": "release, close",
    "hears?|heard|hearing|overheard": "receive",
    "hurry": "fast_clock",
    "hush(ed)?": "suppress",
    "insist(s|ed)?": "confirm",
    "judge[sd]?": "compare",
    "knock(s|ed)?": "probe",
    "looks?": "read, check, find",
    "meets?": "connect_and_identify",
    "nobody|no one": "none",
    "patience|patient": "timeout_seconds, retry",
    "pulse": "heartbeat",
    "rivals?": "reference",
    "says?|said|spoken|speaks?": "write, format, receive, state",
    "seams?": "splice",
    "somebody|someone": "client, user, other program",
    "soon(?! as)": "schedule, timer",
    "spell(s|ed)?": "format",
    "strangers?": "unauthenticated, unknown",
    "tells?|told|untold": "notify, publish, report, to_dict",
    "whoever|whomever": "client, caller",
    "wish(es|ed)?": "setpoint, requested",
    "witness(es)?": "consistency checker",
}
"""Words that no name contains, as regular expressions; a name is split at underscores and capitals."""

PROSE: Mapping[str, str] = {
    "anybody|anyone|everybody|everyone": "any client, all entities, all users",
    "believe[sd]?|believing": "accept, confirm, be valid",
    "clog(s|ged)?": "block, be blocked",
    "disobedience|disobey(s|ed)?|obedience|obey(s|ed)?": "execute, apply, ignore",
    "doors?": "interface, entry point, API",
    "forebears?|heritage": "predecessor, registry settings",
    "goodbye": "close, close frame",
    "greet(s|ed|ing|ings)?": "send the initial messages, on reconnect",
    "hears?|heard": "receive, be notified of",
    "hush(es|ed)?": "suppress",
    "in vain": "without result",
    "insist(s|ed)?": "confirm, repeat",
    "knock(s|ed|ing)?": "probe",
    "manners": "requirements, limits",
    "nobody|no one": "no client, no user, nothing",
    "patience": "timeout",
    "pulse": "heartbeat, ping",
    "somebody|someone": "a client, a user, another program",
    "strangers?": "an unauthenticated client, an unknown device",
    "tell(s|ing)?|told|untold": "report, notify, publish, show, distinguish",
    "whoever|whomever": "the client that, the user who",
    "wish(es|ed)?": "request, setpoint",
    "witness(es|ed)?": "checker",
}
"""Words that no comment, docstring, error text or log line contains, as regular expressions."""

NAMES_OF_OTHERS = {
    "call_soon",
    "call_soon_threadsafe",
}
"""Names of the standard library and of other packages."""

LOG_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


@dataclass(frozen=True)
class Finding:
    """One word that is not used here, and where it stands."""

    path: Path
    line: int
    text: str
    instead: str

    def __str__(self) -> str:
        """Format as the line of a report."""
        return f"{self.path}:{self.line}: {self.text!r} – use: {self.instead}"


_NAME_PATTERNS = [(re.compile(rf"\b(?:{p})\b"), i) for p, i in IDENTIFIERS.items()]
_PROSE_PATTERNS = [
    (re.compile(rf"\b(?:{p})\b", re.IGNORECASE), i) for p, i in PROSE.items()
]
_QUOTED = re.compile(r"`[^`\n]*`|\"[^\"\n]*\"|“[^”\n]*”")
"""Names and literal texts of others may contain any word."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TYPESCRIPT = re.compile(
    r"(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<text>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)"
    r"|(?P<name>[A-Za-z_$][\w$]*)",
    re.DOTALL,
)


def scan(path: Path) -> Iterator[Finding]:
    """Find every forbidden word in a source file, Python or TypeScript."""
    yield from _name_findings(path, 1, path.stem)
    source = path.read_text("utf-8")
    if path.suffix == ".ts":
        yield from _scan_typescript(path, source)
    else:
        yield from _scan_python(path, source)


def scan_prose(path: Path, text: str) -> Iterator[Finding]:
    """Find every word of the old vocabulary in a text for users."""
    yield from _prose_findings(path, 1, text)


def _scan_python(path: Path, source: str) -> Iterator[Finding]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            yield from _name_findings(path, token.start[0], token.string)
        elif token.type == tokenize.COMMENT:
            yield from _prose_findings(path, token.start[0], token.string)
    for text in _texts(ast.parse(source)):
        yield from _prose_findings(path, text.lineno, str(text.value))


def _texts(tree: ast.Module) -> Iterator[ast.Constant]:
    """Find the string of each docstring, also below an attribute, of each error and of each log call."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as text):
                yield text
            case ast.Raise(exc=ast.Call(args=arguments)):
                yield from _strings(arguments)
            case ast.Call(func=ast.Attribute(attr=method), args=arguments) if (
                method in LOG_METHODS
            ):
                yield from _strings(arguments)


def _strings(arguments: list[ast.expr]) -> Iterator[ast.Constant]:
    for argument in arguments:
        for part in ast.walk(argument):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part


def _scan_typescript(path: Path, source: str) -> Iterator[Finding]:
    for match in _TYPESCRIPT.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        if name := match["name"]:
            yield from _name_findings(path, line, name)
        elif comment := match["comment"]:
            yield from _prose_findings(path, line, comment)


def _name_findings(path: Path, line: int, name: str) -> Iterator[Finding]:
    if name in NAMES_OF_OTHERS:
        return
    words = " ".join(_WORD.findall(name)).lower()
    for pattern, instead in _NAME_PATTERNS:
        if pattern.search(words):
            yield Finding(path, line, name, instead)


def _prose_findings(path: Path, line: int, text: str) -> Iterator[Finding]:
    plain = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    for pattern, instead in _PROSE_PATTERNS:
        for match in pattern.finditer(plain):
            at = line + plain.count("\n", 0, match.start())
            yield Finding(path, at, match[0], instead)
