"""Heap growth of a page that contains only the card, after thousands of updates, by type of object."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession

from tests.e2e.card_assertions import expect_live
from tests.e2e.dashboard_page import DashboardPage

CARD_PAGE = Path(__file__).with_name("card_only.html")
UNTHROTTLED_FLAGS = ("--disable-gpu-vsync", "--disable-frame-rate-limit")
"""Frames are rendered without delay, and each update still gets its own frame."""
ENGINE_TYPES = {"code", "hidden", "object shape", "synthetic"}
"""V8's own data about the program (compiled code, shapes): it grows for minutes and refers to no object of the page."""
UPDATE_SCRIPT = """
const Socket = WebSocket;
globalThis.WebSocket = class extends Socket {
  constructor(url) {
    super(url);
    if (!String(url).includes("/ws/power-data")) return;
    globalThis.feed = this;
    this.addEventListener("message", ({ data, isTrusted }) => {
      if (isTrusted && JSON.parse(data).type === "power_update") globalThis.last = data;
    });
  }
};
globalThis.sendUpdates = async (updates) => {
  for (let number = 0; number < updates; number += 1) {
    const message = JSON.parse(last);
    message.timestamp = new Date().toISOString();
    for (const name of ["pv", "grid", "battery", "load"]) message.data[name].power += (number % 7) * 110;
    feed.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
    await new Promise(requestAnimationFrame);
  }
};
"""


@dataclass(frozen=True)
class HeapSize:
    """Bytes on the heap, or their growth."""

    objects: int
    """Objects, closures, arrays, strings, elements: everything that a card can retain."""
    engine: int


async def heap_growth(
    dashboard: DashboardPage, address: str, *, updates: int, blocks: int
) -> AsyncGenerator[HeapSize]:
    """Yield the growth in each block of updates, after one block as warm-up."""
    page = dashboard.page
    await page.add_init_script(UPDATE_SCRIPT)
    await page.goto(f"{address}/local/{CARD_PAGE.name}")
    await expect_live(dashboard.card())
    await page.wait_for_function("globalThis.last")
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.enable")
    await page.evaluate(f"sendUpdates({updates})")
    before = await _heap_size(session)
    for _ in range(blocks):
        await page.evaluate(f"sendUpdates({updates})")
        now = await _heap_size(session)
        yield HeapSize(now.objects - before.objects, now.engine - before.engine)
        before = now


async def _heap_size(session: CDPSession) -> HeapSize:
    """Collect garbage and measure the heap."""
    chunks: list[str] = []

    def on_chunk(event: dict[str, Any]) -> None:
        chunks.append(event["chunk"])

    session.on("HeapProfiler.addHeapSnapshotChunk", on_chunk)
    for _ in range(3):
        await session.send("HeapProfiler.collectGarbage")
        await asyncio.sleep(0.2)
    await session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    session.remove_listener("HeapProfiler.addHeapSnapshotChunk", on_chunk)
    sizes = _by_type(json.loads("".join(chunks)))
    engine = sum(sizes.pop(kind, 0) for kind in ENGINE_TYPES)
    return HeapSize(sizes.total(), engine)


def _by_type(snapshot: dict[str, Any]) -> Counter[str]:
    """Sum the sizes by type; native objects count if they are elements or texts of the page."""
    meta, nodes = snapshot["snapshot"]["meta"], snapshot["nodes"]
    fields, types = meta["node_fields"], meta["node_types"][0]
    kind, name, size = (fields.index(each) for each in ("type", "name", "self_size"))
    sizes: Counter[str] = Counter()
    for start in range(0, len(nodes), len(fields)):
        name_ = snapshot["strings"][nodes[start + name]]
        type_ = types[nodes[start + kind]]
        if type_ == "native" and not name_.startswith(("<", "Text", "Comment")):
            type_ = "hidden"
        sizes[type_] += nodes[start + size]
    return sizes
