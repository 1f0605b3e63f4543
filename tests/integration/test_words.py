"""A user reads whole sentences in one language: no error carries words of another one."""

from collections.abc import Iterator
from dataclasses import replace
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    ControlsOffError,
    Disobedience,
    ErrorKind,
    Feature,
    ForeignDispatchError,
    IllegalRequestError,
    InvalidDispatchError,
    InvalidScheduleError,
    InverterError,
    NotAppliedError,
    ScheduleProblem,
    TooManyWritesError,
    UnsupportedFeatureError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.exceptions import translate_errors
from custom_components.alphaess_live.simulator.behaviour import Reply

from ..spoken import mentions, read_texts
from .conftest import House
from .test_control import misbehave
from .test_services import CHARGE, call

ENGLISH = "something said it in English"
ORDERED: dict[str, Any] = {"action": "charge", "power": 3000, "target_soc": 80.0}
FACTS = {
    ScheduleProblem.OVERLAP: {"first": "01:00-03:00", "second": "02:00-04:00"},
    ScheduleProblem.MINUTES: {"time": "05:30"},
    ScheduleProblem.SECONDS: {"time": "05:30:10"},
    ScheduleProblem.SHARE: {"value": "3", "least": "4", "most": "100"},
    ScheduleProblem.SCALE: {"value": "250"},
}
FACT = re.compile(r"[\w.:%+-]+( [\w.:%+-]+)?")
"""A name, a number, a time; or a name and what it has: `power 3000`."""


def every_error() -> Iterator[InverterError]:
    yield InvalidDispatchError("power", least=1, most=20_000, unit="W")
    yield from (InvalidScheduleError(one, **FACTS[one]) for one in ScheduleProblem)
    yield TooManyWritesError(51, 50)
    yield ControlsOffError(ENGLISH)
    yield ForeignDispatchError(ENGLISH)
    for why in Disobedience:
        yield NotAppliedError(why, requested=ORDERED, applied={"action": "stop"})
    yield from (UnsupportedFeatureError(what) for what in Feature)
    yield IllegalRequestError(ENGLISH)
    yield from (CommunicationError(kind, ENGLISH) for kind in ErrorKind)
    yield WriteOutcomeUnknownError(ErrorKind.TIMEOUT, ENGLISH)


async def read_in_german(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Put an error together as Home Assistant shows it, out of nothing but facts."""
    facts = err.translation_placeholders or {}
    for name, fact in facts.items():
        parts = fact.split(", ")
        assert all(FACT.fullmatch(part) for part in parts), f"{name}: {fact}"
    texts = await async_get_translations(hass, "de", "exceptions", {DOMAIN})
    text = texts[f"component.{DOMAIN}.exceptions.{err.translation_key}.message"]
    assert mentions(text) == set(facts)
    return text.format(**facts)


@pytest.mark.usefixtures("live_house")
async def test_every_error_is_a_whole_sentence_in_the_users_language(
    hass: HomeAssistant,
) -> None:
    told = set()
    for cause in every_error():
        with pytest.raises(HomeAssistantError) as caught, translate_errors():
            raise cause
        sentence = await read_in_german(hass, caught.value)
        assert ENGLISH not in sentence
        told.add(caught.value.translation_key)
    elsewhere = ("lost_", "history_", "no_recorder", "no_energy_dashboard")
    known = read_texts("de")["exceptions"]
    assert told == {key for key in known if not key.startswith(elsewhere)}


@pytest.mark.parametrize(
    ("action", "data", "habits"),
    [
        ("charge", CHARGE | {"power": 0}, {}),
        ("charge", CHARGE, {"ignores_writes": True}),
        ("charge", CHARGE, {"block_write": Reply.REFUSED, "exception": 1}),
        ("charge", CHARGE, {"drops_link_after_write": True}),
        ("charge", CHARGE, {"exception": 6}),
        ("limit_feed_in", {"share": 101}, {}),
        ("limit_feed_in", {"share": 30}, {"ignores_writes": True}),
        ("set_schedule", {"discharge_floor": 3}, {}),
        ("set_schedule", {"discharge_floor": 15}, {"settings": Reply.REFUSED}),
        ("set_schedule", {"discharge_floor": 15}, {"settings": Reply.SILENT}),
    ],
)
async def test_an_action_that_fails_says_why_in_german_alone(
    hass: HomeAssistant,
    live_house: House,
    action: str,
    data: dict[str, Any],
    habits: dict[str, Any],
) -> None:
    misbehave(live_house, **habits)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, action, data)
    sentence = await read_in_german(hass, caught.value)
    assert not {"the", "inverter", "must", "refused"} & set(sentence.split())


async def test_an_inverter_without_a_feed_in_limit_says_so(
    hass: HomeAssistant, live_house: House
) -> None:
    model = live_house.inverter.model
    served = tuple(span for span in model.served if 0x0800 not in span)
    live_house.inverter.model = replace(model, served=served)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "limit_feed_in", {"share": 30})
    assert caught.value.translation_key == "no_feed_in_limit"


def test_a_bug_of_ours_is_not_told_as_a_silence() -> None:
    with pytest.raises(InverterError), translate_errors():
        raise InverterError(ENGLISH)
