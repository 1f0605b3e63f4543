"""One house and one browser for all tests; for each test a fresh visitor, who notices every error on the page."""

from collections.abc import AsyncGenerator
import os
from pathlib import Path

from playwright.async_api import Browser, async_playwright
import pytest
import pytest_asyncio
import pytest_socket

from .dashboards import PATH, compose
from .household import Household
from .visitor import Door, Visitor

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-background-networking", "--no-first-run")
"""For a browser in a container, that asks nobody for anything."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests run on the loop that the house and the browser run on."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture
def verify_cleanup() -> None:
    """Replace the test kit's own: the house and the browser outlive a test."""


@pytest.fixture
def enable_event_loop_debug() -> None:
    """Replace the test kit's own: a loop that is debugged is slow, and here real seconds count."""


@pytest.fixture(autouse=True)
def _network(socket_enabled: None) -> None:
    """Let tests speak to the house, which the test kit forbids before each of them."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def household(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Household]:
    """A house that runs, with the dashboards that the tests look at."""
    pytest_socket.enable_socket()
    household = Household(tmp_path_factory.mktemp("household"))
    try:
        await household.move_in()
        await household.hang(PATH, compose())
        yield household
    finally:
        await household.move_out()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def door(household: Household) -> AsyncGenerator[Door]:
    """The way in: Chromium, with the owner known to it."""
    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=FLAGS
        )
        async with browser:
            door = Door(browser, household.address)
            await door.log_in()
            yield door


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(door: Door) -> AsyncGenerator[Visitor]:
    """Somebody at a desk, who has seen no error at the end."""
    async with door.visit() as visitor:
        yield visitor
