"""Translations: the languages agree, and every entity, state and option has a text."""

from collections.abc import AsyncIterator
import re

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.const import DOMAIN

from .translation_keys import PACKAGE, Texts, flatten, placeholders_in, read_texts

LANGUAGES = sorted(path.stem for path in (PACKAGE / "translations").glob("*.json"))
EN = read_texts("en")

TOTALS = frozenset(
    reading.key for reading in READINGS if reading.key.endswith("energy_total")
)

HOME_ASSISTANT_ATTRIBUTES = frozenset(
    {
        *("attribution", "device_class", "friendly_name", "icon", "restored"),
        *("state_class", "unit_of_measurement", "options", "last_reset"),
        *("min", "max", "step", "mode", "event_types", "assumed_state", "editable"),
    }
)
"""Attributes that Home Assistant names itself."""


@pytest.fixture
async def demo(hass: HomeAssistant) -> AsyncIterator[ConfigEntry]:
    """Add the demo inverter through the config flow."""
    flows = hass.config_entries.flow
    menu = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
    added = await flows.async_configure(menu["flow_id"], {"next_step_id": "demo"})
    await hass.async_block_till_done()
    yield added["result"]
    await hass.config_entries.async_unload(added["result"].entry_id)


def test_translations_exist_in_three_languages() -> None:
    assert LANGUAGES == ["de", "en", "nl"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_has_the_keys_and_placeholders_of_english(
    language: str,
) -> None:
    found = {key: placeholders_in(text) for key, text in flatten(read_texts(language))}
    assert found == {key: placeholders_in(text) for key, text in flatten(EN)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_is_filled_and_trimmed_and_its_braces_match(language: str) -> None:
    for key, text in flatten(read_texts(language)):
        assert text, key
        assert text == text.strip(), key
        assert "  " not in text, key
        # Home Assistant shows braces that it cannot fill as an error.
        assert text.count("{") == text.count("}") == len(re.findall(r"\{\w+\}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_entity_names_are_unique(language: str) -> None:
    platforms: Texts = read_texts(language)["entity"]
    names = [
        one["name"] for platform in platforms.values() for one in platform.values()
    ]
    assert len(names) == len(set(names)), sorted(
        name for name in set(names) if names.count(name) > 1
    )


async def test_entity_has_name_and_text_for_each_state(
    hass: HomeAssistant, demo: ConfigEntry
) -> None:
    keys: dict[str, set[str]] = {"sensor": {reading.key for reading in READINGS}}
    for entity in er.async_entries_for_config_entry(er.async_get(hass), demo.entry_id):
        assert entity.translation_key
        keys.setdefault(entity.domain, set()).add(entity.translation_key)
        text: Texts = EN["entity"][entity.domain][entity.translation_key]
        capabilities = entity.capabilities or {}
        if "options" in capabilities:
            assert set(capabilities["options"]) == set(text["state"]), entity.entity_id
        if "event_types" in capabilities:
            states = text["state_attributes"]["event_type"]["state"]
            assert set(capabilities["event_types"]) == set(states)
    # Readings that the demo inverter does not support are covered by READINGS.
    assert keys == {platform: set(texts) for platform, texts in EN["entity"].items()}


async def test_entity_attribute_has_name(
    hass: HomeAssistant, demo: ConfigEntry
) -> None:
    checked = set()
    for entity in er.async_entries_for_config_entry(er.async_get(hass), demo.entry_id):
        if not (state := hass.states.get(entity.entity_id)):
            continue  # It is disabled.
        own = set(state.attributes) - HOME_ASSISTANT_ATTRIBUTES
        text: Texts = EN["entity"][entity.domain][entity.translation_key or ""]
        # A total has no attributes before its first value.
        own |= (
            {"offset", "register_value"} if entity.translation_key in TOTALS else set()
        )
        assert own <= set(text.get("state_attributes", ())), entity.entity_id
        checked |= own
    assert {"error_kind", "expires_at", "unknown_seconds"} <= checked


async def test_options_form_field_has_text(
    hass: HomeAssistant, demo: ConfigEntry
) -> None:
    options = hass.config_entries.options
    menu = await options.async_init(demo.entry_id)
    form = await options.async_configure(menu["flow_id"], {"next_step_id": "settings"})
    assert form["data_schema"]
    fields = {str(field) for field in form["data_schema"].schema}
    assert set(EN["options"]["step"]["settings"]["data"]) == fields
