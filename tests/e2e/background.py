"""A browser whose tabs can really be in the background, which those that a test drives are kept from."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import tempfile

from playwright.async_api import Error, Page, Playwright

from scripts.demo_run.config_folder import LOOPBACK
from scripts.demo_run.processes import free_port

from .conftest import CHROMIUM, FLAGS

TRIES = 50


@asynccontextmanager
async def ordinary_page(playwright: Playwright) -> AsyncGenerator[Page]:
    """Open a browser as a person does and only then reach for it: so Playwright does not keep its pages in front."""
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
            yield await _reach(playwright, f"http://{LOOPBACK}:{port}")
        finally:
            process.terminate()
            await process.wait()


async def _reach(playwright: Playwright, address: str) -> Page:
    for attempt in range(TRIES):
        try:
            browser = await playwright.chromium.connect_over_cdp(
                address, no_defaults=True
            )
            return browser.contexts[0].pages[0]
        except Error:
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(0.2)
    raise AssertionError("The last try answers or raises.")


@asynccontextmanager
async def another_tab_in_front(page: Page) -> AsyncGenerator[None]:
    """Hide a page behind another."""
    other = await page.context.new_page()
    await other.bring_to_front()
    await page.wait_for_function("document.hidden", polling=100)
    yield
    await other.close()
    await page.bring_to_front()
    await page.wait_for_function("!document.hidden", polling=100)
