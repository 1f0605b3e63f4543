"""The feed-in limit: a running dispatch of ours gives way to it, and that is said."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest

from custom_components.alphaess_live.alphaess.write_policy import FEED_IN_ADDRESSES
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House
from .test_control import app_orders, charge, misbehave, seen
from .test_services import call


def limit_of(house: House) -> int:
    """Read the limit at its source."""
    return house.inverter.words()[FEED_IN_ADDRESSES.start]


@pytest.mark.parametrize("model", MODELS)
async def test_a_limit_is_set_and_verified(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call(hass, "limit_feed_in", {"share": 30})
    assert response["applied"]["share"] == limit_of(live_house) == 30
    assert response["applied"]["stopped_dispatch"] is False
    live_house.inverter.journal.clear()
    await call(hass, "limit_feed_in", {"share": 30})
    assert not live_house.inverter.journal.written


async def test_our_dispatch_is_stopped_first_and_that_is_said(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    response = await call(hass, "limit_feed_in", {"share": 30})
    assert response["applied"]["stopped_dispatch"] is True
    assert limit_of(live_house) == 30
    assert seen(live_house) == ("idle", "none")


async def test_a_limit_that_is_there_already_stops_nothing(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    share = limit_of(live_house)
    response = await call(hass, "limit_feed_in", {"share": share})
    assert response["applied"]["stopped_dispatch"] is False
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_somebody_elses_dispatch_is_not_stopped_for_a_limit(
    hass: HomeAssistant, live_house: House
) -> None:
    app_orders(live_house)
    before = limit_of(live_house)
    with pytest.raises(ServiceValidationError):
        await call(hass, "limit_feed_in", {"share": 30})
    assert limit_of(live_house) == before


@pytest.mark.parametrize(
    ("habits", "why"),
    [
        ({"ignores_writes": True}, "ignored"),
        (
            {"single_write": Reply.REFUSED, "block_write_of_one": Reply.REFUSED},
            "refused",
        ),
    ],
)
async def test_a_limit_that_is_not_taken_is_an_error(
    hass: HomeAssistant, live_house: House, habits: dict[str, bool], why: str
) -> None:
    misbehave(live_house, **habits)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "limit_feed_in", {"share": 30})
    assert caught.value.translation_key == f"not_applied_{why}"


async def test_a_limit_that_went_unanswered_is_unknown(
    hass: HomeAssistant, live_house: House
) -> None:
    misbehave(live_house, single_write=Reply.SILENT, block_write_of_one=Reply.SILENT)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "limit_feed_in", {"share": 30})
    assert caught.value.translation_key == "order_unknown"


@pytest.mark.parametrize("share", [-1, 101, float("nan")])
async def test_an_impossible_limit_is_refused(
    hass: HomeAssistant, live_house: House, share: float
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError):
        await call(hass, "limit_feed_in", {"share": share})
    assert not live_house.inverter.journal.requests
