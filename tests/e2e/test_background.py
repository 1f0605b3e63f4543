"""A page that nobody looks at: it costs the inverter nothing, and is live as soon as it is seen again."""

from collections.abc import AsyncGenerator

from playwright.async_api import WebSocket, async_playwright
import pytest_asyncio

from .background import another_tab_in_front, ordinary_page
from .household import Household
from .reading import RETURN, is_live
from .visitor import Visitor

BEFORE, AFTER = 55_000, 10_000
"""ms; a minute lies between them."""


@pytest_asyncio.fixture(loop_scope="session")
async def reader(household: Household) -> AsyncGenerator[Visitor]:
    """Somebody with several tabs, whose clock the test can turn."""
    async with async_playwright() as playwright, ordinary_page(playwright) as page:
        await page.goto(household.address)
        await page.wait_for_function("localStorage.hassTokens")
        await page.clock.install()
        yield Visitor(page, household.address)


async def test_a_page_behind_another_leaves_the_feed_after_a_minute_and_is_live_when_it_is_seen(
    reader: Visitor,
) -> None:
    feeds, clock = listen(reader), reader.page.clock
    card = await reader.open("card")
    await is_live(card)
    async with another_tab_in_front(reader.page):
        await clock.fast_forward(BEFORE)
        # A feed that has just spoken is not taken for dead when the clock leaps.
        await feeds[0].wait_for_event("framereceived")
        assert not feeds[0].is_closed()
        async with feeds[0].expect_event("close"):
            await clock.fast_forward(AFTER)
        await clock.fast_forward(BEFORE)
        assert len(feeds) == 1
    await is_live(card, within=RETURN)
    assert [feed.is_closed() for feed in feeds] == [True, False]


async def test_a_page_that_is_seen_again_within_a_minute_has_kept_its_feed(
    reader: Visitor,
) -> None:
    feeds, clock = listen(reader), reader.page.clock
    card = await reader.open("card")
    await is_live(card)
    async with another_tab_in_front(reader.page):
        await clock.fast_forward(BEFORE)
    await feeds[0].wait_for_event("framereceived")
    await clock.fast_forward(AFTER)
    await is_live(card)
    assert [feed.is_closed() for feed in feeds] == [False]


def listen(reader: Visitor) -> list[WebSocket]:
    """Note every live feed that the page opens, beside Home Assistant's own socket."""
    feeds: list[WebSocket] = []

    def note(socket: WebSocket) -> None:
        if "/ws/power-data" in socket.url:
            feeds.append(socket)

    reader.page.on("websocket", note)
    return feeds
