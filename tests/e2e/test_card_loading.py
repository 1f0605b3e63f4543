"""Twenty cold and twenty warm loads of a dashboard: no frame shows an error card in the place of ours."""

from playwright.async_api import Page

from .card_assertions import expect_live
from .dashboard_page import DashboardPage, LoggedInBrowser

LOADS = 20
COUNT_ERROR_FRAMES_SCRIPT = """
globalThis.frames = { all: 0, withError: 0 };
const errors = [];
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  if (this.localName === "hui-error-card") errors.push(this);
  return attach.call(this, options);
};
(function count() {
  frames.all += 1;
  if (errors.some((card) => card.isConnected && card.checkVisibility())) frames.withError += 1;
  requestAnimationFrame(count);
})();
"""
"""Counts the frames in which Home Assistant shows an error card in the place of an unknown card.

It hides that error for the first two seconds, because the card may still be loading.
"""


async def test_error_frames_of_an_unknown_card_are_counted(
    dashboard: DashboardPage,
) -> None:
    await dashboard.page.add_init_script(COUNT_ERROR_FRAMES_SCRIPT)
    await dashboard.open("unknown")
    await dashboard.page.get_by_text("Configuration error").wait_for()
    assert await error_frames(dashboard.page)


async def test_cold_load_shows_no_error_card(
    browser: LoggedInBrowser,
) -> None:
    for _ in range(LOADS):
        async with browser.open_context() as dashboard:
            await dashboard.page.add_init_script(COUNT_ERROR_FRAMES_SCRIPT)
            await expect_live(await dashboard.open("both"))
            assert not await error_frames(dashboard.page)


async def test_reload_shows_no_error_card(dashboard: DashboardPage) -> None:
    await dashboard.page.add_init_script(COUNT_ERROR_FRAMES_SCRIPT)
    await dashboard.open("both")
    for _ in range(LOADS):
        await dashboard.page.reload()
        await expect_live(dashboard.card())
        assert not await error_frames(dashboard.page)


async def error_frames(page: Page) -> int:
    """Return how many frames showed an error card."""
    frames = await page.evaluate("frames")
    assert frames["all"]
    count: int = frames["withError"]
    return count
