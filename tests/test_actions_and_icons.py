"""Actions and entities: fields, descriptions, texts and icons agree."""

from collections.abc import Iterator
import json
import re

from homeassistant.const import CONF_OPTIONS
from homeassistant.helpers.selector import validate_selector
from probatio import Required, Schema
import pytest
import yaml

from custom_components.alphaess_live.condition import CONDITIONS
from custom_components.alphaess_live.control.targets import TARGET_FIELDS
from custom_components.alphaess_live.services import ACTIONS, ADMIN_ACTIONS
from custom_components.alphaess_live.trigger import TRIGGERS

from .translation_keys import PACKAGE, Texts, flatten, read_texts

EN = read_texts("en")
ICONS: Texts = json.loads((PACKAGE / "icons.json").read_text("utf-8"))
DESCRIBED: Texts = {
    name: action
    for name, action in yaml.safe_load(
        (PACKAGE / "services.yaml").read_text("utf-8")
    ).items()
    if not name.startswith(".")
}
SCHEMAS: dict[str, Schema] = {
    name: schema for name, _, schema, _ in ACTIONS + ADMIN_ACTIONS
}


def described_fields(name: str) -> Texts:
    """Return the fields of an action, also those in a section."""
    fields: Texts = {}
    for key, field in DESCRIBED[name]["fields"].items():
        fields |= field.get("fields", {key: field})
    return fields


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
    fields = described_fields(name)
    schema = {
        str(field): isinstance(field, Required)
        for field in SCHEMAS[name].schema
        if str(field) not in TARGET_FIELDS
    }
    described = {key: field.get("required", False) for key, field in fields.items()}
    assert described == schema


@pytest.mark.parametrize("name", SCHEMAS)
def test_action_and_its_fields_have_name_and_description(name: str) -> None:
    text: Texts = EN["services"][name]
    assert set(text) - {"fields", "sections"} == {"name", "description"}
    fields = DESCRIBED[name]["fields"]
    sections = {key for key, field in fields.items() if "fields" in field}
    assert set(text.get("sections", ())) == sections
    assert text["fields"].keys() == described_fields(name).keys()
    for field in text["fields"].values():
        assert set(field) == {"name", "description"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_action_selector_is_valid(name: str) -> None:
    for field in described_fields(name).values():
        validate_selector(field["selector"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_action_example_matches_its_schema(name: str) -> None:
    fields = described_fields(name)
    SCHEMAS[name](
        {key: field["example"] for key, field in fields.items() if "example" in field}
    )


@pytest.mark.parametrize("name", ["charge", "discharge", "hold"])
def test_action_default_in_the_editor_is_that_of_its_schema(name: str) -> None:
    filled = SCHEMAS[name]({})
    defaults = {
        key: field["default"]
        for key, field in described_fields(name).items()
        if field.get("required")
    }
    assert defaults
    assert SCHEMAS[name](defaults) == filled


AUTOMATION_PARTS = [
    *(("trigger", key, one.schema) for key, one in TRIGGERS.items()),
    *(("condition", key, None) for key in CONDITIONS),
]


@pytest.mark.parametrize(("kind", "key", "schema"), AUTOMATION_PARTS)
def test_trigger_or_condition_has_fields_texts_and_icon(
    kind: str, key: str, schema: Schema | None
) -> None:
    described = yaml.safe_load((PACKAGE / f"{kind}s.yaml").read_text("utf-8"))
    names = {name for name in described if not name.startswith(".")}
    assert names == EN[f"{kind}s"].keys() == ICONS[f"{kind}s"].keys()
    fields = described[key].get("fields", {})
    text = EN[f"{kind}s"][key]
    assert text["name"]
    assert text["description"]
    assert text.get("fields", {}).keys() == fields.keys()
    options = {"for"}
    if schema:
        [inner] = [one for name, one in schema.schema.items() if name == CONF_OPTIONS]
        options = {str(option) for option in inner}
    assert fields.keys() == options
    for field in fields.values():
        validate_selector(field["selector"])
        if translated := field["selector"].get("select"):
            texts = EN["selector"][translated["translation_key"]]["options"]
            assert list(texts) == translated["options"]


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
