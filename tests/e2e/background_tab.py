"""A browser whose tabs can be hidden: Playwright keeps every page of a browser that it starts itself visible."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import tempfile

from playwright.async_api import Error, Page, Playwright

from scripts.demo_run.config_folder import LOOPBACK
from scripts.demo_run.processes import free_port

from .conftest import CHROMIUM, FLAGS

CONNECT_ATTEMPTS = 100
CONNECT_INTERVAL_SECONDS = 0.2


@asynccontextmanager
async def open_visible_page(playwright: Playwright) -> AsyncGenerator[Page]:
    """Start Chromium without Playwright, connect to it and return its first page."""
    port = free_port(LOOPBACK)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM,
            "--headless",
            *FLAGS,
            f"--remote-debugging-port={port}",
            f"--user-data-dir={profile}",
            "about:blank",
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield await _connect(playwright, f"http://{LOOPBACK}:{port}")
        finally:
            process.terminate()
            await process.wait()


async def _connect(playwright: Playwright, address: str) -> Page:
    for attempt in range(1, CONNECT_ATTEMPTS + 1):
        try:
            browser = await playwright.chromium.connect_over_cdp(
                address, no_defaults=True
            )
            return browser.contexts[0].pages[0]
        except Error:
            if attempt == CONNECT_ATTEMPTS:
                raise
            await asyncio.sleep(CONNECT_INTERVAL_SECONDS)
    raise AssertionError("The last attempt returns or raises.")


@asynccontextmanager
async def hidden_behind_other_tab(page: Page) -> AsyncGenerator[None]:
    """Hide a page behind another tab; show it again when the context ends."""
    other = await page.context.new_page()
    await other.bring_to_front()
    await page.wait_for_function("document.hidden", polling=100)
    yield
    await other.close()
    await page.bring_to_front()
    await page.wait_for_function("!document.hidden", polling=100)
