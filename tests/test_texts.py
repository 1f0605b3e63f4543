"""Every language says the same, and has a word for whatever an entity or an option shows."""

from collections.abc import AsyncIterator
import re

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.const import DOMAIN

from .spoken import HOUSE, Texts, flat, mentions, read_texts

LANGUAGES = sorted(path.stem for path in (HOUSE / "translations").glob("*.json"))
EN = read_texts("en")


@pytest.fixture
async def demo(hass: HomeAssistant) -> AsyncIterator[ConfigEntry]:
    """Add the inverter that is only imagined, as a user does."""
    flows = hass.config_entries.flow
    menu = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    added = await flows.async_configure(menu["flow_id"], {"next_step_id": "demo"})
    await hass.async_block_till_done()
    yield added["result"]
    await hass.config_entries.async_unload(added["result"].entry_id)


def test_there_are_three_languages() -> None:
    assert LANGUAGES == ["de", "en", "nl"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_fills_the_same_things_into_the_same_texts(
    language: str,
) -> None:
    told = {key: mentions(text) for key, text in flat(read_texts(language))}
    assert told == {key: mentions(text) for key, text in flat(EN)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty_or_carelessly_typed(language: str) -> None:
    for key, text in flat(read_texts(language)):
        assert text, key
        assert text == text.strip(), key
        assert "  " not in text, key
        # Home Assistant shows braces that it cannot fill as an error.
        assert text.count("{") == text.count("}") == len(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_entities_of_an_inverter_share_a_name(language: str) -> None:
    platforms: Texts = read_texts(language)["entity"]
    names = [
        one["name"] for platform in platforms.values() for one in platform.values()
    ]
    assert len(names) == len(set(names)), sorted(
        name for name in set(names) if names.count(name) > 1
    )


async def test_every_entity_has_a_name_and_a_word_for_each_of_its_states(
    hass: HomeAssistant, demo: ConfigEntry
) -> None:
    keys: dict[str, set[str]] = {"sensor": {reading.key for reading in READINGS}}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), demo.entry_id):
        assert entity.translation_key
        keys.setdefault(entity.domain, set()).add(entity.translation_key)
        text: Texts = EN["entity"][entity.domain][entity.translation_key]
        can = entity.capabilities or {}
        if "options" in can:
            assert set(can["options"]) == set(text["state"]), entity.entity_id
        if "event_types" in can:
            told = text["state_attributes"]["event_type"]["state"]
            assert set(can["event_types"]) == set(told)
    # What this inverter lacks is a reading of another one's.
    assert keys == {platform: set(texts) for platform, texts in EN["entity"].items()}


async def test_every_attribute_of_the_link_has_a_name(
    hass: HomeAssistant, demo: ConfigEntry
) -> None:
    link: Texts = EN["entity"]["binary_sensor"]["modbus"]
    entity_id = er.async_get(hass).async_get_entity_id(
        "binary_sensor", DOMAIN, f"{demo.unique_id}_modbus"
    )
    state = hass.states.get(entity_id or "")
    assert state
    usual = {"device_class", "friendly_name"}
    assert set(state.attributes) - usual == set(link["state_attributes"])


async def test_the_options_are_those_that_are_asked_for(
    hass: HomeAssistant, demo: ConfigEntry
) -> None:
    options = hass.config_entries.options
    menu = await options.async_init(demo.entry_id)
    form = await options.async_configure(menu["flow_id"], {"next_step_id": "settings"})
    assert form["data_schema"]
    asked_for = {str(field) for field in form["data_schema"].schema}
    assert set(EN["options"]["step"]["settings"]["data"]) == asked_for
