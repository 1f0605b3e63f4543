"""Measures a page: script time from the browser's trace, processor time, DOM changes."""

import asyncio
import json
from statistics import median, quantiles
from typing import Any

from playwright.async_api import Browser, Page, WebSocketRoute

from tests.e2e.background_tab import hidden_behind_other_tab

UPDATE_INTERVAL_SECONDS = 0.025
"""Longer than a frame, so that each update is rendered."""
CPU_MEASURE_SECONDS = 30
SETTLE_SECONDS = 5
SCRIPT_EVENTS = {
    "FunctionCall",
    "EvaluateScript",
    "FireAnimationFrame",
    "TimerFire",
    "EventDispatch",
    "RunMicrotasks",
    "v8.callFunction",
}
HIDDEN_PAGE = "page hidden"
COUNT_CHANGES_SCRIPT = """
globalThis.changes = 0;
const observer = new MutationObserver((records) => { changes += records.length; });
const observe = (root) => {
  observer.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  for (const each of root.querySelectorAll("*")) if (each.shadowRoot) observe(each.shadowRoot);
};
observe(card.shadowRoot);
"""


class FeedInterceptor:
    """Forwards the real feed to a page and adds further updates."""

    def __init__(self) -> None:
        """Prepare for a page that opens the feed later."""
        self._page: WebSocketRoute
        self._last: dict[str, Any] = {}

    def intercept(self, page: WebSocketRoute) -> None:
        """Forward every message and keep the last update."""
        self._page = page
        server = page.connect_to_server()
        server.on_message(self._forward)

    def _forward(self, message: str | bytes) -> None:
        received = json.loads(message)
        if received["type"] == "power_update":
            self._last = received
        self._page.send(message)

    async def send(
        self, count: int, *, interval: float = UPDATE_INTERVAL_SECONDS
    ) -> None:
        """Send updates, each different from the one before."""
        for number in range(count):
            data = json.loads(json.dumps(self._last["data"]))
            for name in ("pv", "grid", "battery", "load"):
                data[name]["power"] += (number % 7) * 110
            self._page.send(json.dumps(self._last | {"data": data}))
            await asyncio.sleep(interval)


async def script_milliseconds(
    page: Page, feed: FeedInterceptor, updates: int
) -> tuple[float, float]:
    """Return the script time per update in ms: median and 99th percentile."""
    browser = _browser(page)
    await asyncio.sleep(SETTLE_SECONDS)
    await browser.start_tracing(page=page, categories=["devtools.timeline", "v8"])
    await feed.send(updates)
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    runs = _outermost_script_events(events)
    starts = [run["ts"] for run in runs]
    begin, end = min(starts), max(starts)
    width = (end - begin) / updates
    costs = [0.0] * (updates + 1)
    for run in runs:
        costs[int((run["ts"] - begin) / width)] += run["dur"] / 1000
    return median(costs), quantiles(costs, n=100)[98]


def _outermost_script_events(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the outermost script events of the page's main thread, in order."""
    scripts = [e for e in events if e["name"] in SCRIPT_EVENTS and e.get("dur")]
    threads = [(e["pid"], e["tid"]) for e in scripts]
    main = max(set(threads), key=threads.count)
    ours = sorted(
        (e for e in scripts if (e["pid"], e["tid"]) == main), key=lambda e: e["ts"]
    )
    outermost: list[dict[str, Any]] = []
    for event in ours:
        if not outermost or event["ts"] >= outermost[-1]["ts"] + outermost[-1]["dur"]:
            outermost.append(event)
    return outermost


async def count_changes(page: Page, feed: FeedInterceptor) -> dict[str, int]:
    """Count DOM changes of the card: scrolled away (where its age is still updated), in view, page hidden."""
    card = page.locator("alphaess-live-card").first
    await card.evaluate(f"(card) => {{ {COUNT_CHANGES_SCRIPT} }}")
    counts = {}
    await card.evaluate("(card) => { card.style.translate = '0 -9000px' }")
    counts["scrolled away"] = await _changes_in_200_updates(page, feed)
    await card.evaluate("(card) => { card.style.translate = '' }")
    counts["in view"] = await _changes_in_200_updates(page, feed)
    async with hidden_behind_other_tab(page):
        counts[HIDDEN_PAGE] = await _changes_in_200_updates(page, feed)
    return counts


async def _changes_in_200_updates(page: Page, feed: FeedInterceptor) -> int:
    await asyncio.sleep(1)
    await page.evaluate("changes = 0")
    await feed.send(200)
    count: int = await page.evaluate("changes")
    return count


async def cpu_percent(page: Page) -> float:
    """Return the processor use of the whole browser for an open dashboard, in percent of one core."""
    await asyncio.sleep(SETTLE_SECONDS)
    session = await _browser(page).new_browser_cdp_session()

    async def used() -> float:
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        return sum(float(process["cpuTime"]) for process in processes)

    before = await used()
    await asyncio.sleep(CPU_MEASURE_SECONDS)
    return (await used() - before) / CPU_MEASURE_SECONDS * 100


def _browser(page: Page) -> Browser:
    """Return the browser of a page."""
    if not (browser := page.context.browser):
        raise ValueError("The page has a persistent context without a browser.")
    return browser
