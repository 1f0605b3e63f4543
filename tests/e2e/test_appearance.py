"""Layout at every width, dark mode, animations, and no layout shifts."""

import json

from playwright.async_api import Locator, WebSocketRoute, expect
import pytest

from .card_assertions import banner_button, css_color, expect_live
from .dashboard_page import DashboardPage, LoggedInBrowser

FULL_HEIGHT = 2000
"""px; shows a dashboard without scrolling."""
FITS_SCRIPT = """(card) => {
  const page = document.scrollingElement;
  const { right } = card.getBoundingClientRect();
  const parts = [...card.shadowRoot.querySelectorAll("*")];
  return page.scrollWidth <= innerWidth && right <= innerWidth &&
    parts.every((part) => part.getBoundingClientRect().right <= right);
}"""
ANIMATES_SCRIPT = """(flow) => new Promise((resolve) => {
  const end = performance.now() + 6000;
  (function check(now) {
    if (flow.shadowRoot.getAnimations().length > 0) resolve(true);
    else if (now > end) resolve(false);
    else requestAnimationFrame(check);
  })(0);
})"""
SHIFTS_SCRIPT = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    shifts.push([value, ...sources.map(({ node }) => node?.localName ?? "text")]);
  }
}).observe({ type: "layout-shift" });
"""
"""Records each layout shift with the elements that moved."""


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
async def test_cards_at_any_page_width_stay_inside_the_page(
    dashboard: DashboardPage, width: int
) -> None:
    await dashboard.page.set_viewport_size({"width": width, "height": FULL_HEIGHT})
    card = await dashboard.open("both")
    await expect_live(card)
    status = dashboard.card("alphaess-live-status-card")
    assert await card.evaluate(FITS_SCRIPT)
    assert await status.evaluate(FITS_SCRIPT)


async def test_card_in_dark_mode_has_light_text(browser: LoggedInBrowser) -> None:
    async with (
        browser.open_context(color_scheme="light") as light_page,
        browser.open_context(color_scheme="dark") as dark_page,
    ):
        light, dark = await light_page.open("card"), await dark_page.open("card")
        await expect_live(light)
        await expect_live(dark)
        assert sum(await css_color(solar_value(light))) < 200
        assert sum(await css_color(solar_value(dark))) > 500


async def test_dots_move_while_power_flows(dashboard: DashboardPage) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    assert await animates(card)


async def test_dots_stay_still_with_reduced_motion(browser: LoggedInBrowser) -> None:
    async with browser.open_context(reduced_motion="reduce") as dashboard:
        card = await dashboard.open("card")
        await expect_live(card)
        await expect(card.locator("alphaess-live-flow .arrow").first).to_be_visible()
        assert not await animates(card)


async def test_dots_stay_still_while_paused(dashboard: DashboardPage) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    await banner_button(card, "pause").click()
    await expect(card).to_have_attribute("state", "paused")
    assert not await animates(card)


async def test_card_with_longer_numbers_shifts_nothing(
    dashboard: DashboardPage,
) -> None:
    override = PowerOverride()
    await dashboard.page.route_web_socket("**/ws/power-data*", override.intercept)
    card = await dashboard.open("card")
    await expect(card.locator(".node.solar")).to_contain_text("5")
    await expect(card.locator("alphaess-live-today")).to_be_visible()
    await dashboard.page.evaluate(SHIFTS_SCRIPT)
    for watts, shown in (
        (95, "95"),
        (999, "999"),
        (12_345, "12.3"),
        (123_456, "123.5"),
    ):
        override.watts = watts
        await banner_button(card, "refresh").click()
        await expect(solar_value(card)).to_contain_text(shown)
    assert await dashboard.page.evaluate("shifts") == []


class PowerOverride:
    """Forwards the real feed to a page, with another power of PV and battery."""

    def __init__(self) -> None:
        """Begin with a number of one digit."""
        self.watts = 5

    def intercept(self, page: WebSocketRoute) -> None:
        """Connect a page to the server."""
        server = page.connect_to_server()
        server.on_message(lambda text: page.send(self._with_override(text)))

    def _with_override(self, text: str | bytes) -> str:
        message = json.loads(text)
        if message["type"] == "power_update":
            message["data"]["pv"]["power"] = self.watts
            message["data"]["battery"]["power"] = -self.watts
            message["data"]["battery"]["soc"] = min(100, self.watts // 10)
        return json.dumps(message)


def solar_value(card: Locator) -> Locator:
    """Return the number of the solar node."""
    return card.locator(".node.solar .value")


async def animates(card: Locator) -> bool:
    """Return whether the dots move within 6 s, which is longer than the interval of updates."""
    moved: bool = await card.locator("alphaess-live-flow").evaluate(ANIMATES_SCRIPT)
    return moved
