"""A client that was written to the guide of the followed system, and only knows our address and a token."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
import re
from typing import Any

from aiohttp import ClientSession, web
from playwright.async_api import Locator, Page, expect
import pytest_asyncio

from .dashboard_page import LoggedInBrowser
from .installation import Installation

PAGE = Path(__file__).parent / "guide_client.html"
LOSS_LIMIT_MS = 5_000
RETURN_LIMIT_MS = 10_000
RESTART_LIMIT_MS = 60_000
"""The client connects again at most 15 s after the server has started."""

REFRESH_SECONDS = 5
SOC = re.compile(r"^6\d(\.\d)?%$")
GREEN = "rgb(0, 128, 0)"
RED = "rgb(255, 0, 0)"


@dataclass(frozen=True)
class GuideClient:
    """The page of the client."""

    page: Page
    installation: Installation

    async def open(self) -> None:
        """Load the page, and wait until it has loaded its data or failed to."""
        installation = self.installation
        values = f"server={installation.address}&token={installation.token}"
        await self.page.goto(f"{installation.page_address}/#{values}")
        await self.page.wait_for_function("window.service?.socket")

    def part(self, name: str) -> Locator:
        """Return an element by its id."""
        return self.page.locator(f"#{name}")

    async def expect_live(self, *, within: int = RETURN_LIMIT_MS) -> None:
        """Wait for the green banner with the badge."""
        await expect(self.part("badge")).to_have_text("LIVE", timeout=within)
        await expect(self.part("status")).to_have_text("ModBus Connected")
        await expect(self.part("banner")).to_have_css("background-color", GREEN)

    async def expect_disconnected(self, *, within: int = LOSS_LIMIT_MS) -> None:
        """Wait for the red banner with its message."""
        await expect(self.part("status")).to_have_text(
            "ModBus Disconnected", timeout=within
        )
        await expect(self.part("banner")).to_have_css("background-color", RED)
        await expect(self.part("badge")).to_be_empty()
        await expect(self.part("message")).not_to_be_empty()

    async def expect_refreshes(self) -> None:
        """Wait for two refreshes, five seconds apart."""
        before = await self.value("store.refreshes")
        reached = f"store.refreshes >= {before + 2}"
        await self.page.wait_for_function(reached, timeout=2.5 * REFRESH_SECONDS * 1000)

    async def expect_no_refresh(self) -> None:
        """Wait for longer than the interval; nothing may be loaded."""
        before = await self.value("[store.refreshes, store.lastUpdate]")
        await asyncio.sleep(REFRESH_SECONDS + 1)
        assert await self.value("[store.refreshes, store.lastUpdate]") == before

    async def refresh_until_stopped(self) -> None:
        """Load at a short interval until an answer is 503, which stops the client."""
        while not await self.value("store.stops"):
            await self.value("store.loadAllData()")
            await asyncio.sleep(0.02)

    async def value(self, expression: str) -> Any:
        """Evaluate an expression on the page."""
        return await self.page.evaluate(expression)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _serve_page(installation: Installation) -> AsyncGenerator[None]:
    """Serve the page from an origin of its own; afterwards start what a test has stopped."""

    async def respond(_: web.Request) -> web.FileResponse:
        return web.FileResponse(PAGE)

    app = web.Application()
    app.router.add_get("/", respond)
    runner = web.AppRunner(app)
    await runner.setup()
    host, port = installation.page_address.removeprefix("http://").split(":")
    await web.TCPSite(runner, host, int(port)).start()
    yield
    await runner.cleanup()
    await installation.inverter.start()
    await installation.home_assistant.start()


@pytest_asyncio.fixture(loop_scope="session")
async def client(
    browser: LoggedInBrowser, installation: Installation
) -> AsyncGenerator[GuideClient]:
    """Return the client in a page of its own."""
    async with browser.open_unchecked_page() as page:
        yield GuideClient(page, installation)


async def test_initial_load_without_inverter_shows_the_loss(
    installation: Installation, client: GuideClient
) -> None:
    await installation.home_assistant.stop()
    await installation.inverter.stop()
    await installation.home_assistant.start()
    await client.open()
    await client.expect_disconnected()
    assert await client.value("store.stops") == 1
    await expect(client.part("soc")).to_be_empty()
    await client.expect_no_refresh()
    await installation.inverter.start()
    await client.expect_live()


async def test_refresh_stops_on_loss_and_restarts_on_return(
    installation: Installation, client: GuideClient
) -> None:
    await client.open()
    await client.expect_live()
    await expect(client.part("soc")).to_have_text(SOC)
    await installation.inverter.stop()
    await client.expect_disconnected()
    await client.expect_no_refresh()
    assert await client.value("store.autoRefreshEnabled") is False
    await installation.inverter.start()
    await client.expect_live()
    assert "modbus_connected" in await client.value("service.events")
    await client.expect_refreshes()


async def test_pause_stops_the_refresh_until_resume(client: GuideClient) -> None:
    await client.open()
    await client.expect_live()
    await client.part("toggle").click()
    await expect(client.part("badge")).to_have_text("PAUSED")
    await expect(client.part("status")).to_have_text("ModBus Connected")
    await client.expect_no_refresh()
    await client.part("toggle").click()
    await client.expect_live()
    await client.expect_refreshes()


async def test_feed_reconnects_after_the_server_was_stopped(
    installation: Installation, client: GuideClient
) -> None:
    await client.open()
    await client.expect_live()
    await installation.home_assistant.stop()
    await expect(client.part("debug")).to_have_text("Disconnected")
    await client.expect_no_refresh()
    await expect(client.part("soc")).to_have_text(SOC)
    await expect(client.part("badge")).to_have_text("LIVE")
    await installation.home_assistant.start()
    await expect(client.part("debug")).to_have_text(
        "Connected", timeout=RESTART_LIMIT_MS
    )
    await client.expect_live(within=RESTART_LIMIT_MS)
    await client.expect_refreshes()


async def test_client_stopped_by_a_restart_of_home_assistant_goes_on(
    installation: Installation, client: GuideClient
) -> None:
    await client.open()
    await client.expect_live()
    await installation.home_assistant.stop()
    stopping = asyncio.create_task(client.refresh_until_stopped())
    await installation.home_assistant.start()
    async with asyncio.timeout(30):
        await stopping
    await client.expect_live(within=RESTART_LIMIT_MS)
    await client.expect_refreshes()


async def test_client_stopped_by_a_reload_goes_on(
    installation: Installation, client: GuideClient
) -> None:
    await client.open()
    await client.expect_live()
    stopping = asyncio.create_task(client.refresh_until_stopped())
    await installation.reload_inverter()
    async with asyncio.timeout(10):
        await stopping
    await client.expect_live(within=RESTART_LIMIT_MS)
    await client.expect_refreshes()


async def test_page_of_an_unknown_origin_gets_no_answer(
    installation: Installation,
) -> None:
    url = f"{installation.address}/api/alphaess/charge"
    headers = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    async with ClientSession() as session:
        for origin, status in (
            (installation.page_address, HTTPStatus.OK),
            ("http://unknown.example", HTTPStatus.FORBIDDEN),
        ):
            async with session.options(url, headers=headers | {"Origin": origin}) as it:
                assert it.status == status
