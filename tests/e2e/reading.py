"""What somebody reads on a card."""

from playwright.async_api import Locator, expect

LOSS = 5_000
"""ms from a loss to a red card: the contract's."""
RETURN = 10_000
"""ms from the inverter's return to a live card: the contract's."""
A_PAGE = 15_000
"""ms for a page to load on a busy computer; no limit of ours."""


async def is_in(card: Locator, state: str, *, within: int = A_PAGE) -> None:
    """See that a card is in a state, and that its banner says so."""
    banner = card.locator("alphaess-live-banner section")
    await expect(banner).to_have_attribute("data-state", state, timeout=within)
    word = state.replace("_", " ").upper()
    await expect(banner.locator(".state")).to_have_text(word)


async def is_live(card: Locator, *, within: int = A_PAGE) -> None:
    """See that what a card shows is of now."""
    await is_in(card, "live", within=within)


async def values(card: Locator) -> list[str]:
    """Read the places of the power flow."""
    nodes = await card.locator(".node").all()
    return [await node.get_attribute("aria-label") or "" for node in nodes]


def age(card: Locator) -> Locator:
    """Find how old the values are said to be."""
    return card.locator("alphaess-live-banner .age")


def button(card: Locator, does: str) -> Locator:
    """Find a button of the banner."""
    return card.locator(f"[data-action={does}]")


async def colour(place: Locator, quality: str = "color") -> tuple[float, ...]:
    """Tell in red, green and blue what something looks like."""
    return tuple(
        await place.evaluate(
            """(element, quality) => {
                const paint = new OffscreenCanvas(1, 1).getContext("2d");
                paint.fillStyle = getComputedStyle(element)[quality];
                paint.fillRect(0, 0, 1, 1);
                return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3);
            }""",
            quality,
        )
    )
