"""A dispatch on the card: an automation orders it, a person sees it and stops it."""

from playwright.async_api import expect

from .household import Household
from .reading import is_live
from .visitor import Visitor


async def test_a_dispatch_is_shown_with_what_is_left_and_stopped_after_a_question(
    household: Household, visitor: Visitor
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    dispatch = card.locator("alphaess-live-dispatch")
    await expect(dispatch).to_have_count(0)
    await household.act("charge", power=3000, target_soc=90, duration=3600)
    await expect(dispatch).to_contain_text("Charging at 3 kW to 90%")
    await expect(dispatch).to_contain_text("min left")
    await dispatch.get_by_role("button", name="Stop").click()
    await expect(dispatch).to_contain_text("returns to automatic control")
    await dispatch.get_by_role("button", name="Keep running").click()
    await expect(dispatch).to_contain_text("Charging at 3 kW")
    await dispatch.get_by_role("button", name="Stop").click()
    await dispatch.get_by_role("button", name="Stop").click()
    await expect(dispatch).to_have_count(0)
    status = await household.ask(
        "call_service",
        domain="alphaess_live",
        service="get_status",
        return_response=True,
    )
    assert status["response"]["dispatch"]["status"] == "idle"
