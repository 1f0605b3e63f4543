"""Requests of the REST tests: all paths of all views, and orders."""

from typing import Any

from custom_components.alphaess_live.web.rest import VIEWS
from custom_components.alphaess_live.web.view import ApiView

from .conftest import Client

CHARGE_PATH = "/api/alphaess/charge"
ORDER = {"power": 1500, "targetSoc": 80, "duration": 3600}
GRID_TARGET = {"power": 0, "duration": 600}


def paths_of(view: type[ApiView]) -> list[str]:
    """List all paths of a view, with a valid date or year."""
    return [
        url.replace("{date}", "2025-01-06").replace("{year}", "2025")
        for url in (view.path, *view.extra_urls)
    ]


def body_of(method: str, path: str) -> dict[str, Any] | None:
    """Return a valid body of a request to a path."""
    if method.upper() != "POST":
        return None
    bodies = {"charge": ORDER, "discharge": ORDER, "grid-target": GRID_TARGET}
    return bodies.get(path.partition("?")[0].rpartition("/")[2], {})


ALL_PATHS = [(view, path) for view in VIEWS for path in paths_of(view)]
CONTROL_PATHS = [(view, path) for view, path in ALL_PATHS if view.method == "POST"]
MODBUS_PATHS = [(view, path) for view, path in ALL_PATHS if view.requires_modbus]


async def request_view(
    client: Client, view: type[ApiView], path: str
) -> tuple[int, Any]:
    """Send a valid request to a path of a view; return the status and the body."""
    body = body_of(view.method, path)
    response = await client.request(view.method, path, json=body)
    assert response.content_type == "application/json"
    return response.status, await response.json()


async def send_order(client: Client, path: str, body: Any = None) -> tuple[int, Any]:
    """Send an order; return the status and the body."""
    response = await client.post(path, json=body)
    return response.status, await response.json()
