"""The files around the code: issue forms, workflows, hooks, dependency updates, dev container and changelog."""

from collections.abc import Iterator
import json
from pathlib import Path
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
FORMS = sorted(GITHUB.glob("ISSUE_TEMPLATE/[0-9]*.yml"))
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
PAGES = sorted((*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
FIELD_TYPES = {"checkboxes", "dropdown", "input", "markdown", "textarea"}
"""Element types of GitHub's issue forms."""
PINNED = re.compile(r"[\w./-]+@(v?\d+\.\d+\.\d+|[0-9a-f]{40})")
CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
"""Sections of a version, as Keep a Changelog defines them."""


def read_yaml(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return content


def fields(form: Path) -> dict[str, dict[str, Any]]:
    """Return the fields of an issue form by id."""
    body = read_yaml(form)["body"]
    return {field["id"]: field for field in body if field["type"] != "markdown"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_issue_form_has_the_keys_that_github_requires(form: Path) -> None:
    content = read_yaml(form)
    assert {"name", "description", "body"} <= content.keys()
    assert {field["type"] for field in content["body"]} <= FIELD_TYPES
    for field in content["body"]:
        if field["type"] == "markdown":
            assert field["attributes"]["value"]
            continue
        assert re.fullmatch(r"\w+", field["id"])
        assert field["attributes"]["label"]
        if field["type"] in ("dropdown", "checkboxes"):
            assert field["attributes"]["options"]
    ids = [field["id"] for field in content["body"] if "id" in field]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_issue_form_asks_for_diagnostics(form: Path) -> None:
    assert "Download diagnostics" in form.read_text("utf-8") or "feature" in form.stem
    diagnostics = fields(form)["diagnostics"]
    assert diagnostics["type"] == "textarea"
    if "feature" not in form.stem:
        assert diagnostics["validations"]["required"]


def test_issues_without_a_form_are_disabled() -> None:
    config = read_yaml(GITHUB / "ISSUE_TEMPLATE" / "config.yml")
    assert config["blank_issues_enabled"] is False
    assert all(
        link.keys() == {"name", "url", "about"} for link in config["contact_links"]
    )


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    for job in read_yaml(workflow)["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflow_pins_each_action_to_a_version_or_commit(workflow: Path) -> None:
    actions = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert actions
    assert [action for action in actions if not PINNED.fullmatch(action)] == []


def test_workflow_tests_the_newest_home_assistant_and_link_library() -> None:
    matrix = read_yaml(GITHUB / "workflows" / "test.yml")["jobs"]["versions"]
    options = [entry["options"] for entry in matrix["strategy"]["matrix"]["include"]]
    assert options == [
        "--home-assistant latest",
        "--modbus-connection latest",
        "--home-assistant latest --modbus-connection latest",
    ]


def test_dependency_updates_leave_out_what_home_assistant_pins() -> None:
    updates = read_yaml(GITHUB / "dependabot.yml")["updates"]
    [pip] = [one for one in updates if one["package-ecosystem"] == "pip"]
    ignored = {entry["dependency-name"] for entry in pip["ignore"]}
    requirements = (ROOT / "requirements" / "test.in").read_text("utf-8")
    pinned = set(re.findall(r"^([\w-]+).*==", requirements, re.MULTILINE))
    assert ignored == pinned | {"homeassistant"}


def test_dependency_updates_name_existing_folders() -> None:
    for update in read_yaml(GITHUB / "dependabot.yml")["updates"]:
        for folder in update.get("directories", [update.get("directory")]):
            assert (ROOT / folder.lstrip("/")).is_dir()


def test_pre_commit_hooks_run_locked_tools_on_existing_files() -> None:
    lock = (ROOT / "requirements" / "test.txt").read_text("utf-8")
    [repository] = read_yaml(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert {"id", "name", "entry", "language"} <= hook.keys()
        assert hook["language"] == "system"
        for tool in re.findall(r"\.venv/bin/(\w+)", hook["entry"]):
            assert tool == "python" or f"\n{tool}==" in lock
        for path in re.findall(r"\S+\.py\b", hook["entry"]):
            assert (ROOT / path).exists()


def test_dev_container_has_the_versions_of_the_workflow() -> None:
    path = ROOT / ".devcontainer" / "devcontainer.json"
    container = json.loads(path.read_text("utf-8"))
    versions = dict(
        entry
        for step in steps(GITHUB / "workflows" / "test.yml")
        for entry in step.get("with", {}).items()
    )
    assert f"python:{versions['python-version']}-" in container["image"]
    [node] = [
        feature for name, feature in container["features"].items() if "/node:" in name
    ]
    assert node["version"] == versions["node-version"]


def test_changelog_has_the_current_version_and_known_sections() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    path = ROOT / "custom_components" / "alphaess_live" / "manifest.json"
    version = json.loads(path.read_text("utf-8"))["version"]
    headings = re.findall(r"^## (.+)$", changelog, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert headings[1].startswith(f"[{version}] - ")
    for heading in headings[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", heading)
    assert set(re.findall(r"^### (.+)$", changelog, re.MULTILINE)) <= CHANGES
    for heading in headings:
        name = heading.partition("]")[0]
        assert f"\n{name}]: https://" in changelog


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_links_to_existing_files_only(page: Path) -> None:
    links = re.findall(
        r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text("utf-8")
    )
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_names_existing_commands_only(page: Path) -> None:
    commands = re.findall(r"\./scripts/([\w-]+)", page.read_text("utf-8"))
    for command in commands:
        assert (ROOT / "scripts" / command).stat().st_mode & 0o111


@pytest.mark.timeout(300)
def test_pytest_runs_one_file_without_its_cache() -> None:
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q")
    result = subprocess.run(  # noqa: S603 - a fixed command
        (*command, "--collect-only", "tests/test_metadata.py"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
