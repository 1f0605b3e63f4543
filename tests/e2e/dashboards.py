"""The dashboards that the tests look at: a view for each question."""

from typing import Any

type Json = dict[str, Any]

PATH = "e2e-house"
CARD: Json = {"type": "custom:alphaess-live-card"}
STATUS: Json = {"type": "custom:alphaess-live-status-card"}


def compose() -> Json:
    """Lay out every view; its path is what a test asks for."""
    return {
        "views": [
            _sections("card", CARD),
            _sections("status", STATUS),
            _sections("both", CARD, STATUS),
            _sections("debug", {**CARD, "title": "The shed", "show_debug": True}),
            _sections("editable", CARD),
            _sections("picked", CARD),
            _sections("unknown", {"type": "custom:nobody-made-this"}),
            _sections(
                "wrong",
                {**CARD, "device": "AL0000000000000"},
                {**CARD, "show_flow": "yes", "show_floww": True},
            ),
        ]
    }


def _sections(path: str, *cards: Json) -> Json:
    """Make a view as Home Assistant's own editor does; each card has its column."""
    return {
        "title": path,
        "path": path,
        "type": "sections",
        "sections": [{"type": "grid", "cards": [card]} for card in cards],
    }
