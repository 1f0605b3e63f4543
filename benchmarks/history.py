"""How long a year of history takes: `python -m benchmarks.history`."""

from argparse import ArgumentParser
import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from math import sin
from pathlib import Path
from statistics import median
import sys
import tempfile
import time
from time import perf_counter
from typing import Any

from homeassistant.components.recorder.db_schema import Statistics, StatisticsMeta
from sqlalchemy import create_engine, insert, select

from scripts.demo_home.home import Home
from scripts.demo_home.registry import by_key
from tests.e2e.household import Household
from tests.integration.web.databases import find_postgres, postgres

from .table import Table

DAYS = 366
HOUR = timedelta(hours=1)
TIMES = 10
LIMIT = 1
"""s."""
POWERS = {
    "battery_power": "W",
    "pv_power": "W",
    "grid_power": "W",
    "load_power": "W",
    "battery_soc": "%",
}
COUNTERS = (
    "pv_energy_total",
    "grid_import_energy_total",
    "grid_export_energy_total",
    "battery_charge_energy_total",
    "battery_discharge_energy_total",
)


async def main() -> None:
    """Measure with each kind of database that there is, and print a table."""
    parser = ArgumentParser(description="How long a year of history takes.")
    parser.add_argument(
        "--short", action="store_true", help="two days, counts judged alone"
    )
    short = parser.parse_args().short
    days, table = 2 if short else DAYS, Table(counts_only=short)
    with ExitStack() as stack:
        for name, url in _databases(stack):
            table.title(f"{days} days of hours, {name}")
            async with _house(url) as (household, database), household.home() as home:
                end = _this_hour()
                await _remember(household, database, end - days * 24 * HOUR, end)
                await _look_back(home, table, end, days=days)
    sys.exit(table.verdict or None)


def _databases(stack: ExitStack) -> Iterator[tuple[str, str | None]]:
    yield "SQLite", None
    if programs := find_postgres():
        yield "PostgreSQL", stack.enter_context(postgres(programs))
    else:
        print("\nNo PostgreSQL: it is not installed.")


@asynccontextmanager
async def _house(url: str | None) -> AsyncGenerator[tuple[Household, str]]:
    """Start a Home Assistant with this database, or with its own file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        household = Household(folder)
        if url:
            settings = folder / "config" / "configuration.yaml"
            text = settings.read_text("utf-8")
            with_url = f"recorder:\n  db_url: {url}\n"
            settings.write_text(text.replace("recorder:\n", with_url), "utf-8")
        try:
            await household.move_in()
            yield household, url or f"sqlite:///{folder}/config/home-assistant_v2.db"
        finally:
            await household.move_out()


async def _remember(
    household: Household, url: str, start: datetime, end: datetime
) -> None:
    """Give the recorder a past: it is told of each series, and finds the rows in its database."""
    async with household.home() as home, home.conversation() as conversation:
        found = by_key(await conversation.ask("config/entity_registry/list"))
        for key in (*POWERS, *COUNTERS):
            await conversation.ask(
                "recorder/import_statistics",
                metadata=_metadata(found[key], POWERS.get(key, "kWh")),
                stats=[],
            )
    entities = {found[key]: key in COUNTERS for key in (*POWERS, *COUNTERS)}
    await asyncio.to_thread(_write, url, entities, start, end)


def _write(url: str, entities: dict[str, bool], start: datetime, end: datetime) -> None:
    engine = create_engine(url)
    meta = StatisticsMeta
    while True:  # The recorder answers before it has written.
        with engine.connect() as connection:
            known = dict(
                connection.execute(select(meta.statistic_id, meta.id)).tuples().all()
            )
        if known.keys() >= entities.keys():
            break
        time.sleep(0.2)
    with engine.begin() as connection:
        for entity, counts in entities.items():
            rows = list(_rows(start, end, counts=counts, series=known[entity]))
            connection.execute(insert(Statistics), rows)
    engine.dispose()


def _metadata(entity: str, unit: str) -> dict[str, Any]:
    counts = unit == "kWh"
    return {
        "statistic_id": entity,
        "source": "recorder",
        "name": None,
        "has_sum": counts,
        "mean_type": 0 if counts else 1,
        "unit_class": {"kWh": "energy", "W": "power"}.get(unit),
        "unit_of_measurement": unit,
    }


def _rows(
    start: datetime, end: datetime, *, counts: bool, series: int
) -> Iterator[dict[str, Any]]:
    for number in range((end - start) // HOUR):
        at = (start + number * HOUR).timestamp()
        row: dict[str, Any] = {"metadata_id": series, "start_ts": at, "created_ts": at}
        if counts:
            yield row | {"state": number * 0.25, "sum": number * 0.25}
        else:
            mean = 1000 * sin(number / 24)
            yield row | {"mean": mean, "min": mean - 10, "max": mean + 10}


async def _look_back(home: Home, table: Table, end: datetime, *, days: int) -> None:
    for kind in ("power", "energy"):
        path = (
            f"/api/history/{kind}?start={end - days * 24 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
            f"&end={end:%Y-%m-%dT%H:%M:%SZ}&period=hour"
        )
        times = list[float]()
        for _ in range(TIMES):
            began = perf_counter()
            body = await home.get(path)
            times.append(perf_counter() - began)
        series = body["series"]
        rows = sum(len(one) for one in series.values())
        table.row(f"{kind}: rows of {len(series)} series", rows, "")
        missing = days * 24 * len(series) - rows
        table.row(f"{kind}: rows that are missing", missing, "", most=0)
        table.row(
            f"{kind}: asked, answered, read; median", median(times), "s", most=LIMIT
        )
        table.row(f"{kind}: the slowest of {TIMES}", max(times), "s")


def _this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


if __name__ == "__main__":
    asyncio.run(main())
