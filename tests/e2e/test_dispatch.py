"""A dispatch on the card: shown when an automation starts it, and stopped by the user."""

from playwright.async_api import expect

from .card_assertions import expect_live
from .dashboard_page import DashboardPage
from .installation import Installation


async def test_dispatch_is_shown_and_stopped_after_confirmation(
    installation: Installation, dashboard: DashboardPage
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    dispatch = card.locator("alphaess-live-dispatch")
    await expect(dispatch).to_have_count(0)
    await installation.call_action("charge", power=3000, target_soc=90, duration=3600)
    await expect(dispatch).to_contain_text("Charging at 3 kW to 90%")
    await expect(dispatch).to_contain_text("min left")
    await dispatch.get_by_role("button", name="Stop").click()
    await expect(dispatch).to_contain_text("returns to automatic control")
    await dispatch.get_by_role("button", name="Keep running").click()
    await expect(dispatch).to_contain_text("Charging at 3 kW")
    await dispatch.get_by_role("button", name="Stop").click()
    await dispatch.get_by_role("button", name="Stop").click()
    await expect(dispatch).to_have_count(0)
    assert (await installation.status())["dispatch"]["status"] == "idle"
