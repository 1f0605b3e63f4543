"""One installation and one browser for all tests of a worker, and a fresh page for each test."""

from collections.abc import AsyncGenerator
import os
from pathlib import Path

from playwright.async_api import async_playwright
import pytest
import pytest_asyncio
import pytest_socket

from .dashboard_page import (
    DASHBOARD_PATH,
    DashboardPage,
    LoggedInBrowser,
    dashboard_config,
)
from .installation import Installation

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ("--no-sandbox", "--disable-background-networking", "--no-first-run")
"""For a container, and without requests to servers of the browser's maker."""
DISABLED_FEATURES = (
    # Each window would start two more renderer processes for its address bar: a quarter of the processor time.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    # Playwright's own; Chromium respects only the last of several such flags.
    *("AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose"),
    *("HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay"),
    *("MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints"),
    *("PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning"),
)
TIMEOUT_SECONDS = 180
"""For one test; the first one of a worker also starts Home Assistant and the browser, and may wait for the rated power."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests on the event loop of the session's fixtures."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


@pytest.fixture
def verify_cleanup() -> None:
    """Replace the fixture of Home Assistant's test plugin: our processes and tasks outlive a test."""


@pytest.fixture(autouse=True)
def _enable_sockets(socket_enabled: None) -> None:
    """Enable sockets, which Home Assistant's test plugin disables before each test."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def installation(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncGenerator[Installation]:
    """Return a running installation with the dashboard of the tests."""
    pytest_socket.enable_socket()
    installation = Installation(tmp_path_factory.mktemp("installation"))
    try:
        await installation.start()
        await installation.create_dashboard(DASHBOARD_PATH, dashboard_config())
        yield installation
    finally:
        await installation.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(installation: Installation) -> AsyncGenerator[LoggedInBrowser]:
    """Return Chromium, logged in as the owner."""
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*FLAGS, f"--disable-features={','.join(DISABLED_FEATURES)}"],
        ) as chromium,
    ):
        browser = LoggedInBrowser(chromium, installation.address)
        await browser.log_in()
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def dashboard(browser: LoggedInBrowser) -> AsyncGenerator[DashboardPage]:
    """Return a page; the test fails if the page had errors."""
    async with browser.open_page() as dashboard:
        yield dashboard
