"""Error messages: complete sentences in the user's language."""

from collections.abc import Iterator
from dataclasses import replace
import re
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.translation import async_get_translations
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    SUCCESS,
    CommunicationError,
    ErrorKind,
    Feature,
    FieldKind,
    IllegalRequestError,
    InvalidDispatchError,
    InvalidScheduleError,
    InvalidValueError,
    InverterError,
    NoRatedPowerError,
    NotAppliedError,
    PointlessDischargeError,
    ScheduleProblem,
    TooManyWritesError,
    UnsupportedFeatureError,
    Verdict,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.exceptions import (
    ControlsOffError,
    ControlsUnsupportedError,
    ForeignDispatchError,
    to_english,
    translate_errors,
)
from custom_components.alphaess_live.feed.messages import to_camel_case
from custom_components.alphaess_live.simulator.behaviour import Reply

from ..translation_keys import placeholders_in, read_texts
from .conftest import House, set_behaviour
from .service_calls import CHARGE, call_action

ENGLISH = "an English message"
ORDER_FIELDS: dict[str, Any] = {"action": "charge", "power": 3000, "target_soc": 80.0}
FACTS = {
    ScheduleProblem.OVERLAP: {"first": "01:00-03:00", "second": "02:00-04:00"},
    ScheduleProblem.MINUTES: {"time": "05:30"},
    ScheduleProblem.SECONDS: {"time": "05:30:10"},
    ScheduleProblem.SHARE: {
        "field": "charge_target",
        "value": "3",
        "least": "4",
        "most": "100",
    },
    ScheduleProblem.SCALE: {"value": "250"},
    ScheduleProblem.UNCERTAIN_SCALE: {},
    ScheduleProblem.UNKNOWN: {"field": "charge_period_1_start"},
}
FACT = re.compile(r"[\w.:%+-]+( [\w.:%+-]+)?")
"""A name, a number or a time; or a name with a value: `power 3000`."""


def all_errors() -> Iterator[InverterError]:
    yield InvalidDispatchError("power", minimum=1, maximum=20_000, unit="W")
    yield from (InvalidValueError("power", True, kind) for kind in FieldKind)
    yield NoRatedPowerError("power")
    yield PointlessDischargeError()
    yield from (InvalidScheduleError(one, **FACTS[one]) for one in ScheduleProblem)
    yield TooManyWritesError(51, 50)
    yield ControlsOffError(ENGLISH)
    yield ControlsUnsupportedError(ENGLISH)
    yield ForeignDispatchError(ENGLISH)
    for verdict in set(Verdict) - set(SUCCESS):
        yield NotAppliedError(
            verdict, requested=ORDER_FIELDS, applied={"action": "stop"}
        )
    yield from (UnsupportedFeatureError(what) for what in Feature)
    yield IllegalRequestError(ENGLISH)
    yield from (CommunicationError(kind, ENGLISH) for kind in ErrorKind)
    yield WriteOutcomeUnknownError(ErrorKind.TIMEOUT, ENGLISH)


async def in_german(hass: HomeAssistant, err: HomeAssistantError) -> str:
    """Return an error as Home Assistant shows it in German; check that its placeholders contain no words."""
    facts = err.translation_placeholders or {}
    for name, fact in facts.items():
        parts = fact.split(", ")
        assert all(FACT.fullmatch(part) for part in parts), f"{name}: {fact}"
    texts = await async_get_translations(hass, "de", "exceptions", {DOMAIN})
    text = texts[f"component.{DOMAIN}.exceptions.{err.translation_key}.message"]
    assert placeholders_in(text) == set(facts)
    return text.format(**facts)


@pytest.mark.usefixtures("live_house")
async def test_error_is_translated_into_a_complete_sentence(
    hass: HomeAssistant,
) -> None:
    keys = set()
    for cause in all_errors():
        with pytest.raises(HomeAssistantError) as caught, translate_errors():
            raise cause
        sentence = await in_german(hass, caught.value)
        assert ENGLISH not in sentence
        keys.add(caught.value.translation_key)
    elsewhere = (
        "lost_",
        "history_",
        "newer_entry",
        "no_recorder",
        "no_energy_dashboard",
        # Of targets: see control/test_targets.py.
        "entity_of_no_inverter",
        "target_without_inverter",
        "some_failed",
    )
    known = read_texts("de")["exceptions"]
    assert keys == {key for key in known if not key.startswith(elsewhere)}


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
async def test_failed_action_message_contains_no_english(
    hass: HomeAssistant,
    live_house: House,
    action: str,
    data: dict[str, Any],
    habits: dict[str, Any],
) -> None:
    set_behaviour(live_house, **habits)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, action, data)
    sentence = await in_german(hass, caught.value)
    assert not {"the", "inverter", "must", "refused"} & set(sentence.split())


async def test_limit_feed_in_without_the_register_raises_no_feed_in_limit(
    hass: HomeAssistant, live_house: House
) -> None:
    model = live_house.inverter.model
    served = tuple(span for span in model.served if 0x0800 not in span)
    live_house.inverter.model = replace(model, served=served)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "limit_feed_in", {"share": 30})
    assert caught.value.translation_key == "no_feed_in_limit"


@pytest.mark.usefixtures("live_house")
def test_fields_are_renamed_for_other_programs_but_not_their_values() -> None:
    err = InvalidValueError("max_soc", "min_soc", FieldKind.NUMBER)
    text = to_english(err, rename=to_camel_case)
    assert "maxSoc" in text
    assert "'min_soc'" in text
    assert "target_soc" in to_english(InverterError("target_soc"), rename=to_camel_case)


def test_unknown_inverter_error_is_raised_unchanged() -> None:
    with pytest.raises(InverterError), translate_errors():
        raise InverterError(ENGLISH)
