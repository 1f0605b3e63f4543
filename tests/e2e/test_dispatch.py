"""A dispatch on the card: shown when an automation starts it, and stopped by the user."""

from playwright.async_api import expect

from .card_assertions import expect_live
from .dashboard_page import DashboardPage
from .installation import Installation
from .test_accessibility import AXE_SCRIPT, violations


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


async def test_hold_button_blocks_discharging_for_the_chosen_time(
    installation: Installation, dashboard: DashboardPage
) -> None:
    await installation.wait_for_rated_power()
    card = await dashboard.open("control")
    await expect_live(card)
    await dashboard.page.evaluate(AXE_SCRIPT)
    control = card.locator("alphaess-live-control")
    assert not await violations([card])
    await control.get_by_role("button", name="Do not discharge").click()
    await expect(control).to_contain_text("Do not discharge: for how long?")
    assert not await violations([card])
    await control.get_by_role("button", name="4 h").click()
    dispatch = card.locator("alphaess-live-dispatch")
    await expect(dispatch).to_contain_text("Not discharging the battery")
    pressed = control.get_by_role("button", pressed=True)
    await expect(pressed).to_have_text("Do not discharge")
    running = (await installation.status())["dispatch"]
    assert (running["block"], running["controlled_by"]) == (
        "discharge",
        "alphaess_live",
    )
    assert 14_390 <= running["remaining"] <= 14_400
    await dispatch.get_by_role("button", name="Stop").click()
    await dispatch.get_by_role("button", name="Stop").click()
    await expect(dispatch).to_have_count(0)
