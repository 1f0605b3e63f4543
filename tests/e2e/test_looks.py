"""What the cards look like: on a phone and on a wall, by day and by night, with little motion and with large numbers."""

import json

from playwright.async_api import Locator, WebSocketRoute, expect
import pytest

from .reading import colour, is_live
from .visitor import Door, Visitor

TALL = 2000
"""px: all of a dashboard at once."""
FITS = """(card) => {
  const page = document.scrollingElement;
  const { right } = card.getBoundingClientRect();
  const inside = [...card.shadowRoot.querySelectorAll("*")];
  return page.scrollWidth <= innerWidth && right <= innerWidth &&
    inside.every((part) => part.getBoundingClientRect().right <= right);
}"""
MOTION = """(flow) => new Promise((tell) => {
  const end = performance.now() + 6000;
  (function look(now) {
    if (flow.shadowRoot.getAnimations().length > 0) tell(true);
    else if (now > end) tell(false);
    else requestAnimationFrame(look);
  })(0);
})"""
SHIFTS = """
globalThis.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    shifts.push([value, ...sources.map(({ node }) => node?.localName ?? "text")]);
  }
}).observe({ type: "layout-shift" });
"""
"""Counts what moved on the page without being asked to."""


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
async def test_nothing_sticks_out_however_wide_the_screen(
    door: Door, width: int
) -> None:
    async with door.visit(viewport={"width": width, "height": TALL}) as visitor:
        card = await visitor.open("both")
        await is_live(card)
        status = visitor.card("alphaess-live-status-card")
        assert await card.evaluate(FITS)
        assert await status.evaluate(FITS)


async def test_the_cards_are_dark_when_home_assistant_is(door: Door) -> None:
    async with (
        door.visit(color_scheme="light") as day,
        door.visit(color_scheme="dark") as night,
    ):
        bright, dark = await day.open("card"), await night.open("card")
        await is_live(bright)
        await is_live(dark)
        assert sum(await colour(value_of(bright))) < 200
        assert sum(await colour(value_of(dark))) > 500


async def test_dots_move_while_power_flows(visitor: Visitor) -> None:
    card = await visitor.open("card")
    await is_live(card)
    assert await moves(card)


async def test_nothing_moves_for_who_asked_for_little_motion(door: Door) -> None:
    async with door.visit(reduced_motion="reduce") as visitor:
        card = await visitor.open("card")
        await is_live(card)
        await expect(card.locator("alphaess-live-flow .arrow").first).to_be_visible()
        assert not await moves(card)


async def test_nothing_moves_while_the_card_is_paused(visitor: Visitor) -> None:
    card = await visitor.open("card")
    await is_live(card)
    await card.locator("[data-action=pause]").click()
    await expect(card).to_have_attribute("state", "paused")
    assert not await moves(card)


async def test_nothing_shifts_when_a_number_grows(visitor: Visitor) -> None:
    sun = Sun()
    await visitor.page.route_web_socket("**/ws/power-data*", sun.shine)
    card = await visitor.open("card")
    await expect(card.locator(".node.solar")).to_contain_text("5")
    await expect(card.locator("alphaess-live-today")).to_be_visible()
    await visitor.page.evaluate(SHIFTS)
    for watts, shown in (
        (95, "95"),
        (999, "999"),
        (12_345, "12.3"),
        (123_456, "123.5"),
    ):
        sun.watts = watts
        await card.locator("[data-action=refresh]").click()
        await expect(card.locator(".node.solar .value")).to_contain_text(shown)
    assert await visitor.page.evaluate("shifts") == []


class Sun:
    """Overrides what the panels give, and the battery takes, on the way from the real feed to the page."""

    def __init__(self) -> None:
        """Begin at dawn."""
        self.watts = 5

    def shine(self, page: WebSocketRoute) -> None:
        """Stand between the two."""
        server = page.connect_to_server()
        server.on_message(lambda message: page.send(self._lit(message)))

    def _lit(self, message: str | bytes) -> str:
        told = json.loads(message)
        if told["type"] == "power_update":
            told["data"]["pv"]["power"] = self.watts
            told["data"]["battery"]["power"] = -self.watts
            told["data"]["battery"]["soc"] = min(100, self.watts // 10)
        return json.dumps(told)


def value_of(card: Locator) -> Locator:
    """Find the number that the sun has on a card."""
    return card.locator(".node.solar .value")


async def moves(card: Locator) -> bool:
    """Watch the dots of a card for longer than it takes to get fresh values."""
    seen: bool = await card.locator("alphaess-live-flow").evaluate(MOTION)
    return seen
