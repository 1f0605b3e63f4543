"""A hidden page: it leaves the feed after a minute, and is live at once when it is shown again."""

from collections.abc import AsyncGenerator

from playwright.async_api import WebSocket, async_playwright
import pytest_asyncio

from .background_tab import hidden_behind_other_tab, open_visible_page
from .card_assertions import RECOVERY_LIMIT_MS, expect_live
from .dashboard_page import FEED_PATH, DashboardPage
from .installation import Installation

LESS_THAN_A_MINUTE_MS = 55_000
UNTIL_AFTER_A_MINUTE_MS = 10_000


@pytest_asyncio.fixture(loop_scope="session")
async def tab(installation: Installation) -> AsyncGenerator[DashboardPage]:
    """Return a page that can be hidden, with a clock that a test can move."""
    async with async_playwright() as playwright, open_visible_page(playwright) as page:
        await page.goto(installation.address)
        await page.wait_for_function("localStorage.hassTokens")
        await page.clock.install()
        yield DashboardPage(page, installation.address)


async def test_page_hidden_for_a_minute_leaves_the_feed_until_it_is_shown(
    tab: DashboardPage,
) -> None:
    feeds, clock = record_feeds(tab), tab.page.clock
    card = await tab.open("card")
    await expect_live(card)
    async with hidden_behind_other_tab(tab.page):
        await clock.fast_forward(LESS_THAN_A_MINUTE_MS)
        # A feed that has just received a message stays open although the clock jumps.
        await feeds[0].wait_for_event("framereceived")
        assert not feeds[0].is_closed()
        async with feeds[0].expect_event("close"):
            await clock.fast_forward(UNTIL_AFTER_A_MINUTE_MS)
        await clock.fast_forward(LESS_THAN_A_MINUTE_MS)
        assert len(feeds) == 1
    await expect_live(card, within=RECOVERY_LIMIT_MS)
    assert [feed.is_closed() for feed in feeds] == [True, False]


async def test_page_shown_again_within_a_minute_keeps_its_feed(
    tab: DashboardPage,
) -> None:
    feeds, clock = record_feeds(tab), tab.page.clock
    card = await tab.open("card")
    await expect_live(card)
    async with hidden_behind_other_tab(tab.page):
        await clock.fast_forward(LESS_THAN_A_MINUTE_MS)
    await feeds[0].wait_for_event("framereceived")
    await clock.fast_forward(UNTIL_AFTER_A_MINUTE_MS)
    await expect_live(card)
    assert [feed.is_closed() for feed in feeds] == [False]


def record_feeds(tab: DashboardPage) -> list[WebSocket]:
    """Return a list to which each feed that the page opens is added; Home Assistant's own socket is not."""
    feeds: list[WebSocket] = []

    def on_web_socket(socket: WebSocket) -> None:
        if FEED_PATH in socket.url:
            feeds.append(socket)

    tab.page.on("websocket", on_web_socket)
    return feeds
