"""What an order costs beside its requests: `python -m benchmarks.dispatch`."""

import asyncio
from collections.abc import Awaitable
import logging
from statistics import median
from time import perf_counter

from custom_components.alphaess_live.alphaess.write_policy import ORDER, ORDER_WITH_PV
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.coordinator import InverterCoordinator

from .home import live_inverter

ORDERS = 100
"""At each pause, in turn: an order, then its requests alone."""
PAUSES = (0.1, 0.0)
"""s between two requests: what is usual over TCP, and none at all, which shows our own part."""
REQUESTS = 3
"""Whose order runs, the order, what reads back."""


async def main() -> None:
    """Measure and print a table."""
    logging.disable(logging.CRITICAL)
    print(f"{'pause':>8}{'order':>12}{'alone':>12}{'ratio':>8}   limit")
    async with live_inverter() as coordinator:
        for pause in PAUSES:
            coordinator.inverter.unit.set_message_spacing(pause)
            whole, alone = await _measure(coordinator)
            ratio = median(a / b for a, b in zip(whole, alone, strict=True))
            print(
                f"{pause * 1000:>5.0f} ms{median(whole) * 1000:>9.2f} ms"
                f"{median(alone) * 1000:>9.2f} ms{ratio:>8.2f}   <= 1.3",
                flush=True,
            )


async def _measure(coordinator: InverterCoordinator) -> tuple[list[float], list[float]]:
    counters, whole, alone = coordinator.inverter.counters, list[float](), list[float]()
    for number in range(ORDERS):
        before = counters.requests
        order = await _timed(_charge(coordinator, power=3000 + number))
        requests = await _timed(_ask(coordinator))
        if counters.requests - before == REQUESTS:  # Else a poll came between.
            whole.append(order)
            alone.append(requests)
    if len(whole) < ORDERS / 2:
        raise RuntimeError(f"an order costs more than {REQUESTS} requests")
    return whole, alone


async def _charge(coordinator: InverterCoordinator, *, power: int) -> None:
    await coordinator.hass.services.async_call(
        DOMAIN,
        "charge",
        {"power": power, "target_soc": 80, "duration": 3600},
        blocking=True,
        return_response=True,
    )


async def _ask(coordinator: InverterCoordinator) -> None:
    """Send what an order sends, uncounted, and nothing around it."""
    unit = coordinator.inverter.unit
    words = await unit.read_holding_registers(ORDER.start, len(ORDER_WITH_PV))
    await unit.write_registers(ORDER.start, words[: len(ORDER)])
    await unit.read_holding_registers(ORDER.start, len(ORDER_WITH_PV))


async def _timed(act: Awaitable[None]) -> float:
    began = perf_counter()
    await act
    return perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())
