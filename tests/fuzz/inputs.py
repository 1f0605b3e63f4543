"""What is sent at random: requests, messages of the feed, and calls of actions, valid or nearly or not at all."""

from dataclasses import dataclass
import json
from typing import Any

from aiohttp import WSMsgType
from hypothesis import strategies as st

from custom_components.alphaess_live.simulator.models import THREE_PHASE
from custom_components.alphaess_live.web.commands import COMMANDS
from custom_components.alphaess_live.web.rest import VIEWS

NAMES = (
    *("power", "watts", "targetSoc", "targetSOC", "minimumSOC", "duration", "block"),
    *("durationHours", "takeOver", "pv", "minSoc", "maxSoc", "maxPower", "limit"),
    *("type", "token", "id", "size", "maxWait", "flows", "serial", "since", "start"),
    *("end", "period", "summary", "target_soc", "min_soc", "max_soc", "max_power"),
    *("take_over", "share", "entity_id", "device_id", "area_id", "config_entry_id"),
    *("active_periods", "charge_start_1", "charge_target", "unit_id", "entry_id"),
)
"""Names that have a meaning in REST, on the feed or in an action."""

WORDS = st.sampled_from(
    (
        *(THREE_PHASE.serial, "AL7011025000042", "plant", "both", "charge", "hour"),
        *("2025-01-06", "2025-02-30", "0001-01-01", "9999-12-31", "0000-00-00"),
        *("2025-01-06T10:30:00Z", "9999-12-31T23:59:59+14:00", "1e400", "-0", "01:00"),
        *("0001-01-01T00:00:00-14:00", "5minute", "month", "on", "off", "all", "none"),
        *("P1D", "24:00:00", "\ud83d\ude00", "\x00", "../../etc/passwd", "%2e", "null"),
    )
)
TEXTS = st.text(max_size=40) | WORDS | st.text("0123456789-:TZ.+ ", max_size=30)
NUMBERS = (
    st.integers()
    | st.integers(-10, 100)
    | st.integers(0, 100_000)
    | st.floats()
    | st.sampled_from((2**31, 2**63, 2**64, -(2**63), 1e308, 86400, 86401, 59, 60, 4))
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=8,
)
_WATTS, _SOC, _SECONDS = (
    st.integers(1, 5000),
    st.integers(4, 100),
    st.integers(60, 86400),
)
_FLAGS = st.booleans()
PLAUSIBLE: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("power", "watts", "max_power", "maxPower"), _WATTS),
    **dict.fromkeys(("targetSoc", "targetSOC", "target_soc"), _SOC),
    **dict.fromkeys(("minSoc", "min_soc", "minimumSOC"), st.integers(4, 50)),
    **dict.fromkeys(("maxSoc", "max_soc"), st.integers(50, 100)),
    **dict.fromkeys(("takeOver", "take_over", "pv", "limit", "flows"), _FLAGS),
    "duration": _SECONDS,
    "durationHours": st.floats(0.1, 20),
    "block": st.sampled_from(("both", "charge", "discharge")),
    "share": st.integers(0, 100),
    "size": st.integers(1, 100),
    "maxWait": st.integers(1, 60),
}
"""Valid values of fields."""

_TARGETS: dict[str, st.SearchStrategy[Any]] = dict.fromkeys(
    ("entity_id", "device_id", "area_id", "floor_id", "label_id"),
    TEXTS | st.lists(TEXTS, max_size=3) | st.none(),
)
"""Home Assistant's own validation of these raises a TypeError for a number."""

_MOSTLY = st.sampled_from((True, True, True, True, False))


def objects(names: tuple[str, ...] = NAMES) -> st.SearchStrategy[dict[str, Any]]:
    """Build objects with these keys: most values are valid, some are not, few keys are unknown."""

    @st.composite
    def build(draw: st.DrawFn) -> dict[str, Any]:
        keys = draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
        content = {
            key: draw(PLAUSIBLE.get(key, others) if draw(_MOSTLY) else others)
            for key in keys
            for others in (_TARGETS.get(key, VALUES),)
        }
        if not draw(_MOSTLY):
            unknown = TEXTS.filter(lambda one: one not in _TARGETS)
            content |= draw(st.dictionaries(unknown, VALUES, max_size=2))
        return content

    return build()


OBJECTS = objects()

_DEEP = b"[" * 3000
_LARGE = b'{"power":"' + b"x" * 5000 + b'"}'


def _encode(value: Any) -> bytes:
    return json.dumps(value).encode(errors="surrogatepass")


BODIES = (
    OBJECTS.map(_encode)
    | OBJECTS.map(_encode)
    | VALUES.map(_encode)
    | st.binary(max_size=60)
    | st.sampled_from((b"", _DEEP, _LARGE, b"{", b'{"power":NaN}', b"\xff\xfe{}"))
)


@dataclass(frozen=True)
class RestInput:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class FeedInput:
    """A connection of the feed, and the frames that its client sends."""

    query: dict[str, str]
    has_token: bool
    frames: tuple[tuple[WSMsgType, bytes], ...]


@dataclass(frozen=True)
class ActionInput:
    """A call of an action."""

    name: str
    data: dict[str, Any]


_SEGMENTS = st.integers(-1, 10000).map(str) | TEXTS.filter(lambda one: "/" not in one)
_PATHS = sorted(
    {(view.method, url) for view in VIEWS for url in (view.path, *view.extra_urls)}
)
_METHODS = st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"))
_QUERIES = st.dictionaries(
    st.sampled_from(
        ("serial", "start", "end", "period", "since", "flows", "summary", "authSig")
    )
    | TEXTS,
    TEXTS,
    max_size=4,
)


@st.composite
def rest_inputs(draw: st.DrawFn) -> RestInput:
    """Build a request to one of the paths."""
    method, path = draw(st.sampled_from(_PATHS))
    if not draw(_MOSTLY):
        method = draw(_METHODS)
    for name in ("{date}", "{year}"):
        if name in path:
            path = path.replace(name, draw(_SEGMENTS.filter(bool)))
    return RestInput(method, path, draw(_QUERIES), draw(BODIES))


_COMMANDS = st.builds(
    lambda kind, fields: _encode(fields | {"type": kind}),
    st.sampled_from(tuple(map(str, COMMANDS))),
    OBJECTS,
)
_FRAMES = st.tuples(
    st.sampled_from((WSMsgType.TEXT, WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING)),
    _COMMANDS | BODIES,
).map(lambda one: (one[0], one[1][:100]) if one[0] is WSMsgType.PING else one)

FEED_INPUTS = st.builds(
    FeedInput,
    _QUERIES,
    st.booleans(),
    st.lists(_FRAMES, max_size=6).map(tuple),
)


def action_inputs(
    actions: dict[str, tuple[str, ...]],
) -> st.SearchStrategy[ActionInput]:
    """Build calls of these actions, each with the names of its fields."""
    return st.sampled_from(sorted(actions)).flatmap(
        lambda name: st.builds(ActionInput, st.just(name), objects(actions[name]))
    )
