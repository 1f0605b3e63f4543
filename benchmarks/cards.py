"""Cost of the cards in a browser: `python -m benchmarks.cards [--reference power-flow-card-plus.js]`."""

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

from custom_components.alphaess_live.web.card_resource import BUNDLE_PATH
from scripts.demo_run.ha_client import entity_ids_by_key
from tests.e2e.background_tab import open_visible_page
from tests.e2e.card_assertions import expect_live
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.dashboard_page import DashboardPage, LoggedInBrowser
from tests.e2e.installation import Installation

from .browser_page import (
    HIDDEN_PAGE,
    FeedInterceptor,
    count_changes,
    cpu_percent,
    script_milliseconds,
)
from .heap import CARD_PAGE, UNTHROTTLED_FLAGS, heap_growth

DASHBOARD_PATH = "e2e-house"
REFERENCE_CARD = "custom:power-flow-card-plus"
SCRIPTING_UPDATES = 600
HEAP_UPDATES = 5_000
HEAP_BLOCKS = 3


async def main() -> None:
    """Measure everything and print a table."""
    parser = ArgumentParser(description="Measure the cost of the cards in a browser.")
    parser.add_argument(
        "--reference",
        type=Path,
        default=os.environ.get("REFERENCE_CARD"),
        help="power-flow-card-plus.js from a release of that project, to compare with",
    )
    reference: Path | None = parser.parse_args().reference
    async with (
        _run_installation(reference) as installation,
        async_playwright() as playwright,
    ):
        packed = len(gzip.compress(BUNDLE_PATH.read_bytes(), 9)) / 1000
        _print_row("Bundle, gzip", f"{packed:.1f} kB", "<= 30 kB")
        async with _open_browser(playwright, installation) as dashboard:
            await _measure_scripting(dashboard)
        await _measure_hidden_page(playwright, installation)
        await _measure_heap(playwright, installation)
        # A connected feed client makes polls as frequent for the reference card as for ours.
        async with installation.feed_client():
            await _compare_cpu(playwright, installation, reference)


async def _measure_scripting(dashboard: DashboardPage) -> None:
    feed = FeedInterceptor()
    await dashboard.page.route_web_socket("**/ws/power-data*", feed.intercept)
    await expect_live(await dashboard.open("card"))
    median, worst = await script_milliseconds(dashboard.page, feed, SCRIPTING_UPDATES)
    _print_row("Scripting per update, median", f"{median:.2f} ms", "<= 2 ms")
    _print_row("Scripting per update, 99th percentile", f"{worst:.2f} ms", "")


async def _measure_hidden_page(
    playwright: Playwright, installation: Installation
) -> None:
    feed = FeedInterceptor()
    async with open_visible_page(playwright) as page:
        await page.goto(installation.address)
        await page.wait_for_function("localStorage.hassTokens")
        await page.route_web_socket("**/ws/power-data*", feed.intercept)
        await page.goto(f"{installation.address}/{DASHBOARD_PATH}/card")
        await expect_live(page.locator("alphaess-live-card"))
        for visibility, changes in (await count_changes(page, feed)).items():
            limit = "0" if visibility == HIDDEN_PAGE else ""
            _print_row(f"DOM changes in 200 updates, {visibility}", str(changes), limit)


async def _measure_heap(playwright: Playwright, installation: Installation) -> None:
    """Measure heap growth; a card that retained part of each update would exceed one byte per update."""
    async with _open_browser(playwright, installation, UNTHROTTLED_FLAGS) as dashboard:
        growth = [
            block
            async for block in heap_growth(
                dashboard,
                installation.address,
                updates=HEAP_UPDATES,
                blocks=HEAP_BLOCKS,
            )
        ]
    for number, block in enumerate(growth, 1):
        name = f"Heap growth in {HEAP_UPDATES} updates, block {number}"
        _print_row(
            name,
            f"{block.objects / 1000:+.1f} kB",
            f"< {HEAP_UPDATES / 1000:.0f} kB: one byte each",
        )
        _print_row(
            "  the engine's own (compiled code)", f"{block.engine / 1000:+.1f} kB", ""
        )


async def _compare_cpu(
    playwright: Playwright, installation: Installation, reference: Path | None
) -> None:
    costs = {}
    for view in ("empty", "card", "reference"):
        if view == "reference" and reference is None:
            print(
                "No power-flow-card-plus to compare with: give its file with --reference."
            )
            return
        async with _open_browser(playwright, installation) as dashboard:
            await dashboard.open(view)
            costs[view] = await cpu_percent(dashboard.page)
    _print_row("CPU of an empty dashboard", f"{costs['empty']:.1f} %", "")
    _print_row("CPU with our card", f"{costs['card']:.1f} %", "")
    _print_row("CPU with power-flow-card-plus", f"{costs['reference']:.1f} %", "")
    share = costs["card"] / costs["reference"] * 100
    _print_row("Our card compared with it", f"{share:.0f} %", "<= 25 %")


def _print_row(name: str, value: str, limit: str) -> None:
    print(f"{name:50}{value:>12}   {limit}", flush=True)


@asynccontextmanager
async def _open_browser(
    playwright: Playwright, installation: Installation, flags: tuple[str, ...] = ()
) -> AsyncGenerator[DashboardPage]:
    """Open a separate browser, so that its processes belong to this page only."""
    async with await playwright.chromium.launch(
        executable_path=CHROMIUM, args=FLAGS + flags
    ) as browser:
        logged_in = LoggedInBrowser(browser, installation.address)
        await logged_in.log_in()
        async with logged_in.open_context() as dashboard:
            yield dashboard


@asynccontextmanager
async def _run_installation(reference: Path | None) -> AsyncGenerator[Installation]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installation = Installation(folder)
        public = folder / "config" / "www"
        public.mkdir()
        shutil.copy(CARD_PAGE, public)
        if reference:
            shutil.copy(reference, public / "reference.js")
        try:
            await installation.start()
            await _add_dashboard(installation)
            yield installation
        finally:
            await installation.stop()


async def _add_dashboard(installation: Installation) -> None:
    await installation.call(
        "lovelace/resources/create", res_type="module", url="/local/reference.js"
    )
    ids = entity_ids_by_key(await installation.call("config/entity_registry/list"))
    entities = {
        "solar": {"entity": ids["pv_power"]},
        "grid": {"entity": ids["grid_power"]},
        "battery": {
            "entity": ids["battery_power"],
            "state_of_charge": ids["battery_soc"],
        },
    }
    await installation.create_dashboard(
        DASHBOARD_PATH,
        {
            "views": [
                _view("empty", {"type": "heading", "heading": "Nothing"}),
                _view("card", {"type": "custom:alphaess-live-card"}),
                _view("reference", {"type": REFERENCE_CARD, "entities": entities}),
            ]
        },
    )


def _view(path: str, card: dict[str, Any]) -> dict[str, Any]:
    section = {"type": "grid", "cards": [card]}
    return {"title": path, "path": path, "type": "sections", "sections": [section]}


if __name__ == "__main__":
    asyncio.run(main())
