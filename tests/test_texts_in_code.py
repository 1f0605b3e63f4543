"""Every text that the code asks for by its key is there, and none is left over."""

import ast

from custom_components.alphaess_live.alphaess.registers.block import BlockGroup
from custom_components.alphaess_live.alphaess.scales import ModelFamily
from custom_components.alphaess_live.connection.link import Transport
from custom_components.alphaess_live.const import CONF_GROUPS, CONF_MODEL_FAMILY
from custom_components.alphaess_live.repairs import FLOWS
from custom_components.alphaess_live.services import ATTR_ACTIVE_PERIODS, ATTR_PV
from custom_components.alphaess_live.setup.forms import FORMS, placeholders
from custom_components.alphaess_live.setup.probe import SetupProblem

from .spoken import (
    HOUSE,
    Texts,
    called,
    flat,
    mentions,
    passed,
    read_texts,
    said,
    source,
    spelled,
)

EN = read_texts("en")

BY_HOME_ASSISTANT = {
    "_abort_if_unique_id_configured": "already_configured",
    "_abort_if_unique_id_mismatch": "unique_id_mismatch",
    "async_update_reload_and_abort": "reconfigure_successful",
}
"""Methods of Home Assistant's flows that end one, and the reason that they give."""


def asked(transports: tuple[Transport, ...]) -> set[str]:
    return {str(field) for one in transports for field in FORMS[one].schema}


def test_every_problem_and_every_end_of_the_config_flow_has_its_sentence() -> None:
    assert set(EN["config"]["error"]) == {problem.value for problem in SetupProblem}
    flow = source("config_flow.py")
    ends = {
        why for method, why in BY_HOME_ASSISTANT.items() if any(called(flow, method))
    }
    assert set(EN["config"]["abort"]) == said(flow, "reason", "async_abort") | ends


def test_every_step_of_the_config_flow_explains_each_of_its_fields() -> None:
    steps: Texts = EN["config"]["step"]
    fields = {
        "network": asked((Transport.TCP, Transport.SHARED)),
        "bridge": asked((Transport.RTU_OVER_TCP,)),
        "serial": asked((Transport.SERIAL,)),
        "reconfigure": asked(tuple(FORMS)),
    }
    assert set(steps) == {"user", *fields}
    for step, names in fields.items():
        assert set(steps[step]["data"]) == names
        assert set(steps[step]["data_description"]) == names
    [menu] = called(source("config_flow.py"), "async_show_menu")
    offered = passed(menu, "menu_options")
    assert isinstance(offered, ast.List)
    choices = set().union(*(spelled(one) for one in offered.elts))
    assert set(steps["user"]["menu_options"]) == choices


def test_the_config_flow_knows_all_that_its_sentences_mention() -> None:
    mentioned = (mentions(text) for _, text in flat(EN["config"]))
    assert set().union(*mentioned) == set(placeholders({}))


def test_the_options_explain_each_choice_and_each_contradiction() -> None:
    flow = source("setup/options_flow.py")
    step: Texts = EN["options"]["step"]["settings"]
    assert set(step["data"]) == set(step["data_description"])
    contradictions = {
        word
        for node in ast.walk(source("setup/options_flow.py", of="_contradictions"))
        if isinstance(node, ast.Dict)
        for value in node.values
        for word in spelled(value)
    }
    assert set(EN["options"]["error"]) == contradictions
    families = {family.value for family in ModelFamily}
    selectors = said(flow, "translation_key", "SelectSelectorConfig")
    assert selectors == {CONF_MODEL_FAMILY, CONF_GROUPS}
    assert EN["selector"].keys() == selectors | {ATTR_ACTIVE_PERIODS, ATTR_PV}
    assert set(EN["selector"][CONF_MODEL_FAMILY]["options"]) == families
    groups = {group.value for group in BlockGroup} - {BlockGroup.MEASUREMENTS}
    assert set(EN["selector"][CONF_GROUPS]["options"]) == groups


def test_the_options_speak_of_the_energy_dashboard_and_of_each_end() -> None:
    flow = source("setup/options_flow.py")
    assert set(EN["options"]["abort"]) == said(flow, "reason", "async_abort")
    confirmed = {
        word for call in called(flow, "_confirm") for word in spelled(call.args[0])
    }
    steps: Texts = EN["options"]["step"]
    assert set(steps) == {"init", "settings", *confirmed}
    for step in confirmed:
        assert mentions(steps[step]["description"]) == {"ours", "others"}
    assert set(steps["init"]["menu_options"]) == {"settings", "energy"}


def test_every_error_at_the_border_has_its_sentence() -> None:
    calls = called(source("border.py"), "_invalid", "_failed")
    told = set().union(*(spelled(call.args[0]) for call in calls))
    lost = said(source("border.py"), "translation_key", "UpdateFailed")
    moved = said(source("migration/action.py"), "translation_key")
    missed = said(source("energy_action.py"), "translation_key")
    assert set(EN["exceptions"]) == told | lost | moved | missed


def test_every_issue_has_its_texts_and_the_facts_that_these_mention() -> None:
    issues: dict[str, set[str]] = {}
    for call in called(source("issues.py"), "_tell"):
        facts = {one.arg for one in call.keywords if one.arg} - {"is_fixable"}
        issues |= dict.fromkeys(spelled(call.args[1]), facts | {"inverter"})
    [ours] = said(source("control/watch.py"), "translation_key")
    issues[ours] = {"inverter", "order"}
    [leftover] = said(source("stale.py"), "translation_key")
    issues[leftover] = {"inverter", "entities", "totals"}
    assert set(EN["issues"]) == set(issues)
    for key, facts in issues.items():
        mentioned = (mentions(text) for _, text in flat(EN["issues"][key]))
        assert set().union(*mentioned) == facts, key


def test_what_can_be_mended_says_how_and_how_it_may_end() -> None:
    for key, issue in EN["issues"].items():
        assert ("fix_flow" in issue) != ("description" in issue), key
        if "fix_flow" in issue:
            mending = FLOWS[key.partition("_")[0]].__name__
            flow = source("repairs.py", of=mending)
            assert set(issue["fix_flow"]["abort"]) == said(flow, "reason")
            assert set(issue["fix_flow"]["step"]) == said(flow, "step_id")


def test_no_key_of_a_text_is_hidden_from_these_tests() -> None:
    """Whoever asks for a text elsewhere has to add a test here."""
    asking = {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if "translation_key=" in path.read_text("utf-8")
    }
    assert asking == {
        "border.py",
        "control/watch.py",
        "energy_action.py",
        "issues.py",
        "migration/action.py",
        "setup/options_flow.py",
        "stale.py",
    }
