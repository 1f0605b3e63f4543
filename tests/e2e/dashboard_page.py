"""The dashboard of the tests, and browser pages that show it and record every error."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
import re
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    StorageState,
    WebSocket,
)

type Json = dict[str, Any]
type ContextOptions = dict[str, Any]

DASHBOARD_PATH = "e2e-house"
CARD: Json = {"type": "custom:alphaess-live-card"}
STATUS_CARD: Json = {"type": "custom:alphaess-live-status-card"}

DESKTOP: ContextOptions = {"viewport": {"width": 1000, "height": 1400}}
"""Tall, because cards outside of the viewport are not updated."""

FEED_PATH = "/ws/power-data"
API_PATH = "/api/alphaess/"
UNAVAILABLE = "the server responded with a status of 503"

DESCRIBE_REJECTIONS_SCRIPT = """
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof Error) return;
  event.preventDefault();
  console.error(`Uncaught ${JSON.stringify(event.reason)}`);
});
"""
"""Home Assistant's frontend rejects with plain objects, which Chromium reports only as "Object"."""


def dashboard_config() -> Json:
    """Return the configuration with all views; tests open a view by its path."""
    return {
        "views": [
            _view("card", CARD),
            _view("status", STATUS_CARD),
            _view("both", CARD, STATUS_CARD),
            _view("control", {**CARD, "show_control": True}),
            _view("debug", {**CARD, "title": "The shed", "show_debug": True}),
            _view("editable", CARD),
            _view("picked", CARD),
            _view("unknown", {"type": "custom:card-that-does-not-exist"}),
            _view(
                "wrong",
                {**CARD, "device": "AL0000000000000"},
                {**CARD, "show_flow": "yes", "show_floww": True},
            ),
        ]
    }


def _view(path: str, *cards: Json) -> Json:
    """Return a view of sections, with one card in each."""
    return {
        "title": path,
        "path": path,
        "type": "sections",
        "sections": [{"type": "grid", "cards": [card]} for card in cards],
    }


class DashboardPage:
    """A browser page whose errors are recorded."""

    def __init__(self, page: Page, address: str) -> None:
        """Subscribe to the events of the page."""
        self.page = page
        self._address = address
        self._errors: list[str] = []
        self._errors_before_loss: list[str] = []
        self._allowed: list[str] = []
        self._inverter_connected = False
        self._requested_while_connected: set[str] = set()
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)
        page.on("request", self._on_request)
        page.on("websocket", self._on_web_socket)

    async def open(self, view: str) -> Locator:
        """Open a view and return its first card."""
        await self.page.goto(f"{self._address}/{DASHBOARD_PATH}/{view}")
        return self.card()

    def card(self, tag: str = "alphaess-live-card") -> Locator:
        """Return the first card of a kind on the page."""
        return self.page.locator(tag).first

    def allow_errors(self, *patterns: str) -> None:
        """Expect errors that match these regular expressions."""
        self._allowed += patterns

    @property
    def errors(self) -> list[str]:
        """All errors of the page that are not allowed."""
        allowed = re.compile("|".join(self._allowed) or "(?!)")
        errors = self._errors + self._errors_before_loss
        return [error for error in errors if not allowed.search(error)]

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        url = message.location["url"]
        error = f"{message.text} ({url})"
        if UNAVAILABLE not in error or url not in self._requested_while_connected:
            self._errors.append(error)
        elif self._inverter_connected:
            self._errors_before_loss.append(error)

    def _on_page_error(self, error: Error) -> None:
        self._errors.append(f"Uncaught {error.message} {error.stack or ''}")

    def _on_request(self, request: Request) -> None:
        """Record whether the inverter is connected when the page sends a request.

        The inverter may be lost before the answer. No page can avoid that 503, which is no error if the feed
        reports the loss.
        """
        if API_PATH not in request.url:
            return
        if self._inverter_connected:
            self._requested_while_connected.add(request.url)
        else:
            self._requested_while_connected.discard(request.url)

    def _on_web_socket(self, socket: WebSocket) -> None:
        if FEED_PATH in socket.url:
            socket.on("framereceived", self._on_feed_message)
            socket.on("close", self._on_feed_closed)

    def _on_feed_closed(self, _socket: WebSocket) -> None:
        self._set_connected(connected=False)

    def _on_feed_message(self, text: str | bytes) -> None:
        message = json.loads(text)
        match message["type"]:
            case "connection_status":
                self._set_connected(connected=message["connected"])
            case "modbus_connected":
                self._set_connected(connected=True)
            case "modbus_disconnected":
                self._set_connected(connected=False)

    def _set_connected(self, *, connected: bool) -> None:
        self._inverter_connected = connected
        if not connected:
            self._errors_before_loss.clear()


class LoggedInBrowser:
    """Opens pages that are logged in to Home Assistant."""

    def __init__(self, browser: Browser, address: str) -> None:
        """Keep the browser; `log_in` must follow."""
        self._browser = browser
        self._address = address
        self._context: BrowserContext
        self._storage: StorageState

    async def log_in(self) -> None:
        """Log in as the owner, which needs no password here, and keep the resulting storage."""
        self._context = await self._browser.new_context(**DESKTOP)
        page = await self._context.new_page()
        await page.goto(self._address)
        await page.wait_for_function("localStorage.hassTokens")
        self._storage = await self._context.storage_state()
        await self._context.add_init_script(DESCRIBE_REJECTIONS_SCRIPT)
        await page.close()

    @asynccontextmanager
    async def open_page(self) -> AsyncGenerator[DashboardPage]:
        """Open a page of desktop size; its context has the cache of earlier pages, which halves the load time."""
        async with self._checked(await self._context.new_page()) as dashboard:
            yield dashboard

    @asynccontextmanager
    async def open_unchecked_page(self) -> AsyncGenerator[Page]:
        """Open a page that may have errors, without a login."""
        async with await self._browser.new_page() as page:
            yield page

    @asynccontextmanager
    async def open_context(self, **options: Any) -> AsyncGenerator[DashboardPage]:
        """Open a page in a context of its own, with an empty cache and these options of Playwright."""
        async with await self._browser.new_context(
            storage_state=self._storage, **(DESKTOP | options)
        ) as context:
            await context.add_init_script(DESCRIBE_REJECTIONS_SCRIPT)
            async with self._checked(await context.new_page()) as dashboard:
                yield dashboard

    @asynccontextmanager
    async def _checked(self, page: Page) -> AsyncGenerator[DashboardPage]:
        """Close a page at the end, and fail if it had errors."""
        async with page:
            dashboard = DashboardPage(page, self._address)
            yield dashboard
            assert not dashboard.errors, "\n".join(dashboard.errors)
