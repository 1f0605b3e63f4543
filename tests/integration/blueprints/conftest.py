"""The blueprints in the config folder of each test."""

from collections.abc import AsyncIterator
from pathlib import Path
import shutil

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.const import DOMAIN

from .automations import FOLDER


@pytest.fixture(autouse=True)
async def config_folder(hass: HomeAssistant, tmp_path: Path) -> AsyncIterator[None]:
    """Copy the blueprints to the config folder; turn the automations off after the test."""
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(FOLDER, tmp_path / "blueprints" / "automation" / DOMAIN)
    yield
    if hass.services.has_service("automation", "turn_off"):
        everything = {"entity_id": "all"}
        await hass.services.async_call(
            "automation", "turn_off", everything, blocking=True
        )
