"""Assertions about a card, and the parts of a card that tests read."""

from playwright.async_api import Locator, expect

LOSS_LIMIT_MS = 5_000
"""From the loss of the inverter to a card that shows it; a limit of the contract."""
RECOVERY_LIMIT_MS = 10_000
"""From the return of the inverter to a live card; a limit of the contract."""
PAGE_LOAD_TIMEOUT_MS = 15_000
"""For a page on a busy computer; not a limit of the contract."""


async def expect_state(
    card: Locator, state: str, *, within: int = PAGE_LOAD_TIMEOUT_MS
) -> None:
    """Wait until a card is in a state and its banner shows that; `within` is in ms."""
    banner = card.locator("alphaess-live-banner section")
    await expect(banner).to_have_attribute("data-state", state, timeout=within)
    label = state.replace("_", " ").upper()
    await expect(banner.locator(".state")).to_have_text(label)


async def expect_live(card: Locator, *, within: int = PAGE_LOAD_TIMEOUT_MS) -> None:
    """Wait until a card shows current values; `within` is in ms."""
    await expect_state(card, "live", within=within)


async def flow_labels(card: Locator) -> list[str]:
    """Return the accessible names of the nodes of the power flow; they contain the values."""
    nodes = await card.locator(".node").all()
    return [await node.get_attribute("aria-label") or "" for node in nodes]


def age_text(card: Locator) -> Locator:
    """Return the text that shows the age of the values."""
    return card.locator("alphaess-live-banner .age")


def banner_button(card: Locator, action: str) -> Locator:
    """Return a button of the banner."""
    return card.locator(f"[data-action={action}]")


async def css_color(element: Locator, css_property: str = "color") -> tuple[float, ...]:
    """Return a computed colour as red, green and blue, each 0 to 255."""
    return tuple(
        await element.evaluate(
            """(element, cssProperty) => {
                const context = new OffscreenCanvas(1, 1).getContext("2d");
                context.fillStyle = getComputedStyle(element)[cssProperty];
                context.fillRect(0, 0, 1, 1);
                return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
            }""",
            css_property,
        )
    )
