"""What Home Assistant and HACS read before any code runs: manifests, quality scale, brand; and the locked requirements."""

import json
from pathlib import Path
import re
import struct
import tomllib
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import pytest
import yaml

ROOT = Path(__file__).parent.parent
INTEGRATION = ROOT / "custom_components" / "alphaess_live"
BRAND_SIZES = {
    "icon.png": (256, 256),
    "icon@2x.png": (512, 512),
    "logo.png": (640, 160),
    "logo@2x.png": (1280, 320),
}
BRANDS = BRAND_SIZES | {f"dark_{name}": size for name, size in BRAND_SIZES.items()}
HACS_KEYS = {
    "content_in_root",
    "country",
    "filename",
    "hide_default_branch",
    "homeassistant",
    "name",
    "persistent_directory",
    "render_readme",
    "zip_release",
}

RULES = """
    action-exceptions action-setup appropriate-polling async-dependency brands
    common-modules config-entry-unloading config-flow-test-coverage config-flow
    dependency-transparency devices diagnostics discovery-update-info discovery
    docs-actions docs-conditions docs-configuration-parameters docs-data-update
    docs-examples docs-high-level-description docs-installation-instructions
    docs-installation-parameters docs-known-limitations docs-removal-instructions
    docs-supported-devices docs-supported-functions docs-triggers
    docs-troubleshooting docs-use-cases dynamic-devices entity-category
    entity-device-class entity-disabled-by-default entity-event-setup
    entity-translations entity-unavailable entity-unique-id exception-translations
    has-entity-name icon-translations inject-websession integration-owner
    log-when-unavailable parallel-updates reauthentication-flow reconfiguration-flow
    repair-issues runtime-data stale-devices strict-typing test-before-configure
    test-before-setup test-coverage unique-config-entry
"""
"""The rules of Home Assistant's integration quality scale, all four tiers."""


@pytest.fixture
def manifest() -> dict[str, Any]:
    return read_json(INTEGRATION / "manifest.json")


@pytest.fixture
def hacs() -> dict[str, Any]:
    return read_json(ROOT / "hacs.json")


def read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def png_size(path: Path) -> tuple[int, int]:
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height


def test_manifest_keys_are_in_hassfests_order(
    manifest: dict[str, Any],
) -> None:
    keys = list(manifest)
    assert keys == ["domain", "name", *sorted(keys[2:])]


def test_manifest_has_the_required_keys(
    manifest: dict[str, Any],
) -> None:
    assert manifest["domain"] == INTEGRATION.name
    assert manifest["config_flow"] is True
    assert manifest["integration_type"] == "device"
    assert manifest["iot_class"] == "local_polling"
    assert manifest["codeowners"]
    for page in ("documentation", "issue_tracker"):
        assert manifest[page].startswith("https://")


def test_version_is_semantic_and_equal_in_all_files(
    manifest: dict[str, Any],
) -> None:
    version = manifest["version"]
    assert AwesomeVersion(version).strategy is AwesomeVersionStrategy.SEMVER
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert pyproject["project"]["version"] == version


def test_manifest_requirements_are_ranges(
    manifest: dict[str, Any],
) -> None:
    for requirement in manifest["requirements"]:
        assert "==" not in requirement
        assert ">=" in requirement
        assert ",<" in requirement


def test_hacs_file_has_known_keys_and_names_the_release_zip(
    hacs: dict[str, Any],
) -> None:
    assert set(hacs) <= HACS_KEYS
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    assert hacs["zip_release"] is True
    assert hacs["filename"] in release


def test_name_is_equal_for_hacs_and_home_assistant(
    manifest: dict[str, Any], hacs: dict[str, Any]
) -> None:
    assert hacs["name"] == manifest["name"]


@pytest.mark.parametrize("workflow", ["test", "hassfest", "hacs", "release"])
def test_workflow_has_triggers_and_steps(workflow: str) -> None:
    path = ROOT / ".github" / "workflows" / f"{workflow}.yml"
    content = yaml.safe_load(path.read_text("utf-8"))
    # YAML 1.1 reads the key `on` as true.
    assert content[True]
    assert all(job["steps"] for job in content["jobs"].values())


def test_locked_requirements_are_exact_without_addresses() -> None:
    locks = sorted((ROOT / "requirements").glob("*.txt"))
    assert locks
    for lock in locks:
        for line in lock.read_text("utf-8").splitlines():
            assert re.fullmatch(r"[a-z0-9.-]+==[^\s:@/]+( ; .+)?", line), line


@pytest.mark.parametrize(("name", "size"), BRANDS.items())
def test_brand_image_has_home_assistants_size(name: str, size: tuple[int, int]) -> None:
    assert png_size(INTEGRATION / "brand" / name) == size


@pytest.mark.parametrize("script", ["scripts/test", "scripts/demo", ".ci/run"])
def test_script_is_executable(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111


def test_quality_scale_rule_is_done_or_exempt_with_a_reason() -> None:
    path = INTEGRATION / "quality_scale.yaml"
    rules = yaml.safe_load(path.read_text("utf-8"))["rules"]
    assert rules.keys() == set(RULES.split())
    for rule, status in rules.items():
        if status != "done":
            assert status["status"] == "exempt", rule
            assert status["comment"], rule
