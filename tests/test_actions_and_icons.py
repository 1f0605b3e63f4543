"""Actions and entities: fields, descriptions, texts and icons agree."""

from collections.abc import Iterator
import json
import re

from homeassistant.helpers.selector import validate_selector
from probatio import Required, Schema
import pytest
import yaml

from custom_components.alphaess_live.services import ACTIONS, ADMIN_ACTIONS

from .translation_keys import PACKAGE, Texts, flatten, read_texts

EN = read_texts("en")
ICONS: Texts = json.loads((PACKAGE / "icons.json").read_text("utf-8"))
DESCRIBED: Texts = yaml.safe_load((PACKAGE / "services.yaml").read_text("utf-8"))
SCHEMAS: dict[str, Schema] = {
    name: schema for name, _, schema, _ in ACTIONS + ADMIN_ACTIONS
}


def icons_with_texts() -> Iterator[tuple[Texts, Texts]]:
    """Yield each entity or attribute that has icons, with its texts."""
    for platform, entities in ICONS["entity"].items():
        for key, icon in entities.items():
            text = EN["entity"][platform][key]
            yield icon, text
            for attribute, below in icon.get("state_attributes", {}).items():
                yield below, text["state_attributes"][attribute]


def test_action_has_description_texts_and_icon() -> None:
    assert DESCRIBED.keys() == SCHEMAS.keys()
    assert EN["services"].keys() == SCHEMAS.keys()
    assert ICONS["services"].keys() == SCHEMAS.keys()


@pytest.mark.parametrize("name", SCHEMAS)
def test_action_description_lists_the_fields_of_its_schema(name: str) -> None:
    fields = DESCRIBED[name]["fields"]
    schema = {str(field): isinstance(field, Required) for field in SCHEMAS[name].schema}
    described = {key: field.get("required", False) for key, field in fields.items()}
    assert described == schema


@pytest.mark.parametrize("name", SCHEMAS)
def test_action_and_its_fields_have_name_and_description(name: str) -> None:
    text: Texts = EN["services"][name]
    assert set(text) - {"fields"} == {"name", "description"}
    assert text["fields"].keys() == DESCRIBED[name]["fields"].keys()
    for field in text["fields"].values():
        assert set(field) == {"name", "description"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_action_selector_is_valid(name: str) -> None:
    for field in DESCRIBED[name]["fields"].values():
        validate_selector(field["selector"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_action_example_matches_its_schema(name: str) -> None:
    fields = DESCRIBED[name]["fields"]
    SCHEMAS[name](
        {key: field["example"] for key, field in fields.items() if "example" in field}
    )


def test_icon_is_a_material_design_icon() -> None:
    for key, icon in flatten(ICONS):
        assert re.fullmatch(r"mdi:[a-z0-9]+(-[a-z0-9]+)*", icon), key


def test_icon_belongs_to_an_entity_and_one_of_its_states() -> None:
    for icon, text in icons_with_texts():
        assert set(icon) <= {"default", "state", "state_attributes"}
        assert set(icon.get("state", ())) <= set(text.get("state", ()))


def test_state_icon_differs_from_the_default_icon() -> None:
    for icon, _ in icons_with_texts():
        assert icon.get("default") not in icon.get("state", {}).values()
