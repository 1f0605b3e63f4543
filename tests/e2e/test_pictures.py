"""The README's pictures, taken of the real thing: kept in docs/images if SCREENSHOTS is set."""

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
from scripts.demo_run.dashboard import PATH, build_dashboard, save_dashboard
from scripts.demo_run.ha_client import entity_ids_by_key

from .household import Household
from .reading import LOSS, is_in, is_live
from .test_connection import RESTART
from .visitor import Door

ALBUM = REPOSITORY / "docs" / "images"
LARGEST = 300_000
"""Bytes; a README is read on phones too."""
SHARP = {"device_scale_factor": 2}
TODAY = {
    "pv_energy_total": 18.4,
    "grid_import_energy_total": 2.1,
    "grid_export_energy_total": 6.5,
    "battery_charge_energy_total": 5.9,
    "battery_discharge_energy_total": 3.1,
}
"""kWh that the imagined house has had since midnight, which its Home Assistant did not see."""
SOME_ENERGY = re.compile(r"\b(1[89]|2\d)\.\d")
"""The sun of TODAY, and what the imagined house has added to it since the tests began."""

SO_FAR = re.compile(r"1[89]\.\d")
"""What the card then says of the sun: the tests themselves take a while, in which it goes on shining."""
USED = 11.2
"""kWh, the same for what the house used."""


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def morning(household: Household) -> Household:
    """Let Home Assistant remember the hours before it was switched on."""
    pytest_socket.enable_socket()
    found = entity_ids_by_key(await household.ask("config/entity_registry/list"))
    for key, energy in TODAY.items():
        rows = [{"sum": -energy, "state": 0}, {"sum": 0, "state": energy}]
        await remember(household, found[key], rows, unit="kWh")
    mean = USED * 1000
    rows = [{"mean": 0, "min": 0, "max": 0}, {"mean": mean, "min": mean, "max": mean}]
    await remember(household, found["load_power"], rows, unit="W")
    return household


async def remember(
    household: Household, entity: str, rows: list[dict[str, float]], *, unit: str
) -> None:
    """Write the hours before and after midnight into the recorder."""
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
    await household.ask("recorder/import_statistics", metadata=metadata, stats=stats)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_card(door: Door, scheme: Any) -> None:
    async with door.visit(color_scheme=scheme, **SHARP) as visitor:
        card = await visitor.open("card")
        await is_live(card)
        await expect(card.locator("alphaess-live-today")).to_contain_text(SOME_ENERGY)
        await keep(f"card-{scheme}", card)


async def test_the_card_on_a_phone(door: Door) -> None:
    phone = {"width": 390, "height": 844}
    async with door.visit(viewport=phone, **SHARP) as visitor:
        card = await visitor.open("card")
        await is_live(card)
        await expect(card.locator("alphaess-live-today")).to_contain_text(SOME_ENERGY)
        await keep("phone", visitor.page)


async def test_the_demo(morning: Household, door: Door) -> None:
    async with morning.home() as home, home.web_socket() as conversation:
        entities = await conversation.call("config/entity_registry/list")
        await save_dashboard(conversation, build_dashboard(entities))
    async with door.visit(viewport={"width": 1280, "height": 800}) as visitor:
        await visitor.page.goto(f"{morning.address}/{PATH}/0")
        card = visitor.card()
        await is_live(card)
        await expect(card.locator("alphaess-live-today")).to_contain_text(SOME_ENERGY)
        await keep("dashboard", visitor.page)


async def test_the_card_while_a_dispatch_runs(morning: Household, door: Door) -> None:
    await morning.act("charge", power=3000, target_soc=90, duration=5400)
    try:
        async with door.visit(**SHARP) as visitor:
            card = await visitor.open("card")
            await is_live(card)
            await expect(card.locator("alphaess-live-dispatch")).to_be_visible()
            await expect(card.locator(".node.battery")).to_contain_text("3.0")
            await keep("card-dispatch", card)
    finally:
        await morning.act("stop")


async def test_the_card_in_trouble(morning: Household, door: Door) -> None:
    try:
        async with door.visit(**SHARP) as visitor:
            visitor.forgive(*RESTART)
            card = await visitor.open("card")
            await is_live(card)
            await expect(card.locator("alphaess-live-today")).to_contain_text(
                SOME_ENERGY
            )
            await morning.inverter.off()
            await is_in(card, "disconnected", within=LOSS)
            await keep("card-disconnected", card)
            await morning.inverter.on()
            await is_live(card)
            await morning.home_assistant.off()
            await is_in(card, "feed_lost")
            await keep("card-feed-lost", card)
    finally:
        await morning.inverter.on()
        await morning.home_assistant.on()


async def keep(name: str, subject: Locator | Page) -> None:
    """Take a picture, and put it into the album if that is wished."""
    page = subject if isinstance(subject, Page) else subject.page
    # Home Assistant's own curtain fades while the dashboard is already there.
    await expect(page.locator("#ha-launch-screen")).to_have_count(0)
    picture = await subject.screenshot(animations="allow")
    assert len(picture) < LARGEST
    if os.environ.get("SCREENSHOTS"):
        ALBUM.mkdir(parents=True, exist_ok=True)
        (ALBUM / f"{name}.png").write_bytes(picture)
