"""Overhead of a dispatch compared with its Modbus requests alone: `python -m benchmarks.dispatch`."""

import asyncio
from collections.abc import Awaitable
import logging
from statistics import median
from time import perf_counter

from custom_components.alphaess_live.alphaess.write_policy import (
    DISPATCH_ADDRESSES,
    DISPATCH_WITH_PV_ADDRESSES,
)
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.coordinator import InverterCoordinator

from .ha_instance import run_instance

DISPATCHES = 100
"""Per message spacing; each is followed by its bare requests."""
SPACINGS_SECONDS = (0.1, 0.0)
"""Between two requests: the default over TCP, and none, which shows our own share."""
REQUESTS_PER_DISPATCH = 3
"""Read the current dispatch, write the new one, read it back."""


async def main() -> None:
    """Measure and print a table."""
    logging.disable(logging.CRITICAL)
    print(f"{'spacing':>8}{'dispatch':>12}{'requests':>12}{'ratio':>8}   limit")
    async with run_instance() as coordinator:
        for spacing in SPACINGS_SECONDS:
            coordinator.inverter.unit.set_message_spacing(spacing)
            whole, alone = await _measure(coordinator)
            ratio = median(a / b for a, b in zip(whole, alone, strict=True))
            print(
                f"{spacing * 1000:>5.0f} ms{median(whole) * 1000:>9.2f} ms"
                f"{median(alone) * 1000:>9.2f} ms{ratio:>8.2f}   <= 1.3",
                flush=True,
            )


async def _measure(coordinator: InverterCoordinator) -> tuple[list[float], list[float]]:
    counters, whole, alone = coordinator.inverter.stats, list[float](), list[float]()
    for number in range(DISPATCHES):
        before = counters.requests
        dispatch = await _timed(_charge(coordinator, power=3000 + number))
        requests = await _timed(_bare_requests(coordinator))
        if (
            counters.requests - before == REQUESTS_PER_DISPATCH
        ):  # Otherwise a poll came between.
            whole.append(dispatch)
            alone.append(requests)
    if len(whole) < DISPATCHES / 2:
        raise RuntimeError(
            f"a dispatch takes more than {REQUESTS_PER_DISPATCH} requests"
        )
    return whole, alone


async def _charge(coordinator: InverterCoordinator, *, power: int) -> None:
    await coordinator.hass.services.async_call(
        DOMAIN,
        "charge",
        {"power": power, "target_soc": 80, "duration": 3600},
        blocking=True,
        return_response=True,
    )


async def _bare_requests(coordinator: InverterCoordinator) -> None:
    """Send the requests of a dispatch directly to the unit, which does not count them."""
    unit = coordinator.inverter.unit
    words = await unit.read_holding_registers(
        DISPATCH_ADDRESSES.start, len(DISPATCH_WITH_PV_ADDRESSES)
    )
    await unit.write_registers(
        DISPATCH_ADDRESSES.start, words[: len(DISPATCH_ADDRESSES)]
    )
    await unit.read_holding_registers(
        DISPATCH_ADDRESSES.start, len(DISPATCH_WITH_PV_ADDRESSES)
    )


async def _timed(action: Awaitable[None]) -> float:
    started = perf_counter()
    await action
    return perf_counter() - started


if __name__ == "__main__":
    asyncio.run(main())
