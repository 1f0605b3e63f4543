"""docs/api.md: every example works."""

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
import os
from pathlib import Path
import re
import sys
from typing import Any

from homeassistant.components.recorder.core import Recorder
import pytest

from custom_components.alphaess_live.web.clients import CLIENTS
from custom_components.alphaess_live.web.feed_client import CloseCode

from ..conftest import House
from .conftest import Client

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
LINES = [
    line
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
    if not line.startswith("export ")
]
CURL = [line for line in LINES if line.startswith("curl ")]
OTHERS = [line for line in LINES if line not in CURL]
TOKEN = "your-long-lived-access-token"  # noqa: S105 - the page's placeholder
PLACE = "homeassistant.local:8123"


def script(language: str, client: Client, token: str) -> str:
    """Return the example of a language with the address and token of this test."""
    block: str = next(block for name, block in BLOCKS if name == language)
    assert TOKEN in block
    assert PLACE in block
    return block.replace(PLACE, f"127.0.0.1:{client.port}").replace(TOKEN, token)


@asynccontextmanager
async def running(*command: str, **more: Any) -> AsyncIterator[Process]:
    """Run a program, and end it afterwards."""
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, **more)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def wait_for_output(process: Process, words: str) -> str:
    """Return the first line of output that contains these words."""
    assert process.stdout
    async with asyncio.timeout(30):
        while line := (await process.stdout.readline()).decode():
            if words in line:
                return line
    raise AssertionError(f"the program ended without the output {words}")


def environment(client: Client, token: str) -> dict[str, str]:
    """Return the environment variables that the page uses."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    place = f"http://127.0.0.1:{client.port}"
    return {**os.environ, "PATH": tools, "HA": place, "TOKEN": token}


async def test_curl_example_returns_no_error(
    recorder_mock: Recorder, client: Client, hass_access_token: str
) -> None:
    assert recorder_mock
    assert len(CURL) > 15
    env = environment(client, hass_access_token)
    for line in CURL:
        async with running("bash", "-c", line, env=env) as process:
            output, _ = await process.communicate()
        assert process.returncode == 0, line
        assert "error" not in json.loads(output), line


async def test_websocat_example_receives_a_power_update(
    client: Client, hass_access_token: str
) -> None:
    (line,) = OTHERS
    assert line.startswith("websocat ")
    env = environment(client, hass_access_token)
    # Its input stays open, as a terminal's does.
    async with running("bash", "-c", f"exec {line}", env=env, stdin=PIPE) as process:
        update = json.loads(await wait_for_output(process, "power_update"))
    assert update["data"]["battery"]["soc"]


@dataclass(frozen=True)
class Example:
    """A script of the page, its command, and a part of its output for a power update."""

    language: str
    command: tuple[str, ...]
    words: str


EXAMPLES = (
    Example("python", (sys.executable, "-"), "W from the grid"),
    # From Node.js 22 on, as in every browser, a WebSocket needs no option.
    Example("js", ("node", "--experimental-websocket", "-"), "W from the roof"),
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.language)
async def test_script_example_receives_updates_and_reconnects(
    client: Client, home: House, hass_access_token: str, example: Example
) -> None:
    registry = home.coordinator.hass.data[CLIENTS]
    code = script(example.language, client, hass_access_token)
    async with running(*example.command, stdin=PIPE) as process:
        assert process.stdin
        process.stdin.write(code.encode())
        process.stdin.close()
        await wait_for_output(process, example.words)
        (first,) = registry.clients
        first.close(CloseCode.GOING_AWAY, "Home Assistant stops.")
        await wait_for_output(process, example.words)
        assert first not in registry.clients
    while home.coordinator.has_live_clients:
        await asyncio.sleep(0)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.language)
async def test_script_example_with_a_wrong_token_ends(
    client: Client, example: Example
) -> None:
    code = script(example.language, client, "wrong")
    more = {"stdin": PIPE, "stderr": asyncio.subprocess.STDOUT}
    async with running(*example.command, **more) as process:
        output, _ = await process.communicate(code.encode())
    assert b"Wrong token." in output


def test_javascript_example_has_at_most_30_lines() -> None:
    (block,) = (block for name, block in BLOCKS if name == "js")
    assert len([line for line in block.splitlines() if line]) <= 30
