"""Fixtures of all tests: Home Assistant finds the integration of this repository."""

from importlib.util import find_spec
import logging
from pathlib import Path

from hypothesis import HealthCheck, settings
import pytest

# The test plugin has a `custom_components` of its own; the first one imported is used.
import custom_components.alphaess_live.const  # noqa: F401

HAS_PLUGIN = find_spec("pytest_homeassistant_custom_component") is not None
"""The newest Home Assistant may have no test plugin yet: see `./scripts/test --home-assistant VERSION`."""

if not HAS_PLUGIN:
    collect_ignore = ["integration", "test_any_sequence.py", "test_soak.py"]

# On a busy computer, time limits for each example would fail at random; pytest-timeout limits whole tests.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# The test plugin logs every SQL statement of the recorder, which hides everything else.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest files first, which are those of this folder, so that no core waits at the end."""
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.parent != here)


@pytest.fixture(autouse=True)
def _find_custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let `hass` load custom integrations, in tests that use `hass`."""
    if "hass" not in request.fixturenames:
        return
    if not HAS_PLUGIN:
        pytest.skip("pytest-homeassistant-custom-component is not installed")
    # The recorder must exist before `hass`, which the next fixture would create.
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    """Replace the fixture of Home Assistant's test plugin: the debug mode took half of the processor time of a test."""
