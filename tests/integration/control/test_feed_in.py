"""limit_feed_in: our dispatch is stopped for it, another program's is not."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.alphaess_live.alphaess.write_policy import (
    DISPATCH_ADDRESSES,
    FEED_IN_ADDRESSES,
)
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.models import MODELS

from ..conftest import House, set_behaviour
from ..orders import charge, dispatch_status, write_app_order
from ..service_calls import call_action


def read_limit(house: House) -> int:
    """Read the limit in the simulated inverter."""
    return house.inverter.words()[FEED_IN_ADDRESSES.start]


@pytest.mark.parametrize("model", MODELS)
async def test_limit_is_verified_and_not_written_twice(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call_action(hass, "limit_feed_in", {"share": 30})
    assert response["applied"]["share"] == read_limit(live_house) == 30
    assert response["applied"]["stopped_dispatch"] is False
    live_house.inverter.journal.clear()
    await call_action(hass, "limit_feed_in", {"share": 30})
    assert not live_house.inverter.journal.written


async def test_limit_during_our_dispatch_stops_it_and_reports_it(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    response = await call_action(hass, "limit_feed_in", {"share": 30})
    assert response["applied"]["stopped_dispatch"] is True
    assert read_limit(live_house) == 30
    assert dispatch_status(live_house) == ("idle", "none")


async def test_limit_that_is_ignored_after_it_stopped_our_dispatch_reports_that(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(live_house, ignores_settings=True)
    await charge(live_house)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "limit_feed_in", {"share": 30})
    texts = caught.value.translation_placeholders
    assert texts
    assert texts["applied"].endswith(", stopped_dispatch True")
    assert dispatch_status(live_house) == ("idle", "none")
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "limit_feed_in", {"share": 30})
    texts = caught.value.translation_placeholders
    assert texts
    assert "stopped_dispatch" not in texts["applied"]


async def test_limit_that_has_stopped_our_dispatch_is_not_nothing_written(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    limit = asyncio.create_task(call_action(hass, "limit_feed_in", {"share": 30}))
    while live_house.inverter.words()[DISPATCH_ADDRESSES.start]:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)  # Verified: the pause after the stop lasts a second.
    set_behaviour(live_house, exception=6)
    with pytest.raises(HomeAssistantError) as caught:
        await limit
    assert caught.value.translation_key == "order_unknown"
    assert read_limit(live_house) != 30


async def test_unchanged_limit_does_not_stop_our_dispatch(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    share = read_limit(live_house)
    response = await call_action(hass, "limit_feed_in", {"share": share})
    assert response["applied"]["stopped_dispatch"] is False
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_limit_during_foreign_dispatch_is_rejected(
    hass: HomeAssistant, live_house: House
) -> None:
    write_app_order(live_house)
    before = read_limit(live_house)
    with pytest.raises(ServiceValidationError):
        await call_action(hass, "limit_feed_in", {"share": 30})
    assert read_limit(live_house) == before


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ({"ignores_writes": True}, "ignored"),
        (
            {"single_write": Reply.REFUSED, "block_write_of_one": Reply.REFUSED},
            "refused",
        ),
    ],
)
async def test_limit_not_applied_raises_its_error(
    hass: HomeAssistant, live_house: House, behaviour: dict[str, bool], why: str
) -> None:
    set_behaviour(live_house, **behaviour)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "limit_feed_in", {"share": 30})
    assert caught.value.translation_key == f"not_applied_{why}"


async def test_limit_without_answer_raises_order_unknown(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(
        live_house, single_write=Reply.SILENT, block_write_of_one=Reply.SILENT
    )
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "limit_feed_in", {"share": 30})
    assert caught.value.translation_key == "order_unknown"


@pytest.mark.parametrize("share", [-1, 101, float("nan")])
async def test_limit_out_of_range_is_rejected(
    hass: HomeAssistant, live_house: House, share: float
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError):
        await call_action(hass, "limit_feed_in", {"share": share})
    assert not live_house.inverter.journal.requests
