"""Values of any kind in any field, over every interface: refused with the field's name, or applied exactly."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from http import HTTPStatus
import json
from typing import Any

from aiohttp.test_utils import TestClient
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.write_policy import FEED_IN_ADDRESSES
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control.manual import Setpoint
from custom_components.alphaess_live.web.commands import (
    InvalidCommandError,
    SetBatching,
    parse_command,
)

from ..conftest import House
from ..orders import read_order
from ..service_calls import CHARGE, call_action, set_number

type Client = TestClient[Any, Any]

GRID_TARGET = {"power": 0, "duration": 3600}

NOT_NUMBERS = ["3000", "80", "much", "", None, True, False, [3000], {"a": 1}]
NOT_FINITE = [float("nan"), float("inf"), -float("inf"), 10**400]
NOT_BOOLEANS: list[Any] = [*NOT_FINITE, 2, "maybe", None, [], {"a": 1}]
TOO_LARGE = [1e20, -1e20, 10**30]

NUMBERS = st.one_of(
    st.integers(-100, 90_000), st.integers(), st.floats(allow_nan=True, width=32)
)
VALUES = st.one_of(
    NUMBERS,
    st.sampled_from((*NOT_NUMBERS, *NOT_FINITE, *TOO_LARGE, "01:30:00", "off", "on")),
    st.text(max_size=9),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(("hours", "minutes", "x")), NUMBERS, max_size=2),
)

MANY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)


async def try_values(
    hass: HomeAssistant,
    fields: tuple[str, ...],
    attempt: Callable[[str, Any], Coroutine[Any, Any, None]],
) -> None:
    """Call a coroutine function with a field and a value, many times."""

    def run() -> None:
        @MANY
        @given(st.sampled_from(fields), VALUES)
        def one(field: str, value: Any) -> None:
            call = asyncio.run_coroutine_threadsafe(attempt(field, value), hass.loop)
            call.result()

        one()

    await hass.async_add_executor_job(run)


def require_named(err: HomeAssistantError, field: str) -> None:
    """Require a translated error that names the field."""
    assert err.translation_domain == DOMAIN
    assert err.translation_placeholders
    assert err.translation_placeholders["field"] == field


def seconds(value: Any) -> float:
    """Convert a duration as an action takes it, independently of the integration."""
    if isinstance(value, dict):
        return float(value.get("hours", 0) * 3600 + value.get("minutes", 0) * 60)
    if isinstance(value, str):
        return float(
            sum(
                int(n) * f
                for n, f in zip(value.split(":"), (3600, 60, 1), strict=False)
            )
        )
    return float(value)


@pytest.mark.parametrize("field", ["power", "target_soc", "duration"])
async def test_action_with_no_number_is_refused_with_its_field(
    hass: HomeAssistant, live_house: House, field: str
) -> None:
    live_house.inverter.journal.clear()
    for value in (*NOT_NUMBERS, *NOT_FINITE, *TOO_LARGE):
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, "charge", CHARGE | {field: value})
        require_named(caught.value, field)
    assert not live_house.inverter.journal.requests


@pytest.mark.parametrize(
    "field", ["power", "min_soc", "max_soc", "max_power", "duration"]
)
async def test_grid_target_with_no_number_is_refused_with_its_field(
    hass: HomeAssistant, live_house: House, field: str
) -> None:
    live_house.inverter.journal.clear()
    for value in (*NOT_NUMBERS, *NOT_FINITE, *TOO_LARGE):
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, "hold_grid", GRID_TARGET | {field: value})
        require_named(caught.value, field)
    for value in NOT_BOOLEANS:
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, "hold_grid", GRID_TARGET | {"limit": value})
        require_named(caught.value, "limit")
    for hours in ({"hours": 1e308}, {"hours": 1e308, "days": -1e308}):
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, "hold_grid", GRID_TARGET | {"duration": hours})
        require_named(caught.value, "duration")
    assert not live_house.inverter.journal.requests


async def test_action_with_any_value_is_refused_or_applied_exactly(
    hass: HomeAssistant, live_house: House
) -> None:
    async def attempt(field: str, value: Any) -> None:
        if field == "duration" and isinstance(value, dict) and "x" in value:
            value = {"hours": 1}
        try:
            await call_action(hass, "charge", CHARGE | {field: value})
        except ServiceValidationError as err:
            require_named(err, field)
            return
        order = read_order(live_house)
        expected: dict[str, float] = dict(CHARGE)
        expected[field] = seconds(value) if field == "duration" else value
        assert not isinstance(value, bool)
        assert order.power == -round(expected["power"])
        assert abs(order.target_soc - expected["target_soc"]) <= 0.4
        # An order that equals the running one is a second shorter.
        assert 0 <= round(expected["duration"]) - order.duration <= 1

    await try_values(hass, tuple(CHARGE), attempt)


@pytest.mark.parametrize("field", ["take_over", "pv", "block"])
async def test_hold_with_another_word_is_refused_with_its_field(
    hass: HomeAssistant, live_house: House, field: str
) -> None:
    for value in NOT_BOOLEANS:
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, "hold", {"duration": 600, field: value})
        require_named(caught.value, field)
    assert live_house.inverter.journal.writes == 0


SETTING_FIELDS = ("active_periods", "charge_period_1_start", "charge_target")


@pytest.mark.parametrize("field", SETTING_FIELDS)
async def test_schedule_with_another_value_is_refused_with_its_field(
    hass: HomeAssistant, live_house: House, field: str
) -> None:
    for value in (*NOT_NUMBERS, *NOT_FINITE, *TOO_LARGE, 3, 80.5):
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, "set_schedule", {field: value})
        require_named(caught.value, field)
    assert live_house.inverter.journal.writes == 0


async def test_feed_in_share_of_any_value_is_refused_or_applied_exactly(
    hass: HomeAssistant, live_house: House
) -> None:
    async def attempt(field: str, value: Any) -> None:
        try:
            await call_action(hass, "limit_feed_in", {field: value})
        except ServiceValidationError as err:
            require_named(err, field)
        else:
            assert live_house.inverter.words()[FEED_IN_ADDRESSES.start] == value

    await try_values(hass, ("share",), attempt)


async def test_number_of_no_finite_value_is_refused_and_unchanged(
    hass: HomeAssistant, enabled_house: House
) -> None:
    setpoints = enabled_house.entry.runtime_data.manual.setpoints
    before = dict(setpoints)
    for key in (*Setpoint, "charge_target", "discharge_floor", "feed_in_limit"):
        for value in (*NOT_FINITE[:3], *TOO_LARGE):
            with pytest.raises(ServiceValidationError):
                await set_number(hass, enabled_house, key, value)
    assert setpoints == before
    assert enabled_house.inverter.journal.writes == 0


REST_FIELDS = ("power", "targetSoc", "duration", "takeOver", "pv")


async def test_rest_body_with_any_value_is_refused_or_applied_exactly(
    hass: HomeAssistant, live_house: House, hass_client: Callable[[], Awaitable[Client]]
) -> None:
    assert await async_setup_component(hass, "http", {})
    client = await hass_client()
    order = {"power": 3000, "targetSoc": 80, "duration": 3600}

    async def attempt(field: str, value: Any) -> None:
        body = order | {field: value}
        answer = await client.post("/api/alphaess/charge", json=body)
        content = await answer.json()
        if answer.status != HTTPStatus.OK:
            assert answer.status == HTTPStatus.BAD_REQUEST
            # NaN and Infinity are no JSON: then the whole body is refused.
            assert content["field"] in (field, "body")
            return
        read = read_order(live_house)
        assert not isinstance(value, bool) or field == "takeOver"
        assert read.power == -round(body["power"])
        assert abs(read.target_soc - body["targetSoc"]) <= 0.4
        assert 0 <= round(body["duration"]) - read.duration <= 1

    await try_values(hass, REST_FIELDS, attempt)


@given(st.sampled_from(("size", "maxWait")), VALUES)
@MANY
def test_feed_batch_of_any_value_is_refused_or_taken_exactly(
    field: str, value: Any
) -> None:
    message = {"type": "batch", "size": 10, "maxWait": 5} | {field: value}
    try:
        command = parse_command(json.dumps(message))
    except InvalidCommandError as err:
        command, error = None, err
    if command is None:
        assert error.code == "invalid_json" or field in str(error)
        return
    assert isinstance(command, SetBatching)
    assert not isinstance(value, bool | str)
    assert value == (command.size if field == "size" else command.max_wait_seconds)
