"""How a measured program is told what to do: a line on its input, a line of JSON on its output."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
import json
import os
from typing import Any

INPUT, OUTPUT = 0, 1

type Order = Callable[..., Awaitable[Any]]


def say(answer: Any) -> None:
    """Answer the one who measures."""
    os.write(OUTPUT, json.dumps(answer).encode() + b"\n")


async def obey(orders: Mapping[str, Order]) -> None:
    """Do what each line says, one after the other, until there are no more."""
    loop, source = asyncio.get_running_loop(), INPUT
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    rest = b""

    def read() -> None:
        nonlocal rest
        if not (chunk := os.read(source, 1 << 16)):
            loop.remove_reader(source)
            lines.put_nowait(None)
            return
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            lines.put_nowait(line.decode())

    loop.add_reader(source, read)
    while (line := await lines.get()) is not None:
        name, *words = json.loads(line)
        say(await orders[name](*words))
