"""Duration of history requests over a year: `python -m benchmarks.history`."""

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

from scripts.demo_run.ha_client import HomeAssistantClient, entity_ids_by_key
from tests.e2e.installation import Installation
from tests.integration.web.databases import find_postgres, postgres

from .table import Table

DAYS = 366
HOUR = timedelta(hours=1)
REPETITIONS = 10
LIMIT_SECONDS = 1
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
    """Measure with each installed database and print a table."""
    parser = ArgumentParser(description="Measure history requests over a year.")
    parser.add_argument(
        "--short", action="store_true", help="two days; check counts only"
    )
    short = parser.parse_args().short
    days, table = 2 if short else DAYS, Table(ignore_timings=short)
    with ExitStack() as stack:
        for name, url in _databases(stack):
            table.title(f"{days} days of hours, {name}")
            async with (
                _run_installation(url) as (installation, database),
                installation.client() as client,
            ):
                end = _this_hour()
                await _import_history(
                    installation, database, end - days * 24 * HOUR, end
                )
                await _measure_queries(client, table, end, days=days)
    sys.exit(table.summary or None)


def _databases(stack: ExitStack) -> Iterator[tuple[str, str | None]]:
    yield "SQLite", None
    if programs := find_postgres():
        yield "PostgreSQL", stack.enter_context(postgres(programs))
    else:
        print("\nNo PostgreSQL: it is not installed.")


@asynccontextmanager
async def _run_installation(
    url: str | None,
) -> AsyncGenerator[tuple[Installation, str]]:
    """Run a Home Assistant with this database, or with its own SQLite file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installation = Installation(folder)
        if url:
            settings = folder / "config" / "configuration.yaml"
            text = settings.read_text("utf-8")
            with_url = f"recorder:\n  db_url: {url}\n"
            settings.write_text(text.replace("recorder:\n", with_url), "utf-8")
        try:
            await installation.start()
            yield installation, url or f"sqlite:///{folder}/config/home-assistant_v2.db"
        finally:
            await installation.stop()


async def _import_history(
    installation: Installation, url: str, start: datetime, end: datetime
) -> None:
    """Import the series' metadata through the API and write their rows into the database."""
    async with installation.client() as client, client.web_socket() as web_socket:
        ids = entity_ids_by_key(await web_socket.call("config/entity_registry/list"))
        for key in (*POWERS, *COUNTERS):
            await web_socket.call(
                "recorder/import_statistics",
                metadata=_metadata(ids[key], POWERS.get(key, "kWh")),
                stats=[],
            )
    entities = {ids[key]: key in COUNTERS for key in (*POWERS, *COUNTERS)}
    await asyncio.to_thread(_write_rows, url, entities, start, end)


def _write_rows(
    url: str, entities: dict[str, bool], start: datetime, end: datetime
) -> None:
    engine = create_engine(url)
    meta = StatisticsMeta
    while True:  # The recorder answers before it commits.
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


async def _measure_queries(
    client: HomeAssistantClient, table: Table, end: datetime, *, days: int
) -> None:
    for kind in ("power", "energy"):
        path = (
            f"/api/history/{kind}?start={end - days * 24 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
            f"&end={end:%Y-%m-%dT%H:%M:%SZ}&period=hour"
        )
        times = list[float]()
        for _ in range(REPETITIONS):
            started = perf_counter()
            body = await client.get(path)
            times.append(perf_counter() - started)
        series = body["series"]
        rows = sum(len(points) for points in series.values())
        table.row(f"{kind}: rows of {len(series)} series", rows, "")
        missing = days * 24 * len(series) - rows
        table.row(f"{kind}: rows that are missing", missing, "", limit=0)
        table.row(
            f"{kind}: request, response, decoding; median",
            median(times),
            "s",
            limit=LIMIT_SECONDS,
        )
        table.row(f"{kind}: the slowest of {REPETITIONS}", max(times), "s")


def _this_hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


if __name__ == "__main__":
    asyncio.run(main())
