"""What a person sees of the actions and entities before anything is called: fields, words, icons."""

from collections.abc import Iterator
import json
import re

from homeassistant.helpers.selector import validate_selector
from probatio import Required, Schema
import pytest
import yaml

from custom_components.alphaess_live.services import ACTIONS, ADMIN_ACTIONS

from .spoken import HOUSE, Texts, flat, read_texts

EN = read_texts("en")
ICONS: Texts = json.loads((HOUSE / "icons.json").read_text("utf-8"))
DESCRIBED: Texts = yaml.safe_load((HOUSE / "services.yaml").read_text("utf-8"))
SCHEMAS: dict[str, Schema] = {
    name: schema for name, _, schema, _ in ACTIONS + ADMIN_ACTIONS
}


def drawn() -> Iterator[tuple[Texts, Texts]]:
    """Go through what has an icon and may have one for each state, with its texts."""
    for platform, entities in ICONS["entity"].items():
        for key, icon in entities.items():
            text = EN["entity"][platform][key]
            yield icon, text
            for attribute, below in icon.get("state_attributes", {}).items():
                yield below, text["state_attributes"][attribute]


def test_every_action_is_described_named_and_drawn() -> None:
    assert DESCRIBED.keys() == SCHEMAS.keys()
    assert EN["services"].keys() == SCHEMAS.keys()
    assert ICONS["services"].keys() == SCHEMAS.keys()


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_action_offers_the_fields_that_it_takes(name: str) -> None:
    fields = DESCRIBED[name]["fields"]
    taken = {str(field): isinstance(field, Required) for field in SCHEMAS[name].schema}
    offered = {key: field.get("required", False) for key, field in fields.items()}
    assert offered == taken


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_action_and_its_fields_have_names_and_descriptions(name: str) -> None:
    text: Texts = EN["services"][name]
    assert set(text) - {"fields"} == {"name", "description"}
    assert text["fields"].keys() == DESCRIBED[name]["fields"].keys()
    for field in text["fields"].values():
        assert set(field) == {"name", "description"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_home_assistant_can_show_every_field(name: str) -> None:
    for field in DESCRIBED[name]["fields"].values():
        validate_selector(field["selector"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_example_of_an_action_is_one_that_it_takes(name: str) -> None:
    fields = DESCRIBED[name]["fields"]
    SCHEMAS[name](
        {key: field["example"] for key, field in fields.items() if "example" in field}
    )


def test_every_icon_is_one_of_home_assistants() -> None:
    for key, icon in flat(ICONS):
        assert re.fullmatch(r"mdi:[a-z0-9]+(-[a-z0-9]+)*", icon), key


def test_every_icon_belongs_to_an_entity_and_to_a_state_of_it() -> None:
    for icon, text in drawn():
        assert set(icon) <= {"default", "state", "state_attributes"}
        assert set(icon.get("state", ())) <= set(text.get("state", ()))


def test_an_icon_for_a_state_differs_from_the_usual_one() -> None:
    for icon, _ in drawn():
        assert icon.get("default") not in icon.get("state", {}).values()
