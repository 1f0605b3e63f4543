"""What a person reads on the cards while the inverter complains of a fault or a warning."""

from collections.abc import AsyncGenerator

from playwright.async_api import Locator, expect
import pytest_asyncio

from .household import Household
from .reading import RETURN, is_live
from .visitor import Door, Visitor

METER_LOST = "system_fault:4"
BMS_LOST = "system_fault:6"
HOT = "inverter_warning_2:13"
NO_SUN = "inverter_warning_2:8"


@pytest_asyncio.fixture(loop_scope="session")
async def patient(household: Household) -> AsyncGenerator[Household]:
    """Heal afterwards what a test has made ill."""
    yield household
    await household.fall_ill()


async def test_nothing_is_said_of_what_an_inverter_warns_of_each_night(
    patient: Household, visitor: Visitor
) -> None:
    await patient.fall_ill(NO_SUN)
    card = await visitor.open("card")
    await is_live(card)
    await expect(complaint(card).get_by_role("status")).to_be_attached()
    await expect(complaint(card).locator("button")).to_have_count(0)


async def test_the_worst_fault_is_on_both_cards_in_words_and_goes_with_its_cause(
    patient: Household, visitor: Visitor
) -> None:
    card = await visitor.open("both")
    await is_live(card)
    await patient.fall_ill(METER_LOST, BMS_LOST, HOT, NO_SUN)
    for name in ("alphaess-live-card", "alphaess-live-status-card"):
        told = complaint(visitor.card(name)).locator("button.fault")
        await expect(told).to_contain_text("lost", timeout=2 * RETURN)
        await expect(told).to_contain_text("and 2 more")
    await patient.fall_ill()
    await is_live(card, within=RETURN)
    await expect(complaint(card).locator("button")).to_have_count(0, timeout=2 * RETURN)


async def test_a_tap_on_a_warning_opens_the_list_of_all(
    patient: Household, visitor: Visitor
) -> None:
    await patient.fall_ill(HOT)
    card = await visitor.open("card")
    warning = complaint(card).locator("button.warning")
    await expect(warning).to_contain_text("Derated by temperature", timeout=2 * RETURN)
    await expect(warning).to_contain_text("Warning since")
    await warning.click()
    dialog = visitor.page.locator("ha-more-info-dialog")
    await expect(dialog.get_by_role("dialog")).to_be_visible()
    await expect(dialog).to_contain_text("Derated by temperature")


async def test_a_fault_is_told_in_the_language_of_the_user(
    patient: Household, door: Door
) -> None:
    await patient.fall_ill(METER_LOST)
    async with door.visit() as visitor:
        await visitor.page.add_init_script("localStorage.selectedLanguage = '\"de\"'")
        card = await visitor.open("card")
        fault = complaint(card).locator("button.fault")
        await expect(fault).to_contain_text("Netzzähler", timeout=2 * RETURN)
        await expect(fault).to_contain_text("Störung seit")


def complaint(card: Locator) -> Locator:
    """Find what a card says of faults."""
    return card.locator("alphaess-live-fault")
