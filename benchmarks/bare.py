"""What the feed is compared with: aiohttp's WebSocket, and nothing else. Started by other benchmarks."""

import asyncio
from time import monotonic_ns
from typing import Any

from aiohttp import WSMsgType, web

from scripts.demo_home.folder import LOOPBACK

from .obedience import obey, say

CLIENTS: dict[web.WebSocketResponse, None] = {}


async def main() -> None:
    """Serve until there are no more orders."""
    app = web.Application()
    app.router.add_get("/", _hold)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    say({"port": runner.addresses[0][1]})
    await obey({"publish": _publish})


async def _hold(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    CLIENTS[ws] = None
    async for _ in ws:
        pass
    del CLIENTS[ws]
    return ws


async def _publish(text: str) -> dict[str, Any]:
    frame = text.encode()
    at = monotonic_ns()
    for ws in CLIENTS:
        await ws.send_frame(frame, WSMsgType.TEXT)
    return {"at": at}


if __name__ == "__main__":
    asyncio.run(main())
