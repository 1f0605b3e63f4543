"""Twenty times cold and twenty times warm: a dashboard never shows a card that the browser does not know yet."""

from playwright.async_api import Page

from .reading import is_live
from .visitor import Door, Visitor

TIMES = 20
WITNESS = """
globalThis.seen = new Set();
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  seen.add(this.localName);
  return attach.call(this, options);
};
"""
"""Remembers each kind of element that was ever on the page, however briefly."""
COMPLAINT = "hui-error-card"
"""What Home Assistant puts in the place of a card that it does not know."""


async def test_the_witness_sees_a_card_that_does_not_exist(visitor: Visitor) -> None:
    await visitor.page.add_init_script(WITNESS)
    await visitor.open("unknown")
    await visitor.page.get_by_text("Configuration error").wait_for()
    assert COMPLAINT in await seen(visitor.page)


async def test_a_browser_that_was_never_here_knows_the_cards_at_once(
    door: Door,
) -> None:
    for _ in range(TIMES):
        async with door.visit() as visitor:
            await visitor.page.add_init_script(WITNESS)
            await is_live(await visitor.open("both"))
            assert COMPLAINT not in await seen(visitor.page)


async def test_a_reload_knows_the_cards_at_once(visitor: Visitor) -> None:
    await visitor.page.add_init_script(WITNESS)
    await visitor.open("both")
    for _ in range(TIMES):
        await visitor.page.reload()
        await is_live(visitor.card())
        assert COMPLAINT not in await seen(visitor.page)


async def seen(page: Page) -> set[str]:
    """Ask the witness."""
    elements = set(await page.evaluate("[...seen]"))
    assert "home-assistant-main" in elements
    return elements
