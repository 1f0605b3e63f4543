"""What every test needs: Home Assistant finds the integration of this repository."""

import logging

import pytest

# Home Assistant's test kit brings a `custom_components` of its own; the first one imported wins.
import custom_components.alphaess_live.const  # noqa: F401

# The test kit has every statement of the recorder's logged, which drowns what matters.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def _find_custom_integrations(request: pytest.FixtureRequest) -> None:
    """Let `hass` load custom integrations, where a test asks for `hass`."""
    if "hass" not in request.fixturenames:
        return
    # The recorder must be there before `hass`, which the next fixture would create.
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_mock")
    request.getfixturevalue("enable_custom_integrations")
