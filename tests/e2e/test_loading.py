"""Twenty times cold and twenty times warm: a dashboard never shows a card that the browser does not know yet."""

from playwright.async_api import Page

from .reading import is_live
from .visitor import Door, Visitor

TIMES = 20
WITNESS = """
globalThis.frames = { looked: 0, unknown: 0 };
const errors = [];
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  if (this.localName === "hui-error-card") errors.push(this);
  return attach.call(this, options);
};
(function look() {
  frames.looked += 1;
  if (errors.some((card) => card.isConnected && card.checkVisibility())) frames.unknown += 1;
  requestAnimationFrame(look);
})();
"""
"""Counts the frames in which Home Assistant showed an error in the place of a card that it does not know.

For two seconds it hides that error, in the hope that the card is still on its way.
"""


async def test_the_witness_sees_a_card_that_does_not_exist(visitor: Visitor) -> None:
    await visitor.page.add_init_script(WITNESS)
    await visitor.open("unknown")
    await visitor.page.get_by_text("Configuration error").wait_for()
    assert await unknown(visitor.page)


async def test_a_browser_that_was_never_here_knows_the_cards_at_once(
    door: Door,
) -> None:
    for _ in range(TIMES):
        async with door.visit() as visitor:
            await visitor.page.add_init_script(WITNESS)
            await is_live(await visitor.open("both"))
            assert not await unknown(visitor.page)


async def test_a_reload_knows_the_cards_at_once(visitor: Visitor) -> None:
    await visitor.page.add_init_script(WITNESS)
    await visitor.open("both")
    for _ in range(TIMES):
        await visitor.page.reload()
        await is_live(visitor.card())
        assert not await unknown(visitor.page)


async def unknown(page: Page) -> int:
    """Ask the witness."""
    frames = await page.evaluate("frames")
    assert frames["looked"]
    count: int = frames["unknown"]
    return count
