"""A dispatch and its lease after Home Assistant is killed, and after the inverter restarts."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio

from custom_components.alphaess_live.alphaess.grid_regulator import (
    MAX_LEASE_SECONDS,
)

from .card_assertions import RECOVERY_LIMIT_MS
from .installation import Installation

ANSWER_SECONDS = 0.4
"""How long a slow inverter needs for each answer."""


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _stop_dispatch(installation: Installation) -> AsyncGenerator[None]:
    yield
    await installation.inverter.start()
    await installation.home_assistant.start()
    await status_when_connected(installation)
    await installation.call_action("stop")


async def status_when_connected(installation: Installation) -> dict[str, Any]:
    """Wait until the inverter is connected, and return its status."""
    async with asyncio.timeout(RECOVERY_LIMIT_MS / 1000):
        while not (status := await installation.status())["connected"]:
            await asyncio.sleep(0.2)
    return status


async def restart_home_assistant(installation: Installation) -> None:
    """Restart it, because it stores a new config entry with a delay, but at the latest when it stops."""
    await installation.home_assistant.stop()
    await installation.home_assistant.start()
    await status_when_connected(installation)


async def charge(installation: Installation) -> None:
    """Charge for an hour."""
    await installation.call_action("charge", power=2500, target_soc=90, duration=3600)


async def test_lease_survives_when_home_assistant_is_killed(
    installation: Installation,
) -> None:
    await restart_home_assistant(installation)
    await charge(installation)
    before = (await installation.status())["dispatch"]
    installation.home_assistant.kill()
    await installation.home_assistant.stop()
    await installation.home_assistant.start()
    after = (await status_when_connected(installation))["dispatch"]
    assert after["controlled_by"] == "alphaess_live"
    assert (after["status"], after["power"]) == ("charging", -2500)
    assert after["expires_at"] == before["expires_at"]
    assert after["remaining"] < before["remaining"]


async def test_grid_target_ends_with_its_lease_when_home_assistant_is_killed(
    installation: Installation,
) -> None:
    await restart_home_assistant(installation)
    # With a power, because the rated one of a new inverter is not known for a minute.
    await installation.call_action(
        "hold_grid", power=1000, max_power=5000, duration=3600
    )
    before = (await installation.status())["dispatch"]
    assert before["status"] == "holding_grid"
    assert before["remaining"] > 3500
    installation.home_assistant.kill()
    await installation.home_assistant.stop()
    await installation.home_assistant.start()
    await status_when_connected(installation)
    async with asyncio.timeout(MAX_LEASE_SECONDS):
        while (await installation.status())["dispatch"]["active"]:
            await asyncio.sleep(0.5)
    after = (await installation.status())["dispatch"]
    assert (after["status"], after["controlled_by"]) == ("idle", "none")


@pytest.mark.parametrize("answers", [0, 1])
async def test_order_in_flight_when_home_assistant_is_killed_is_ours(
    installation: Installation, answers: int
) -> None:
    await installation.slow_inverter_down(ANSWER_SECONDS)
    try:
        await restart_home_assistant(installation)
        ordering = asyncio.create_task(charge(installation))
        async with asyncio.timeout(RECOVERY_LIMIT_MS / 1000):
            while all(
                one.get("verified", True) for one in installation.stored_leases()
            ):
                await asyncio.sleep(0.01)
        # The write follows; its answer, or that of the reading after it, comes too late.
        await asyncio.sleep((answers + 0.5) * ANSWER_SECONDS)
        installation.home_assistant.kill()
        await asyncio.gather(ordering, return_exceptions=True)
        await installation.home_assistant.stop()
        assert [one["verified"] for one in installation.stored_leases()] == [False]
        await installation.home_assistant.start()
        dispatch = (await status_when_connected(installation))["dispatch"]
    finally:
        await installation.slow_inverter_down(0)
    assert dispatch["controlled_by"] in ("alphaess_live", *["none"][answers:])


async def test_restarted_inverter_is_idle_and_accepts_a_new_dispatch(
    installation: Installation,
) -> None:
    await charge(installation)
    await installation.inverter.stop()
    await installation.inverter.start()
    await installation.call_action("refresh")
    await status_when_connected(installation)
    assert (await installation.status())["dispatch"]["status"] == "idle"
    await installation.call_action("hold", duration=600)
    assert (await installation.status())["dispatch"]["status"] == "holding"
