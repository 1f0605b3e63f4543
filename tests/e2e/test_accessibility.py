"""Keyboard use, announcements of screen readers, and the automatic accessibility checks of axe."""

from collections.abc import AsyncGenerator
from importlib.resources import files
from typing import Any

from playwright.async_api import Locator, expect
import pytest_asyncio

from .card_assertions import (
    LOSS_LIMIT_MS,
    RECOVERY_LIMIT_MS,
    banner_button,
    expect_live,
    expect_state,
)
from .dashboard_page import DashboardPage, LoggedInBrowser
from .installation import Installation
from .test_connection import RESTART_ERRORS
from .test_faults import DERATED, METER_LOST

AXE_SCRIPT = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
FOCUSED_SCRIPT = """() => {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  if (getComputedStyle(focused).outlineStyle === "none") return "no visible outline";
  return focused.dataset.action ?? focused.className.trim().split(" ").at(-1);
}"""
"""Names the focused element, provided that an outline marks it."""
FOCUS_ORDER = [
    *("pause", "refresh", "fault"),
    *("solar", "export", "home", "battery"),
    *("soc", "power", "description", "labelled"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def disturbed(installation: Installation) -> AsyncGenerator[Installation]:
    """Return the installation; restart what the test stopped and clear its faults."""
    yield installation
    await installation.restart_inverter()
    await installation.home_assistant.start()


async def test_pause_and_resume_work_with_the_keyboard(
    dashboard: DashboardPage,
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    keyboard = dashboard.page.keyboard
    await card.locator("button.state").focus()
    await keyboard.press("Tab")
    assert await dashboard.page.evaluate(FOCUSED_SCRIPT) == "pause"
    await keyboard.press("Enter")
    await expect_state(card, "paused")
    assert await dashboard.page.evaluate(FOCUSED_SCRIPT) == "resume"
    await keyboard.press("Space")
    await expect_live(card)


async def test_keyboard_reaches_every_control_in_reading_order(
    disturbed: Installation, dashboard: DashboardPage
) -> None:
    await disturbed.restart_inverter(METER_LOST)
    card = await dashboard.open("card")
    await expect_live(card)
    await disturbed.call_action("charge", power=3000, target_soc=90, duration=600)
    try:
        for part in (
            "alphaess-live-fault button",
            "alphaess-live-dispatch .description",
        ):
            await expect(card.locator(part)).to_be_visible(
                timeout=2 * RECOVERY_LIMIT_MS
            )
        await card.locator("button.state").focus()
        assert await press_tab(dashboard, len(FOCUS_ORDER)) == FOCUS_ORDER
        await dashboard.page.keyboard.press("Enter")
        # The question replaces the button; the focus moves to the answer that changes nothing.
        await expect(card.locator(".choices")).to_be_visible()
        assert await dashboard.page.evaluate(FOCUSED_SCRIPT) == "labelled"
        assert await press_tab(dashboard, 1) == ["confirm"]
        await dashboard.page.keyboard.press("Enter")
        await expect(card.locator("alphaess-live-dispatch")).to_have_count(0)
    finally:
        await disturbed.call_action("stop")


async def press_tab(dashboard: DashboardPage, times: int) -> list[str]:
    """Press the tabulator key, and return what had the focus after each press."""
    focused = []
    for _ in range(times):
        await dashboard.page.keyboard.press("Tab")
        focused.append(await dashboard.page.evaluate(FOCUSED_SCRIPT))
    return focused


async def test_state_change_is_announced_and_the_age_is_not(
    disturbed: Installation, dashboard: DashboardPage
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    region = card.locator("alphaess-live-banner").get_by_role("status")
    await expect(region).to_contain_text("LIVE")
    await expect(region.locator(".age")).to_have_attribute("aria-live", "off")
    # A screen reader announces changes of a region that exists; it may miss a region that is added.
    await region.evaluate("(element) => { element.sameElement = true }")
    await disturbed.inverter.stop()
    await expect_state(card, "disconnected", within=LOSS_LIMIT_MS)
    await expect(region).to_contain_text("DISCONNECTED")
    assert await region.evaluate("(element) => element.sameElement")


async def test_axe_finds_no_violation_in_any_state_light_or_dark(
    disturbed: Installation, browser: LoggedInBrowser
) -> None:
    async with (
        browser.open_context(color_scheme="light") as light,
        browser.open_context(color_scheme="dark") as dark,
    ):
        await disturbed.restart_inverter(METER_LOST, DERATED)
        cards = [*await open_both_cards(light), *await open_both_cards(dark)]
        found = {"live": await violations(cards)}
        await disturbed.call_action("charge", power=3000, target_soc=90, duration=600)
        for dashboard in (light, dark):
            dispatch = dashboard.page.locator("alphaess-live-dispatch")
            await expect(dispatch).to_be_visible()
        found["dispatch"] = await violations(cards)
        await disturbed.call_action("stop")
        for dashboard in (light, dark):
            # It pauses both cards, because they share a feed.
            await banner_button(dashboard.card(), "pause").click()
        found["paused"] = await violations(cards, "paused")
        await disturbed.inverter.stop()
        found["disconnected"] = await violations(cards, "disconnected")
        await disturbed.home_assistant.stop()
        found["feed lost"] = await violations(cards, "feed_lost")
        assert not any(found.values()), found


async def open_both_cards(dashboard: DashboardPage) -> list[Locator]:
    """Open both cards, wait for all their parts, and load axe."""
    dashboard.allow_errors(*RESTART_ERRORS)
    await dashboard.open("both")
    await dashboard.page.evaluate(AXE_SCRIPT)
    await expect(dashboard.page.locator("alphaess-live-flow")).to_be_visible()
    cards = [dashboard.card(), dashboard.card("alphaess-live-status-card")]
    for card in cards:
        fault = card.locator("alphaess-live-fault button")
        await expect(fault).to_be_visible(timeout=2 * RECOVERY_LIMIT_MS)
    return cards


async def violations(cards: list[Locator], state: str = "live") -> list[Any]:
    """Run axe on cards that are in a state, and return what it found."""
    found = []
    for card in cards:
        await expect_state(card, state)
        result = await card.evaluate(
            "(card, options) => axe.run(card, options)", AXE_OPTIONS
        )
        found += [
            (violation["id"], node["target"], node["failureSummary"])
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
    return found
