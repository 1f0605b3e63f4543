"""Is it live? What a person sees when the inverter or Home Assistant goes away and comes back."""

from collections.abc import AsyncGenerator
import re

from playwright.async_api import expect
import pytest_asyncio

from .household import Household
from .reading import LOSS, RETURN, age, button, colour, is_in, is_live, values
from .visitor import Visitor

SECONDS = re.compile(r"^[0-9] s ago$")
AS_OF = re.compile(r"^as of \d\d?:\d\d( [AP]M)? · \d+ (s|min) ago$")
RESTART = (
    # Chromium's own words for each request while there is no server, or one that is only starting.
    r"net::ERR_CONNECTION_(REFUSED|RESET)",
    r"/ws/power-data.* failed: Error during WebSocket handshake: Unexpected response code: (404|503)",
    # Home Assistant's frontend fetches what it shows during an outage only when the outage is there.
    r"Failed to fetch dynamically imported module: http://\S+/frontend_latest/",
    # Its client unsubscribes after a reconnect from what the new server never knew; we subscribe to nothing.
    r'Uncaught {"code":"not_found","message":"Subscription not found\."}',
)


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _everything_is_back(household: Household) -> AsyncGenerator[None]:
    yield
    await household.inverter.on()
    await household.home_assistant.on()


async def test_a_page_opened_while_the_inverter_is_off_says_so_and_becomes_live_by_itself(
    household: Household, visitor: Visitor
) -> None:
    await household.home_assistant.off()
    await household.inverter.off()
    await household.home_assistant.on()
    card = await visitor.open("card")
    await is_in(card, "disconnected")
    await expect(card.locator("alphaess-live-banner p")).not_to_be_empty()
    await household.inverter.on()
    await is_live(card, within=RETURN)
    assert len(await values(card)) == 4


async def test_a_refused_link_is_red_within_5_s_and_its_values_stay_marked_as_old(
    household: Household, visitor: Visitor
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    lamp = card.locator(".indicator")
    red, green, _ = await colour(lamp, "backgroundColor")
    assert green > red
    bright = await colour(card.locator(".node.solar .icon"))
    await household.inverter.off()
    await is_in(card, "disconnected", within=LOSS)
    red, green, _ = await colour(lamp, "backgroundColor")
    assert red > green
    assert all("–" not in value for value in await values(card))
    await expect(age(card)).to_have_text(AS_OF)
    await expect(card.locator(".as-of")).to_contain_text("as of")
    assert await colour(card.locator(".node.solar .icon")) != bright


async def test_an_inverter_that_falls_silent_is_red_within_5_s_and_live_within_10_s_of_its_return(
    household: Household, visitor: Visitor
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    household.inverter.freeze()
    try:
        await is_in(card, "disconnected", within=LOSS)
        await expect(card.locator("alphaess-live-banner p")).to_contain_text(
            "does not answer"
        )
    finally:
        household.inverter.thaw()
    await is_live(card, within=RETURN)
    await expect(age(card)).to_have_text(SECONDS)
    await expect(card.locator(".as-of")).to_have_count(0)


async def test_an_inverter_that_was_switched_off_is_live_within_10_s_without_a_click(
    household: Household, visitor: Visitor
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    await household.inverter.off()
    await is_in(card, "disconnected", within=LOSS)
    await household.inverter.on()
    await is_live(card, within=RETURN)
    await expect(age(card)).to_have_text(SECONDS)


async def test_retry_asks_at_once_and_changes_nothing_while_the_inverter_is_off(
    household: Household, visitor: Visitor
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    await household.inverter.off()
    await is_in(card, "disconnected", within=LOSS)
    await button(card, "refresh").click()
    await is_in(card, "disconnected")
    await household.inverter.on()
    await button(card, "refresh").click()
    await is_live(card, within=RETURN)


async def test_a_paused_card_stands_still_and_stays_green_until_resumed(
    visitor: Visitor,
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    await button(card, "pause").click()
    await is_in(card, "paused")
    before = await values(card)
    await expect(age(card)).to_have_text(re.compile(r"· 1[2-9] s ago$"), timeout=20_000)
    assert await values(card) == before
    await button(card, "resume").click()
    await is_live(card)
    await expect(age(card)).to_have_text(SECONDS)


async def test_a_pause_outlasts_an_absence_of_the_inverter(
    household: Household, visitor: Visitor
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    await button(card, "pause").click()
    await household.inverter.off()
    await is_in(card, "disconnected", within=LOSS)
    await household.inverter.on()
    await is_in(card, "paused", within=RETURN)


async def test_while_home_assistant_restarts_the_last_values_stay_and_the_card_comes_back_by_itself(
    household: Household, visitor: Visitor
) -> None:
    visitor.forgive(*RESTART)
    card = await visitor.open("card")
    await is_live(card)
    await household.home_assistant.off()
    await is_in(card, "feed_lost", within=LOSS)
    before = await values(card)
    assert all("–" not in value for value in before)
    await expect(age(card)).to_have_text(AS_OF)
    assert await values(card) == before
    await household.home_assistant.on()
    await is_live(card)
    await expect(age(card)).to_have_text(SECONDS)
