"""The cards without a mouse, without eyes, and with eyes that need contrast."""

from collections.abc import AsyncGenerator
from importlib.resources import files
from typing import Any

from playwright.async_api import Locator, expect
import pytest_asyncio

from .household import Household
from .reading import LOSS, is_in, is_live
from .test_connection import RESTART
from .visitor import Door, Visitor

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
FOCUS = """() => {
  let focus = document.activeElement;
  while (focus?.shadowRoot?.activeElement) focus = focus.shadowRoot.activeElement;
  return focus?.dataset?.does ?? "";
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def fragile(household: Household) -> AsyncGenerator[Household]:
    """Mend afterwards whatever a test took away."""
    yield household
    await household.inverter.on()
    await household.home_assistant.on()


async def test_pause_and_resume_are_in_reach_of_the_keyboard(visitor: Visitor) -> None:
    card = await visitor.open("card")
    await is_live(card)
    keyboard = visitor.page.keyboard
    await card.locator("button.state").focus()
    await keyboard.press("Tab")
    assert await visitor.page.evaluate(FOCUS) == "pause"
    await keyboard.press("Enter")
    await is_in(card, "paused")
    assert await visitor.page.evaluate(FOCUS) == "resume"
    await keyboard.press("Space")
    await is_live(card)


async def test_a_change_of_state_is_announced_and_a_counting_age_is_not(
    fragile: Household, visitor: Visitor
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    region = card.get_by_role("status")
    await expect(region).to_contain_text("LIVE")
    await expect(region.locator(".age")).to_have_attribute("aria-live", "off")
    # A screen reader speaks of a region that it has known before; a new one it may miss.
    await region.evaluate("(element) => { element.known = true }")
    await fragile.inverter.off()
    await is_in(card, "disconnected", within=LOSS)
    await expect(region).to_contain_text("DISCONNECTED")
    assert await region.evaluate("(element) => element.known")


async def test_contrast_names_and_roles_are_right_in_every_state_by_day_and_by_night(
    fragile: Household, door: Door
) -> None:
    async with (
        door.visit(color_scheme="light") as day,
        door.visit(color_scheme="dark") as night,
    ):
        cards = []
        for visitor in (day, night):
            visitor.forgive(*RESTART)
            cards.append(await visitor.open("both"))
            await is_live(cards[-1])
            await visitor.page.evaluate(AXE)
        found = {"live": await faults(cards)}
        for card in cards:
            await card.locator("[data-does=pause]").click()
        found["paused"] = await faults(cards, "paused")
        await fragile.inverter.off()
        found["disconnected"] = await faults(cards, "disconnected")
        await fragile.home_assistant.off()
        found["feed lost"] = await faults(cards, "feed_lost")
        assert not any(found.values()), found


async def faults(cards: list[Locator], state: str = "live") -> list[Any]:
    """Let axe look at cards that are in a state."""
    found = []
    for card in cards:
        await is_in(card, state)
        await expect(card.locator("alphaess-live-flow")).to_be_visible()
        result = await card.evaluate("(card, rules) => axe.run(card, rules)", RULES)
        found += [
            (fault["id"], node["target"], node["failureSummary"])
            for fault in result["violations"]
            for node in fault["nodes"]
        ]
    return found
