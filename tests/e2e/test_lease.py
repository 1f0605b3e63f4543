"""A dispatch outlives whoever ordered it: Home Assistant is killed in the middle of one, and started again."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest_asyncio

from .household import Household
from .reading import RETURN


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def _nothing_runs_on(household: Household) -> AsyncGenerator[None]:
    yield
    await household.inverter.on()
    await household.home_assistant.on()
    await connected(household)
    await household.act("stop")


async def status(household: Household) -> dict[str, Any]:
    """Ask for the status as an automation does."""
    answer = await household.ask(
        "call_service",
        domain="alphaess_live",
        service="get_status",
        return_response=True,
    )
    told: dict[str, Any] = answer["response"]
    return told


async def connected(household: Household) -> dict[str, Any]:
    """Wait until the inverter answers, and tell its status."""
    async with asyncio.timeout(RETURN / 1000):
        while not (told := await status(household))["connected"]:
            await asyncio.sleep(0.2)
    return told


async def test_a_lease_survives_home_assistants_sudden_death(
    household: Household,
) -> None:
    # A Home Assistant that has just been given an inverter has not written that down yet.
    await household.home_assistant.off()
    await household.home_assistant.on()
    await connected(household)
    await household.act("charge", power=2500, target_soc=90, duration=3600)
    before = (await status(household))["dispatch"]
    household.home_assistant.kill()
    await household.home_assistant.off()
    await household.home_assistant.on()
    after = (await connected(household))["dispatch"]
    assert after["controlled_by"] == "alphaess_live"
    assert (after["status"], after["power"]) == ("charging", -2500)
    assert after["expires_at"] == before["expires_at"]
    assert after["remaining"] < before["remaining"]


async def test_an_inverter_that_restarts_has_forgotten_its_order_and_takes_a_new_one(
    household: Household,
) -> None:
    await household.act("charge", power=2500, target_soc=90, duration=3600)
    await household.inverter.off()
    await household.inverter.on()
    await household.act("refresh")
    await connected(household)
    assert (await status(household))["dispatch"]["status"] == "idle"
    await household.act("hold", duration=600)
    assert (await status(household))["dispatch"]["status"] == "holding"
