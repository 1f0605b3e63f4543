"""Somebody in front of a browser, who opens dashboards and notices every error on them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import re
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    StorageState,
)

from .dashboards import PATH

type Options = dict[str, Any]

DESK: Options = {"viewport": {"width": 1000, "height": 1400}}
"""Tall: what is below the fold is not redrawn."""

SPELL_OUT = """
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof Error) return;
  event.preventDefault();
  console.error(`Uncaught ${JSON.stringify(event.reason)}`);
});
"""
"""Home Assistant rejects with plain objects, of which a browser tells no more than "Object"."""


class Visitor:
    """A page of their own."""

    def __init__(self, page: Page, address: str) -> None:
        """Listen to the page from the beginning."""
        self.page = page
        self._address = address
        self._complaints: list[str] = []
        self._forgiven: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", self._note)

    async def open(self, view: str) -> Locator:
        """Go to a view; answers with its first card."""
        await self.page.goto(f"{self._address}/{PATH}/{view}")
        return self.card()

    def card(self, name: str = "alphaess-live-card") -> Locator:
        """Find a card of ours on the page."""
        return self.page.locator(name).first

    def forgive(self, *patterns: str) -> None:
        """Expect errors that are not the card's."""
        self._forgiven += patterns

    @property
    def complaints(self) -> list[str]:
        """What went wrong on the page."""
        known = re.compile("|".join(self._forgiven) or "(?!)")
        return [text for text in self._complaints if not known.search(text)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complaints.append(f"{message.text} ({message.location['url']})")

    def _note(self, error: Error) -> None:
        self._complaints.append(f"Uncaught {error.message} {error.stack or ''}")


class Door:
    """Lets visitors in: each with an empty browser, but known to Home Assistant."""

    def __init__(self, browser: Browser, address: str) -> None:
        """Nobody is known yet."""
        self._browser = browser
        self._address = address
        self._known: StorageState | None = None

    async def log_in(self) -> None:
        """Enter as the owner, whom Home Assistant lets in, and remember what a browser would."""
        async with await self._browser.new_context() as context:
            page = await context.new_page()
            await page.goto(self._address)
            await page.wait_for_function("localStorage.hassTokens")
            self._known = await context.storage_state()

    @asynccontextmanager
    async def visit(self, **options: Any) -> AsyncGenerator[Visitor]:
        """Let somebody in, with a browser such as Playwright's options say; they must see no error."""
        async with await self._context(options) as context:
            await context.add_init_script(SPELL_OUT)
            visitor = Visitor(await context.new_page(), self._address)
            yield visitor
            assert not visitor.complaints, "\n".join(visitor.complaints)

    async def _context(self, options: Options) -> BrowserContext:
        return await self._browser.new_context(
            storage_state=self._known, **(DESK | options)
        )
