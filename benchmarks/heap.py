"""What thousands of updates leave behind in a page that has nothing but the card: counted thing by thing."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession

from tests.e2e.reading import is_live
from tests.e2e.visitor import Visitor

PAGE = Path(__file__).with_name("alone.html")
FAST = ("--disable-gpu-vsync", "--disable-frame-rate-limit")
"""Flags with which a frame lasts as long as it takes, and each update still gets its own."""
ENGINE = {"code", "hidden", "object shape", "synthetic"}
"""What V8 keeps about a program as it learns how that runs: it grows for minutes, and holds nothing of the program's."""
FLOOD = """
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
globalThis.flood = async (updates) => {
  for (let number = 0; number < updates; number += 1) {
    const told = JSON.parse(last);
    told.timestamp = new Date().toISOString();
    for (const name of ["pv", "grid", "battery", "load"]) told.data[name].power += (number % 7) * 110;
    feed.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(told) }));
    await new Promise(requestAnimationFrame);
  }
};
"""


@dataclass(frozen=True)
class Left:
    """Bytes that a block of updates left behind."""

    things: int
    """Objects, closures, arrays, strings, elements: what a card could hold on to."""
    engine: int


async def left_behind(
    visitor: Visitor, address: str, *, updates: int, blocks: int
) -> AsyncGenerator[Left]:
    """Let the card live through blocks of updates, after one that warms it up."""
    page = visitor.page
    await page.add_init_script(FLOOD)
    await page.goto(f"{address}/local/{PAGE.name}")
    await is_live(visitor.card())
    await page.wait_for_function("globalThis.last")
    session = await page.context.new_cdp_session(page)
    await session.send("HeapProfiler.enable")
    await page.evaluate(f"flood({updates})")
    before = await _held(session)
    for _ in range(blocks):
        await page.evaluate(f"flood({updates})")
        now = await _held(session)
        yield Left(now.things - before.things, now.engine - before.engine)
        before = now


async def _held(session: CDPSession) -> Left:
    """Take a snapshot, for which the browser first collects what nobody holds."""
    chunks: list[str] = []

    def keep(event: dict[str, Any]) -> None:
        chunks.append(event["chunk"])

    session.on("HeapProfiler.addHeapSnapshotChunk", keep)
    for _ in range(3):
        await session.send("HeapProfiler.collectGarbage")
        await asyncio.sleep(0.2)
    await session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    session.remove_listener("HeapProfiler.addHeapSnapshotChunk", keep)
    sizes = _by_type(json.loads("".join(chunks)))
    engine = sum(sizes.pop(kind, 0) for kind in ENGINE)
    return Left(sizes.total(), engine)


def _by_type(snapshot: dict[str, Any]) -> Counter[str]:
    """Add up the sizes; a native thing counts if it is an element or a text of the page."""
    meta, nodes = snapshot["snapshot"]["meta"], snapshot["nodes"]
    fields, types = meta["node_fields"], meta["node_types"][0]
    kind, name, size = (fields.index(each) for each in ("type", "name", "self_size"))
    sizes: Counter[str] = Counter()
    for start in range(0, len(nodes), len(fields)):
        called = snapshot["strings"][nodes[start + name]]
        told = types[nodes[start + kind]]
        if told == "native" and not called.startswith(("<", "Text", "Comment")):
            told = "hidden"
        sizes[told] += nodes[start + size]
    return sizes
