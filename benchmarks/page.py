"""How a page is measured: by the browser's own trace, its processes, and what it changed."""

import asyncio
import json
from statistics import median, quantiles
from typing import Any

from playwright.async_api import Browser, Page, WebSocketRoute

from tests.e2e.background import another_tab_in_front

EVERY = 0.025
"""s between two updates: longer than a frame, so that each is drawn."""
OPEN = 30
"""s that a dashboard is watched for its share of a processor core."""
SETTLE = 5
SCRIPTS = {
    "FunctionCall",
    "EvaluateScript",
    "FireAnimationFrame",
    "TimerFire",
    "EventDispatch",
    "RunMicrotasks",
    "v8.callFunction",
}
HIDDEN = "page hidden"
COUNT = """
globalThis.changes = 0;
const witness = new MutationObserver((records) => { changes += records.length; });
const watch = (root) => {
  witness.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  for (const each of root.querySelectorAll("*")) if (each.shadowRoot) watch(each.shadowRoot);
};
watch(card.shadowRoot);
"""


class Feed:
    """The real feed, with as many more updates as are wanted."""

    def __init__(self) -> None:
        """Wait for the page."""
        self._page: WebSocketRoute
        self._last: dict[str, Any] = {}

    def stand_between(self, page: WebSocketRoute) -> None:
        """Pass everything on, and remember the last update."""
        self._page = page
        server = page.connect_to_server()
        server.on_message(self._pass)

    def _pass(self, message: str | bytes) -> None:
        told = json.loads(message)
        if told["type"] == "power_update":
            self._last = told
        self._page.send(message)

    async def send(self, count: int, *, every: float = EVERY) -> None:
        """Give updates of which each differs from the one before."""
        for number in range(count):
            data = json.loads(json.dumps(self._last["data"]))
            for name in ("pv", "grid", "battery", "load"):
                data[name]["power"] += (number % 7) * 110
            self._page.send(json.dumps(self._last | {"data": data}))
            await asyncio.sleep(every)


async def scripting(page: Page, feed: Feed, updates: int) -> tuple[float, float]:
    """Tell ms of JavaScript for each update: the median, and what one in a hundred exceeds."""
    browser = _browser(page)
    await asyncio.sleep(SETTLE)
    await browser.start_tracing(page=page, categories=["devtools.timeline", "v8"])
    await feed.send(updates)
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    runs = _runs(events)
    starts = [run["ts"] for run in runs]
    begin, end = min(starts), max(starts)
    width = (end - begin) / updates
    costs = [0.0] * (updates + 1)
    for run in runs:
        costs[int((run["ts"] - begin) / width)] += run["dur"] / 1000
    return median(costs), quantiles(costs, n=100)[98]


def _runs(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Find the outermost stretches of script on the page's main thread."""
    scripts = [e for e in events if e["name"] in SCRIPTS and e.get("dur")]
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


async def drawn(page: Page, feed: Feed) -> dict[str, int]:
    """Count what changes on the card: in view, scrolled away (where its age counts on), in a hidden page."""
    card = page.locator("alphaess-live-card").first
    await card.evaluate(f"(card) => {{ {COUNT} }}")
    found = {}
    await card.evaluate("(card) => { card.style.translate = '0 -9000px' }")
    found["scrolled away"] = await _changes(page, feed)
    await card.evaluate("(card) => { card.style.translate = '' }")
    found["in view"] = await _changes(page, feed)
    async with another_tab_in_front(page):
        found[HIDDEN] = await _changes(page, feed)
    return found


async def _changes(page: Page, feed: Feed) -> int:
    await asyncio.sleep(1)
    await page.evaluate("changes = 0")
    await feed.send(200)
    count: int = await page.evaluate("changes")
    return count


async def cpu(page: Page) -> float:
    """Tell the share of one core, in percent, that the whole browser takes for an open dashboard."""
    await asyncio.sleep(SETTLE)
    session = await _browser(page).new_browser_cdp_session()

    async def spent() -> float:
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        return sum(float(process["cpuTime"]) for process in processes)

    before = await spent()
    await asyncio.sleep(OPEN)
    return (await spent() - before) / OPEN * 100


def _browser(page: Page) -> Browser:
    """Find the browser that was started for a page."""
    if not (browser := page.context.browser):
        raise ValueError("The page belongs to a browser that somebody else started.")
    return browser
