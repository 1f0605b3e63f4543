"""What the card shows when the inverter or Home Assistant stops and comes back."""

from collections.abc import AsyncGenerator
import re

from playwright.async_api import expect
import pytest_asyncio

from .card_assertions import (
    LOSS_LIMIT_MS,
    RECOVERY_LIMIT_MS,
    age_text,
    banner_button,
    css_color,
    expect_live,
    expect_state,
    flow_labels,
)
from .dashboard_page import DashboardPage
from .installation import Installation

AGE_IN_SECONDS = re.compile(r"^[0-9] s ago$")
AS_OF = re.compile(r"^as of \d\d?:\d\d( [AP]M)? · \d+ (s|min) ago$")
RESTART_ERRORS = (
    # Chromium's message for each request while the server is stopped or starting.
    r"net::ERR_CONNECTION_(REFUSED|RESET)",
    r"/ws/power-data.* failed: Error during WebSocket handshake: Unexpected response code: (404|503)",
    # Home Assistant's frontend loads the dialog of an outage only during the outage.
    r"Failed to fetch dynamically imported module: http://\S+/frontend_latest/",
    # After a reconnect it unsubscribes from subscriptions of the old server; the cards have none.
    r'Uncaught {"code":"not_found","message":"Subscription not found\."}',
)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _restart_stopped_processes(
    installation: Installation,
) -> AsyncGenerator[None]:
    yield
    await installation.inverter.start()
    await installation.home_assistant.start()


async def test_page_opened_without_inverter_is_disconnected_then_live(
    installation: Installation, dashboard: DashboardPage
) -> None:
    await installation.home_assistant.stop()
    await installation.inverter.stop()
    await installation.home_assistant.start()
    card = await dashboard.open("card")
    await expect_state(card, "disconnected")
    await expect(card.locator("alphaess-live-banner p")).not_to_be_empty()
    await installation.inverter.start()
    await expect_live(card, within=RECOVERY_LIMIT_MS)
    assert len(await flow_labels(card)) == 4


async def test_card_after_a_refused_connection_is_red_within_the_limit(
    installation: Installation, dashboard: DashboardPage
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    indicator = card.locator(".indicator")
    red, green, _ = await css_color(indicator, "backgroundColor")
    assert green > red
    live_color = await css_color(card.locator(".node.solar .icon"))
    await installation.inverter.stop()
    await expect_state(card, "disconnected", within=LOSS_LIMIT_MS)
    red, green, _ = await css_color(indicator, "backgroundColor")
    assert red > green
    assert all("–" not in value for value in await flow_labels(card))
    await expect(age_text(card)).to_have_text(AS_OF)
    await expect(card.locator(".as-of")).to_contain_text("as of")
    assert await css_color(card.locator(".node.solar .icon")) != live_color


async def test_card_of_a_silent_inverter_is_red_then_live_within_limits(
    installation: Installation, dashboard: DashboardPage
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    installation.inverter.suspend()
    try:
        await expect_state(card, "disconnected", within=LOSS_LIMIT_MS)
        await expect(card.locator("alphaess-live-banner p")).to_contain_text(
            "does not answer"
        )
    finally:
        installation.inverter.resume()
    await expect_live(card, within=RECOVERY_LIMIT_MS)
    await expect(age_text(card)).to_have_text(AGE_IN_SECONDS)
    await expect(card.locator(".as-of")).to_have_count(0)


async def test_card_after_inverter_restart_is_live_without_a_click(
    installation: Installation, dashboard: DashboardPage
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    await installation.inverter.stop()
    await expect_state(card, "disconnected", within=LOSS_LIMIT_MS)
    await installation.inverter.start()
    await expect_live(card, within=RECOVERY_LIMIT_MS)
    await expect(age_text(card)).to_have_text(AGE_IN_SECONDS)


async def test_retry_polls_at_once_and_has_no_effect_without_inverter(
    installation: Installation, dashboard: DashboardPage
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    await installation.inverter.stop()
    await expect_state(card, "disconnected", within=LOSS_LIMIT_MS)
    await banner_button(card, "refresh").click()
    await expect_state(card, "disconnected")
    await installation.inverter.start()
    await banner_button(card, "refresh").click()
    await expect_live(card, within=RECOVERY_LIMIT_MS)


async def test_paused_card_keeps_its_values_until_resumed(
    dashboard: DashboardPage,
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    await banner_button(card, "pause").click()
    await expect_state(card, "paused")
    before = await flow_labels(card)
    await expect(age_text(card)).to_have_text(
        re.compile(r"· 1[2-9] s ago$"), timeout=20_000
    )
    assert await flow_labels(card) == before
    await banner_button(card, "resume").click()
    await expect_live(card)
    await expect(age_text(card)).to_have_text(AGE_IN_SECONDS)


async def test_pause_lasts_beyond_an_outage_of_the_inverter(
    installation: Installation, dashboard: DashboardPage
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    await banner_button(card, "pause").click()
    await installation.inverter.stop()
    await expect_state(card, "disconnected", within=LOSS_LIMIT_MS)
    await installation.inverter.start()
    await expect_state(card, "paused", within=RECOVERY_LIMIT_MS)


async def test_card_during_home_assistant_restart_keeps_the_last_values(
    installation: Installation, dashboard: DashboardPage
) -> None:
    dashboard.allow_errors(*RESTART_ERRORS)
    card = await dashboard.open("card")
    await expect_live(card)
    await installation.home_assistant.stop()
    await expect_state(card, "feed_lost", within=LOSS_LIMIT_MS)
    before = await flow_labels(card)
    assert all("–" not in value for value in before)
    await expect(age_text(card)).to_have_text(AS_OF)
    assert await flow_labels(card) == before
    await installation.home_assistant.start()
    await expect_live(card)
    await expect(age_text(card)).to_have_text(AGE_IN_SECONDS)
