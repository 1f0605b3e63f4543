"""The source and the translations agree: every key that is used exists, and none is left over."""

import ast

from custom_components.alphaess_live.alphaess.registers.block import BlockGroup
from custom_components.alphaess_live.alphaess.scales import ModelFamily
from custom_components.alphaess_live.connection.link import Transport
from custom_components.alphaess_live.const import CONF_GROUPS, CONF_MODEL_FAMILY
from custom_components.alphaess_live.repairs import FLOWS
from custom_components.alphaess_live.services import (
    ATTR_ACTIVE_PERIODS,
    ATTR_BLOCK,
    ATTR_PV,
)
from custom_components.alphaess_live.setup.forms import FORMS, placeholders
from custom_components.alphaess_live.setup.probe import SetupProblem
from custom_components.alphaess_live.trigger import END_REASONS

from .translation_keys import (
    Texts,
    calls_of,
    flatten,
    keyword_argument,
    keyword_values,
    parse_source,
    placeholders_in,
    possible_values,
    read_texts,
    text_uses,
)

EN = read_texts("en")

HOME_ASSISTANT_ABORTS = {
    "_abort_if_unique_id_configured": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
    "async_update_reload_and_abort": "reconfigure_successful",
}
"""Methods of Home Assistant that end a flow, and the reason that they give."""


def fields_of(transports: tuple[Transport, ...]) -> set[str]:
    return {str(field) for one in transports for field in FORMS[one].schema}


def used(section: str) -> set[str]:
    return {use.key for use in text_uses() if use.section == section}


def repair_flow(issue: str) -> ast.AST:
    name = FLOWS[issue.partition("_")[0]].__name__
    return parse_source("repairs.py", of=name)


def filled_by_repair(issue: str) -> set[str]:
    """Return the placeholders that only the repair flow of an issue fills."""
    if "fix_flow" not in EN["issues"][issue]:
        return set()
    calls = calls_of(repair_flow(issue))
    values = [keyword_argument(call, "description_placeholders") for call in calls]
    keys = [
        key for value in values if isinstance(value, ast.Dict) for key in value.keys
    ]
    return set().union(*(possible_values(key) for key in keys if key))


def test_config_flow_error_and_abort_reason_have_texts() -> None:
    assert set(EN["config"]["error"]) == {problem.value for problem in SetupProblem}
    flow = parse_source("config_flow.py")
    by_home_assistant = {
        reason
        for method, reason in HOME_ASSISTANT_ABORTS.items()
        if any(calls_of(flow, method))
    }
    reasons = keyword_values(flow, "reason", "async_abort")
    assert set(EN["config"]["abort"]) == reasons | by_home_assistant


def test_config_flow_step_explains_each_field() -> None:
    steps: Texts = EN["config"]["step"]
    fields = {
        "network": fields_of((Transport.TCP, Transport.SHARED)),
        "bridge": fields_of((Transport.RTU_OVER_TCP,)),
        "serial": fields_of((Transport.SERIAL,)),
        "reconfigure": fields_of(tuple(FORMS)),
    }
    assert set(steps) == {"user", *fields}
    for step, names in fields.items():
        assert set(steps[step]["data"]) == names
        assert set(steps[step]["data_description"]) == names
    [menu] = calls_of(parse_source("config_flow.py"), "async_show_menu")
    options = keyword_argument(menu, "menu_options")
    assert isinstance(options, ast.List)
    choices = set().union(*(possible_values(one) for one in options.elts))
    assert set(steps["user"]["menu_options"]) == choices


def test_config_flow_fills_all_placeholders() -> None:
    names = (placeholders_in(text) for _, text in flatten(EN["config"]))
    assert set().union(*names) == set(placeholders({}))


def test_options_flow_field_and_error_have_texts() -> None:
    step: Texts = EN["options"]["step"]["settings"]
    assert set(step["data"]) == set(step["data_description"])
    errors = {
        word
        for node in ast.walk(
            parse_source("setup/options_flow.py", of="_interval_errors")
        )
        if isinstance(node, ast.Dict)
        for value in node.values
        for word in possible_values(value)
    }
    assert set(EN["options"]["error"]) == errors


def test_selector_option_has_text() -> None:
    selectors = used("selector")
    assert selectors == {CONF_MODEL_FAMILY, CONF_GROUPS}
    assert EN["selector"].keys() == selectors | {
        ATTR_ACTIVE_PERIODS,
        ATTR_BLOCK,
        ATTR_PV,
        "controlled_by",
        "end_reason",
    }
    assert set(EN["selector"]["end_reason"]["options"]) == set(END_REASONS)
    families = {family.value for family in ModelFamily}
    assert set(EN["selector"][CONF_MODEL_FAMILY]["options"]) == families
    groups = {group.value for group in BlockGroup} - {BlockGroup.MEASUREMENTS}
    assert set(EN["selector"][CONF_GROUPS]["options"]) == groups


def test_options_flow_step_and_abort_reason_have_texts() -> None:
    flow = parse_source("setup/options_flow.py")
    reasons = keyword_values(flow, "reason", "async_abort")
    assert set(EN["options"]["abort"]) == reasons
    confirmed = {
        word
        for call in calls_of(flow, "_confirm")
        for word in possible_values(call.args[0])
    }
    steps: Texts = EN["options"]["step"]
    assert set(steps) == {"init", "settings", *confirmed}
    for step in confirmed:
        assert placeholders_in(steps[step]["description"]) == {"ours", "others"}
    assert set(steps["init"]["menu_options"]) == {"settings", "energy"}


def test_exception_has_text() -> None:
    assert set(EN["exceptions"]) == used("exceptions")


def test_issue_has_text() -> None:
    assert set(EN["issues"]) == used("issues")


def test_exception_mentions_only_filled_placeholders() -> None:
    for use in text_uses():
        if use.section == "exceptions" and use.placeholders is not None:
            message = EN["exceptions"][use.key]["message"]
            assert placeholders_in(message) <= use.placeholders, use.key


def test_issue_mentions_exactly_the_filled_placeholders() -> None:
    for use in text_uses():
        if use.section == "issues":
            texts = flatten(EN["issues"][use.key])
            names = set().union(*(placeholders_in(text) for _, text in texts))
            assert use.placeholders, use.key
            assert names == use.placeholders | filled_by_repair(use.key), use.key


def test_repair_flow_step_and_abort_reason_have_texts() -> None:
    for key, issue in EN["issues"].items():
        assert ("fix_flow" in issue) != ("description" in issue), key
        if "fix_flow" in issue:
            flow = repair_flow(key)
            reasons = keyword_values(flow, "reason")
            assert set(issue["fix_flow"].get("abort", {})) == reasons
            methods = dir(FLOWS[key.partition("_")[0]])
            steps = {name for name in methods if name.startswith("async_step_")}
            asked = {f"async_step_{step}" for step in issue["fix_flow"]["step"]}
            assert asked == steps - {"async_step_init"}
