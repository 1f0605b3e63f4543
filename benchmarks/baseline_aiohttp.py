"""Baseline for the feed: a bare aiohttp WebSocket server. Started as a worker by other benchmarks."""

import asyncio
from time import monotonic_ns
from typing import Any

from aiohttp import WSMsgType, web

from scripts.demo_run.config_folder import LOOPBACK

from .worker_protocol import send_reply, serve_commands

CLIENTS: dict[web.WebSocketResponse, None] = {}


async def main() -> None:
    """Serve until there are no more commands."""
    app = web.Application()
    app.router.add_get("/", _handle_web_socket)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    send_reply({"port": runner.addresses[0][1]})
    await serve_commands({"publish": _publish})


async def _handle_web_socket(request: web.Request) -> web.WebSocketResponse:
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    CLIENTS[ws] = None
    async for _ in ws:
        pass
    del CLIENTS[ws]
    return ws


async def _publish(text: str) -> dict[str, Any]:
    frame = text.encode()
    published_at = monotonic_ns()
    for ws in CLIENTS:
        await ws.send_frame(frame, WSMsgType.TEXT)
    return {"at": published_at}


if __name__ == "__main__":
    asyncio.run(main())
