"""What the cards show while the inverter reports a fault or a warning."""

from collections.abc import AsyncGenerator

from playwright.async_api import Locator, expect
import pytest_asyncio

from .card_assertions import RECOVERY_LIMIT_MS, expect_live
from .dashboard_page import DashboardPage, LoggedInBrowser
from .installation import Installation

METER_LOST = "system_fault:4"
BMS_LOST = "system_fault:6"
DERATED = "inverter_warning_2:13"
NO_SUN = "inverter_warning_2:8"


@pytest_asyncio.fixture(loop_scope="session")
async def faulty(installation: Installation) -> AsyncGenerator[Installation]:
    """Return the installation; clear the faults afterwards."""
    yield installation
    await installation.restart_inverter()


async def test_warning_of_every_night_is_not_shown(
    faulty: Installation, dashboard: DashboardPage
) -> None:
    await faulty.restart_inverter(NO_SUN)
    card = await dashboard.open("card")
    await expect_live(card)
    await expect(fault_element(card).get_by_role("status")).to_be_attached()
    await expect(fault_element(card).locator("button")).to_have_count(0)


async def test_worst_fault_is_shown_on_both_cards_until_it_ends(
    faulty: Installation, dashboard: DashboardPage
) -> None:
    card = await dashboard.open("both")
    await expect_live(card)
    await faulty.restart_inverter(METER_LOST, BMS_LOST, DERATED, NO_SUN)
    for tag in ("alphaess-live-card", "alphaess-live-status-card"):
        fault = fault_element(dashboard.card(tag)).locator("button.fault")
        await expect(fault).to_contain_text("lost", timeout=2 * RECOVERY_LIMIT_MS)
        await expect(fault).to_contain_text("and 2 more")
    await faulty.restart_inverter()
    await expect_live(card, within=RECOVERY_LIMIT_MS)
    await expect(fault_element(card).locator("button")).to_have_count(
        0, timeout=2 * RECOVERY_LIMIT_MS
    )


async def test_warning_when_tapped_opens_the_list_of_all(
    faulty: Installation, dashboard: DashboardPage
) -> None:
    await faulty.restart_inverter(DERATED)
    card = await dashboard.open("card")
    warning = fault_element(card).locator("button.warning")
    await expect(warning).to_contain_text(
        "Derated by temperature", timeout=2 * RECOVERY_LIMIT_MS
    )
    await expect(warning).to_contain_text("Warning since")
    await warning.click()
    dialog = dashboard.page.locator("ha-more-info-dialog")
    await expect(dialog.get_by_role("dialog")).to_be_visible()
    await expect(dialog).to_contain_text("Derated by temperature")


async def test_fault_is_shown_in_the_language_of_the_user(
    faulty: Installation, browser: LoggedInBrowser
) -> None:
    await faulty.restart_inverter(METER_LOST)
    async with browser.open_context() as dashboard:
        await dashboard.page.add_init_script("localStorage.selectedLanguage = '\"de\"'")
        card = await dashboard.open("card")
        fault = fault_element(card).locator("button.fault")
        await expect(fault).to_contain_text("Netzzähler", timeout=2 * RECOVERY_LIMIT_MS)
        await expect(fault).to_contain_text("Störung seit")


def fault_element(card: Locator) -> Locator:
    """Return the part of a card that shows faults."""
    return card.locator("alphaess-live-fault")
