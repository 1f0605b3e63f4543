"""The cards on a dashboard: card picker, visual editor, taps, wrong configurations."""

from playwright.async_api import Locator, expect

from .card_assertions import PAGE_LOAD_TIMEOUT_MS, banner_button, expect_live
from .dashboard_page import CARD, DASHBOARD_PATH, FEED_PATH, DashboardPage
from .installation import Installation

PREVIEW_ERRORS = r"net::ERR_.* \(https://[\w.]*(cartocdn\.com|home-assistant\.io)/"
"""The card picker previews Home Assistant's map and picture cards, whose servers tests do not need."""


async def test_value_when_tapped_opens_the_more_info_dialog(
    dashboard: DashboardPage,
) -> None:
    card = await dashboard.open("card")
    await expect_live(card)
    await card.locator(".node.solar").click()
    dialog = dashboard.page.locator("ha-more-info-dialog")
    await expect(dialog.get_by_role("dialog")).to_be_visible()
    await expect(dialog).to_contain_text("PV power")


async def test_status_card_shows_only_the_banner(dashboard: DashboardPage) -> None:
    await dashboard.open("status")
    card = dashboard.card("alphaess-live-status-card")
    await expect_live(card)
    await expect(card.locator("alphaess-live-flow")).to_have_count(0)


async def test_two_cards_share_one_socket_and_one_pause(
    dashboard: DashboardPage,
) -> None:
    sockets: list[str] = []
    dashboard.page.on("websocket", lambda socket: sockets.append(socket.url))
    card = await dashboard.open("both")
    status = dashboard.card("alphaess-live-status-card")
    await expect_live(card)
    await expect_live(status)
    assert len([url for url in sockets if FEED_PATH in url]) == 1
    await banner_button(status, "pause").click()
    await expect(card).to_have_attribute("state", "paused")


async def test_card_with_wrong_configuration_shows_each_error(
    dashboard: DashboardPage,
) -> None:
    await dashboard.open("wrong")
    unknown_device, wrong_options = (
        dashboard.page.locator("alphaess-live-card").nth(n) for n in (0, 1)
    )
    await expect(unknown_device).to_contain_text(
        "There is no inverter “AL0000000000000”"
    )
    await expect(wrong_options).to_contain_text("“show_flow” must be true or false")
    await expect(wrong_options).to_contain_text("There is no option “show_floww”")
    await expect_live(wrong_options)


async def test_card_with_title_and_debug_option_shows_both(
    dashboard: DashboardPage,
) -> None:
    card = await dashboard.open("debug")
    await expect_live(card)
    await expect(card.locator("h2")).to_have_text("The shed")
    await expect(card.locator("alphaess-live-debug")).to_contain_text("socket open")


async def test_card_picker_previews_both_cards_live(dashboard: DashboardPage) -> None:
    dashboard.allow_errors(PREVIEW_ERRORS)
    picker = await open_card_picker(dashboard)
    await picker.get_by_role("tab", name="By card").click()
    await picker.get_by_role("textbox").first.fill("alphaess")
    for tag in ("alphaess-live-card", "alphaess-live-status-card"):
        await expect_live(picker.locator(tag))


async def test_picked_card_without_configuration_is_live(
    installation: Installation, dashboard: DashboardPage
) -> None:
    dashboard.allow_errors(PREVIEW_ERRORS)
    picker = await open_card_picker(dashboard)
    await picker.get_by_role("tab", name="By card").click()
    await picker.get_by_role("textbox").first.fill("alphaess")
    await expect_live(picker.locator("alphaess-live-card"))
    await picker.locator(
        ".card", has=dashboard.page.locator("alphaess-live-card")
    ).click()
    await dashboard.page.get_by_role("button", name="Save").click()
    cards = dashboard.page.locator("hui-view alphaess-live-card")
    await expect(cards).to_have_count(2)
    await expect_live(cards.nth(1))
    assert await saved_card(installation, "picked", 1) == CARD


async def test_visual_editor_previews_and_saves_each_change(
    installation: Installation, dashboard: DashboardPage
) -> None:
    page = dashboard.page
    await expect_live(await dashboard.open("editable?edit=1"))
    await page.locator("hui-card-edit-mode").first.dblclick(position={"x": 40, "y": 60})
    dialog = page.locator("hui-dialog-edit-card")
    preview = dialog.locator("alphaess-live-card")
    await expect_live(preview)
    await expect(preview.locator("alphaess-live-battery")).to_be_visible()
    await editor_switch(dialog, "Battery").click()
    await expect(preview.locator("alphaess-live-battery")).to_have_count(0)
    await dialog.get_by_role("textbox", name="Title").fill("Cellar")
    await expect(preview.locator("h2")).to_have_text("Cellar")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.locator("hui-view alphaess-live-card h2")).to_have_text("Cellar")
    config = await saved_card(installation, "editable", 0)
    assert (config["title"], config["show_battery"]) == ("Cellar", False)


async def open_card_picker(dashboard: DashboardPage) -> Locator:
    """Open the dialog that adds a card, in a view of its own."""
    await expect_live(await dashboard.open("picked?edit=1"))
    await dashboard.page.locator("hui-grid-section .add").first.click()
    picker = dashboard.page.locator("hui-dialog-create-card")
    await expect(picker.get_by_role("dialog")).to_be_visible(
        timeout=PAGE_LOAD_TIMEOUT_MS
    )
    return picker


def editor_switch(dialog: Locator, name: str) -> Locator:
    """Return a switch of the visual editor."""
    rows = dialog.locator("ha-selector-boolean")
    return rows.get_by_label(name, exact=True)


async def saved_card(
    installation: Installation, view: str, index: int
) -> dict[str, object]:
    """Return the configuration of a card as Home Assistant stored it."""
    config = await installation.call("lovelace/config", url_path=DASHBOARD_PATH)
    found = next(each for each in config["views"] if each["path"] == view)
    card: dict[str, object] = found["sections"][0]["cards"][index]
    return card
