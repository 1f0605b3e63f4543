"""The cards without a mouse, without eyes, and with eyes that need contrast."""

from collections.abc import AsyncGenerator
from importlib.resources import files
from typing import Any

from playwright.async_api import Locator, expect
import pytest_asyncio

from .household import Household
from .reading import LOSS, RETURN, is_in, is_live
from .test_complaint import HOT, METER_LOST
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
  if (getComputedStyle(focus).outlineStyle === "none") return "nobody sees where";
  return focus.dataset.action ?? focus.className.trim().split(" ").at(-1);
}"""
"""What has the focus, if a ring around it says so."""
READING_ORDER = [
    *("pause", "refresh", "fault"),
    *("solar", "export", "home", "battery"),
    *("soc", "power", "description", "labelled"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def fragile(household: Household) -> AsyncGenerator[Household]:
    """Mend afterwards whatever a test took away."""
    yield household
    await household.fall_ill()
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


async def test_the_keyboard_reaches_everything_in_the_order_in_which_it_is_read(
    fragile: Household, visitor: Visitor
) -> None:
    await fragile.fall_ill(METER_LOST)
    card = await visitor.open("card")
    await is_live(card)
    await fragile.act("charge", power=3000, target_soc=90, duration=600)
    try:
        for part in (
            "alphaess-live-fault button",
            "alphaess-live-dispatch .description",
        ):
            await expect(card.locator(part)).to_be_visible(timeout=2 * RETURN)
        await card.locator("button.state").focus()
        assert await walk(visitor, len(READING_ORDER)) == READING_ORDER
        await visitor.page.keyboard.press("Enter")
        # The question takes the place of the button, and the focus: on the answer that changes nothing.
        await expect(card.locator(".choices")).to_be_visible()
        assert await visitor.page.evaluate(FOCUS) == "labelled"
        assert await walk(visitor, 1) == ["confirm"]
        await visitor.page.keyboard.press("Enter")
        await expect(card.locator("alphaess-live-dispatch")).to_have_count(0)
    finally:
        await fragile.act("stop")


async def walk(visitor: Visitor, steps: int) -> list[str]:
    """Go on with the tabulator, and tell where that led."""
    reached = []
    for _ in range(steps):
        await visitor.page.keyboard.press("Tab")
        reached.append(await visitor.page.evaluate(FOCUS))
    return reached


async def test_a_change_of_state_is_announced_and_a_counting_age_is_not(
    fragile: Household, visitor: Visitor
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    region = card.locator("alphaess-live-banner").get_by_role("status")
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
        await fragile.fall_ill(METER_LOST, HOT)
        cards = [*await meet(day), *await meet(night)]
        found = {"live": await faults(cards)}
        await fragile.act("charge", power=3000, target_soc=90, duration=600)
        for visitor in (day, night):
            dispatch = visitor.page.locator("alphaess-live-dispatch")
            await expect(dispatch).to_be_visible()
        found["dispatch"] = await faults(cards)
        await fragile.act("stop")
        for visitor in (day, night):
            # For both cards: they share a feed.
            await visitor.card().locator("[data-action=pause]").click()
        found["paused"] = await faults(cards, "paused")
        await fragile.inverter.off()
        found["disconnected"] = await faults(cards, "disconnected")
        await fragile.home_assistant.off()
        found["feed lost"] = await faults(cards, "feed_lost")
        assert not any(found.values()), found


async def meet(visitor: Visitor) -> list[Locator]:
    """Open both cards, with everything on them, and fetch axe."""
    visitor.forgive(*RESTART)
    await visitor.open("both")
    await visitor.page.evaluate(AXE)
    await expect(visitor.page.locator("alphaess-live-flow")).to_be_visible()
    cards = [visitor.card(), visitor.card("alphaess-live-status-card")]
    for card in cards:
        told = card.locator("alphaess-live-fault button")
        await expect(told).to_be_visible(timeout=2 * RETURN)
    return cards


async def faults(cards: list[Locator], state: str = "live") -> list[Any]:
    """Let axe look at cards that are in a state."""
    found = []
    for card in cards:
        await is_in(card, state)
        result = await card.evaluate("(card, rules) => axe.run(card, rules)", RULES)
        found += [
            (fault["id"], node["target"], node["failureSummary"])
            for fault in result["violations"]
            for node in fault["nodes"]
        ]
    return found
