"""The cards in Home Assistant's hands: picked, previewed, edited, tapped, configured wrongly."""

from playwright.async_api import Locator, expect

from .dashboards import CARD, PATH
from .household import Household
from .reading import A_PAGE, is_live
from .visitor import Visitor

PREVIEWS = r"net::ERR_.* \(https://[\w.]*(cartocdn\.com|home-assistant\.io)/"
"""The picker previews Home Assistant's own map and pictures, from servers that a test must not need."""


async def test_a_tap_on_a_value_opens_what_home_assistant_knows_about_it(
    visitor: Visitor,
) -> None:
    card = await visitor.open("card")
    await is_live(card)
    await card.locator(".node.solar").click()
    dialog = visitor.page.locator("ha-more-info-dialog")
    await expect(dialog.get_by_role("dialog")).to_be_visible()
    await expect(dialog).to_contain_text("PV power")


async def test_the_status_card_is_the_banner_alone(visitor: Visitor) -> None:
    await visitor.open("status")
    card = visitor.card("alphaess-live-status-card")
    await is_live(card)
    await expect(card.locator("alphaess-live-flow")).to_have_count(0)


async def test_two_cards_share_one_socket_and_one_pause(visitor: Visitor) -> None:
    sockets: list[str] = []
    visitor.page.on("websocket", lambda socket: sockets.append(socket.url))
    card = await visitor.open("both")
    status = visitor.card("alphaess-live-status-card")
    await is_live(card)
    await is_live(status)
    assert len([url for url in sockets if "/ws/power-data" in url]) == 1
    await status.locator("[data-action=pause]").click()
    await expect(card).to_have_attribute("state", "paused")


async def test_what_is_wrong_with_a_configuration_is_said_in_the_card(
    visitor: Visitor,
) -> None:
    await visitor.open("wrong")
    gone, confused = (visitor.page.locator("alphaess-live-card").nth(n) for n in (0, 1))
    await expect(gone).to_contain_text("There is no inverter “AL0000000000000”")
    await expect(confused).to_contain_text("“show_flow” must be true or false")
    await expect(confused).to_contain_text("There is no option “show_floww”")
    await is_live(confused)


async def test_a_title_and_the_state_of_the_feed_are_shown_on_request(
    visitor: Visitor,
) -> None:
    card = await visitor.open("debug")
    await is_live(card)
    await expect(card.locator("h2")).to_have_text("The shed")
    await expect(card.locator("alphaess-live-debug")).to_contain_text("socket open")


async def test_the_picker_shows_both_cards_alive(visitor: Visitor) -> None:
    visitor.forgive(PREVIEWS)
    picker = await pick(visitor)
    await picker.get_by_role("tab", name="By card").click()
    await picker.get_by_role("textbox").first.fill("alphaess")
    for tag in ("alphaess-live-card", "alphaess-live-status-card"):
        await is_live(picker.locator(tag))


async def test_a_picked_card_works_without_a_configuration(
    household: Household, visitor: Visitor
) -> None:
    visitor.forgive(PREVIEWS)
    picker = await pick(visitor)
    await picker.get_by_role("tab", name="By card").click()
    await picker.get_by_role("textbox").first.fill("alphaess")
    await is_live(picker.locator("alphaess-live-card"))
    await picker.locator(
        ".card", has=visitor.page.locator("alphaess-live-card")
    ).click()
    await visitor.page.get_by_role("button", name="Save").click()
    cards = visitor.page.locator("hui-view alphaess-live-card")
    await expect(cards).to_have_count(2)
    await is_live(cards.nth(1))
    assert await written(household, "picked", 1) == CARD


async def test_the_visual_editor_shows_each_change_at_once_and_writes_it_down(
    household: Household, visitor: Visitor
) -> None:
    page = visitor.page
    await is_live(await visitor.open("editable?edit=1"))
    await page.locator("hui-card-edit-mode").first.dblclick(position={"x": 40, "y": 60})
    dialog = page.locator("hui-dialog-edit-card")
    preview = dialog.locator("alphaess-live-card")
    await is_live(preview)
    await expect(preview.locator("alphaess-live-battery")).to_be_visible()
    await switch(dialog, "Battery").click()
    await expect(preview.locator("alphaess-live-battery")).to_have_count(0)
    await dialog.get_by_role("textbox", name="Title").fill("Cellar")
    await expect(preview.locator("h2")).to_have_text("Cellar")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.locator("hui-view alphaess-live-card h2")).to_have_text("Cellar")
    config = await written(household, "editable", 0)
    assert (config["title"], config["show_battery"]) == ("Cellar", False)


async def pick(visitor: Visitor) -> Locator:
    """Ask for one more card, in a view of its own."""
    await is_live(await visitor.open("picked?edit=1"))
    await visitor.page.locator("hui-grid-section .add").first.click()
    picker = visitor.page.locator("hui-dialog-create-card")
    await expect(picker.get_by_role("dialog")).to_be_visible(timeout=A_PAGE)
    return picker


def switch(dialog: Locator, name: str) -> Locator:
    """Find a switch of the editor."""
    rows = dialog.locator("ha-selector-boolean")
    return rows.filter(has_text=name).locator("ha-switch")


async def written(household: Household, view: str, index: int) -> dict[str, object]:
    """Read back how Home Assistant keeps a card."""
    config = await household.ask("lovelace/config", url_path=PATH)
    found = next(each for each in config["views"] if each["path"] == view)
    card: dict[str, object] = found["sections"][0]["cards"][index]
    return card
