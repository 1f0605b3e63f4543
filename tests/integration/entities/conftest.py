"""Totals that are followed over time, with a real recorder."""

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
import pytest

from ..conftest import House
from ..timeline import BOTH, IMPORT, PV, Timeline


@pytest.fixture
def grid(hass: HomeAssistant, recorder_mock: Recorder, house: House) -> Timeline:
    """Follow the imported energy."""
    assert recorder_mock.recording
    return Timeline(hass, house, IMPORT)


@pytest.fixture
async def pv(hass: HomeAssistant, recorder_mock: Recorder, house: House) -> Timeline:
    """Follow the PV energy of strings and a PV meter: 8000 kWh."""
    assert recorder_mock.recording
    timeline = Timeline(hass, house, PV)
    await timeline.begin(**BOTH)
    assert timeline.shown == [8000]
    return timeline
