"""Takes the screenshots of the README; the environment variable SCREENSHOTS saves them in docs/images."""

from datetime import datetime, timedelta
import os
import re
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Locator, Page, expect
import pytest
import pytest_asyncio
import pytest_socket

from scripts.demo_run.config_folder import REPOSITORY
from scripts.demo_run.dashboard import (
    PATH as DEMO_PATH,
    build_dashboard,
    save_dashboard,
)
from scripts.demo_run.ha_client import entity_ids_by_key

from .card_assertions import LOSS_LIMIT_MS, expect_live, expect_state
from .dashboard_page import LoggedInBrowser
from .installation import Installation
from .test_connection import RESTART_ERRORS

FOLDER = REPOSITORY / "docs" / "images"
MAX_BYTES = 300_000
"""A README is read on phones too."""
HIGH_RESOLUTION = {"device_scale_factor": 2}
ENERGY_TODAY = {
    "pv_energy_total": 18.4,
    "grid_import_energy_total": 2.1,
    "grid_export_energy_total": 6.5,
    "battery_charge_energy_total": 5.9,
    "battery_discharge_energy_total": 3.1,
}
"""kWh from midnight until the start of the tests."""
LOAD_ENERGY_TODAY = 11.2
"""kWh in the same time."""
PV_ENERGY_TEXT = re.compile(r"\b(1[89]|2\d)\.\d")
"""PV energy of ENERGY_TODAY, with what the simulator has added since the tests began."""


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def _import_statistics(installation: Installation) -> None:
    """Write statistics of the hours before the tests into the recorder."""
    pytest_socket.enable_socket()
    entity_ids = entity_ids_by_key(
        await installation.call("config/entity_registry/list")
    )
    for key, energy in ENERGY_TODAY.items():
        rows = [{"sum": -energy, "state": 0}, {"sum": 0, "state": energy}]
        await import_rows(installation, entity_ids[key], rows, unit="kWh")
    mean = LOAD_ENERGY_TODAY * 1000
    rows = [{"mean": 0, "min": 0, "max": 0}, {"mean": mean, "min": mean, "max": mean}]
    await import_rows(installation, entity_ids["load_power"], rows, unit="W")


async def import_rows(
    installation: Installation, entity: str, rows: list[dict[str, float]], *, unit: str
) -> None:
    """Import the statistics of the hours before and after midnight."""
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    stamps = (midnight - timedelta(hours=1), midnight)
    metadata = {
        "statistic_id": entity,
        "source": "recorder",
        "name": None,
        "unit_of_measurement": unit,
        "unit_class": "energy" if unit == "kWh" else "power",
        "has_sum": unit == "kWh",
        "has_mean": unit == "W",
        "mean_type": 1 if unit == "W" else 0,
    }
    stats = [
        {"start": stamp.isoformat(), **row}
        for stamp, row in zip(stamps, rows, strict=True)
    ]
    await installation.call(
        "recorder/import_statistics", metadata=metadata, stats=stats
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_screenshot_of_card(browser: LoggedInBrowser, scheme: Any) -> None:
    async with browser.open_context(
        color_scheme=scheme, **HIGH_RESOLUTION
    ) as dashboard:
        card = await dashboard.open("card")
        await expect_live(card)
        await expect(card.locator("alphaess-live-today")).to_contain_text(
            PV_ENERGY_TEXT
        )
        await take_screenshot(f"card-{scheme}", card)


async def test_screenshot_of_card_on_a_phone(browser: LoggedInBrowser) -> None:
    phone = {"width": 390, "height": 844}
    async with browser.open_context(viewport=phone, **HIGH_RESOLUTION) as dashboard:
        card = await dashboard.open("card")
        await expect_live(card)
        await expect(card.locator("alphaess-live-today")).to_contain_text(
            PV_ENERGY_TEXT
        )
        await take_screenshot("phone", dashboard.page)


async def test_screenshot_of_demo_dashboard(
    installation: Installation, browser: LoggedInBrowser
) -> None:
    async with installation.client() as client, client.web_socket() as web_socket:
        entities = await web_socket.call("config/entity_registry/list")
        await save_dashboard(web_socket, build_dashboard(entities))
    async with browser.open_context(
        viewport={"width": 1280, "height": 800}
    ) as dashboard:
        await dashboard.page.goto(f"{installation.address}/{DEMO_PATH}/0")
        card = dashboard.card()
        await expect_live(card)
        await expect(card.locator("alphaess-live-today")).to_contain_text(
            PV_ENERGY_TEXT
        )
        await take_screenshot("dashboard", dashboard.page)


async def test_screenshot_of_card_during_a_dispatch(
    installation: Installation, browser: LoggedInBrowser
) -> None:
    await installation.call_action("charge", power=3000, target_soc=90, duration=5400)
    try:
        async with browser.open_context(**HIGH_RESOLUTION) as dashboard:
            card = await dashboard.open("card")
            await expect_live(card)
            await expect(card.locator("alphaess-live-dispatch")).to_be_visible()
            await expect(card.locator(".node.battery")).to_contain_text("3.0")
            await take_screenshot("card-dispatch", card)
    finally:
        await installation.call_action("stop")


async def test_screenshots_of_card_without_inverter_and_without_feed(
    installation: Installation, browser: LoggedInBrowser
) -> None:
    try:
        async with browser.open_context(**HIGH_RESOLUTION) as dashboard:
            dashboard.allow_errors(*RESTART_ERRORS)
            card = await dashboard.open("card")
            await expect_live(card)
            await expect(card.locator("alphaess-live-today")).to_contain_text(
                PV_ENERGY_TEXT
            )
            await installation.inverter.stop()
            await expect_state(card, "disconnected", within=LOSS_LIMIT_MS)
            await take_screenshot("card-disconnected", card)
            await installation.inverter.start()
            await expect_live(card)
            await installation.home_assistant.stop()
            await expect_state(card, "feed_lost")
            await take_screenshot("card-feed-lost", card)
    finally:
        await installation.inverter.start()
        await installation.home_assistant.start()


async def take_screenshot(name: str, subject: Locator | Page) -> None:
    """Take a screenshot, check its size, and save it if SCREENSHOTS is set."""
    page = subject if isinstance(subject, Page) else subject.page
    # Home Assistant's launch screen fades out above the finished dashboard.
    await expect(page.locator("#ha-launch-screen")).to_have_count(0)
    image = await subject.screenshot(animations="allow")
    assert len(image) < MAX_BYTES
    if os.environ.get("SCREENSHOTS"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.png").write_bytes(image)
