"""What the cards cost a browser: `python -m benchmarks.cards [--rival power-flow-card-plus.js]`."""

from argparse import ArgumentParser
import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import gzip
import os
from pathlib import Path
import shutil
import tempfile
from typing import Any

from playwright.async_api import Playwright, async_playwright

from custom_components.alphaess_live.web.card_resource import BUNDLE
from scripts.demo_home.registry import by_key
from tests.e2e.background import ordinary_page
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.household import Household
from tests.e2e.reading import is_live
from tests.e2e.visitor import Door, Visitor

from .heap import FAST, PAGE, left_behind
from .page import HIDDEN, Feed, cpu, drawn, scripting

PATH = "e2e-house"
RIVAL = "custom:power-flow-card-plus"
UPDATES = 600
MANY = 5_000
BLOCKS = 3


async def main() -> None:
    """Measure everything and print a table."""
    parser = ArgumentParser(description="What the cards cost a browser.")
    parser.add_argument(
        "--rival",
        type=Path,
        default=os.environ.get("RIVAL"),
        help="power-flow-card-plus.js from a release of that project, to compare with",
    )
    rival: Path | None = parser.parse_args().rival
    async with _house(rival) as household, async_playwright() as playwright:
        packed = len(gzip.compress(BUNDLE.read_bytes(), 9)) / 1000
        _row("Bundle, gzip", f"{packed:.1f} kB", "<= 30 kB")
        async with _visit(playwright, household) as visitor:
            await _updates(visitor)
        await _background(playwright, household)
        await _heap(playwright, household)
        # Else the rival would get new values less often than our card, which has the inverter read more often.
        async with household.watched():
            await _compare(playwright, household, rival)


async def _updates(visitor: Visitor) -> None:
    feed = Feed()
    await visitor.page.route_web_socket("**/ws/power-data*", feed.stand_between)
    await is_live(await visitor.open("card"))
    median, worst = await scripting(visitor.page, feed, UPDATES)
    _row("Scripting per update, median", f"{median:.2f} ms", "<= 2 ms")
    _row("Scripting per update, 99th percentile", f"{worst:.2f} ms", "")


async def _background(playwright: Playwright, household: Household) -> None:
    feed = Feed()
    async with ordinary_page(playwright) as page:
        await page.goto(household.address)
        await page.wait_for_function("localStorage.hassTokens")
        await page.route_web_socket("**/ws/power-data*", feed.stand_between)
        await page.goto(f"{household.address}/{PATH}/card")
        await is_live(page.locator("alphaess-live-card"))
        for how, changes in (await drawn(page, feed)).items():
            limit = "0" if how == HIDDEN else ""
            _row(f"Changes drawn in 200 updates, {how}", str(changes), limit)


async def _heap(playwright: Playwright, household: Household) -> None:
    """A card that kept anything of an update would keep more than a byte of it."""
    async with _visit(playwright, household, FAST) as visitor:
        found = [
            left
            async for left in left_behind(
                visitor, household.address, updates=MANY, blocks=BLOCKS
            )
        ]
    for number, left in enumerate(found, 1):
        what = f"Heap left by {MANY} updates, block {number}: things"
        _row(
            what,
            f"{left.things / 1000:+.1f} kB",
            f"< {MANY / 1000:.0f} kB: a byte each",
        )
        _row("  the engine's own: compiled code", f"{left.engine / 1000:+.1f} kB", "")


async def _compare(
    playwright: Playwright, household: Household, rival: Path | None
) -> None:
    costs = {}
    for view in ("empty", "card", "rival"):
        if view == "rival" and rival is None:
            print("No power-flow-card-plus to compare with: give --rival its file.")
            return
        async with _visit(playwright, household) as visitor:
            await visitor.open(view)
            costs[view] = await cpu(visitor.page)
    _row("CPU of an empty dashboard", f"{costs['empty']:.1f} %", "")
    _row("CPU with our card", f"{costs['card']:.1f} %", "")
    _row("CPU with power-flow-card-plus", f"{costs['rival']:.1f} %", "")
    share = costs["card"] / costs["rival"] * 100
    _row("Ours compared with its", f"{share:.0f} %", "<= 25 %")


def _row(what: str, measured: str, limit: str) -> None:
    print(f"{what:50}{measured:>12}   {limit}", flush=True)


@asynccontextmanager
async def _visit(
    playwright: Playwright, household: Household, flags: tuple[str, ...] = ()
) -> AsyncGenerator[Visitor]:
    """Open a browser of its own, so that its processes are the page's alone."""
    async with await playwright.chromium.launch(
        executable_path=CHROMIUM, args=FLAGS + flags
    ) as browser:
        door = Door(browser, household.address)
        await door.log_in()
        async with door.visit() as visitor:
            yield visitor


@asynccontextmanager
async def _house(rival: Path | None) -> AsyncGenerator[Household]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        household = Household(folder)
        public = folder / "config" / "www"
        public.mkdir()
        shutil.copy(PAGE, public)
        if rival:
            shutil.copy(rival, public / "rival.js")
        try:
            await household.move_in()
            await _furnish(household)
            yield household
        finally:
            await household.move_out()


async def _furnish(household: Household) -> None:
    await household.ask(
        "lovelace/resources/create", res_type="module", url="/local/rival.js"
    )
    found = by_key(await household.ask("config/entity_registry/list"))
    entities = {
        "solar": {"entity": found["pv_power"]},
        "grid": {"entity": found["grid_power"]},
        "battery": {
            "entity": found["battery_power"],
            "state_of_charge": found["battery_soc"],
        },
    }
    await household.hang(
        PATH,
        {
            "views": [
                _view("empty", {"type": "heading", "heading": "Nothing"}),
                _view("card", {"type": "custom:alphaess-live-card"}),
                _view("rival", {"type": RIVAL, "entities": entities}),
            ]
        },
    )


def _view(path: str, card: dict[str, Any]) -> dict[str, Any]:
    section = {"type": "grid", "cards": [card]}
    return {"title": path, "path": path, "type": "sections", "sections": [section]}


if __name__ == "__main__":
    asyncio.run(main())
