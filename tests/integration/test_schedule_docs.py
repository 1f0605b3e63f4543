"""docs/control.md: every example of a schedule can be set."""

from pathlib import Path
import re
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
import yaml

from .conftest import House
from .service_calls import call_action

PAGE = Path(__file__).parents[2] / "docs" / "control.md"
EXAMPLES: list[dict[str, Any]] = [
    example
    for text in re.findall(
        r"```yaml\n(action: .*?)```", PAGE.read_text("utf-8"), re.DOTALL
    )
    if (example := yaml.safe_load(text))["action"] == "alphaess_live.set_schedule"
]


def test_page_has_two_schedule_examples() -> None:
    assert len(EXAMPLES) == 2


@pytest.mark.parametrize("model", ["three_phase", "ac_coupled"])
@pytest.mark.parametrize("example", EXAMPLES)
async def test_schedule_example_is_written_once(
    hass: HomeAssistant, live_house: House, example: dict[str, Any]
) -> None:
    response = await call_action(hass, "set_schedule", example["data"])
    assert example["data"].items() <= response["applied"].items()
    assert response["written"] > 0
    assert live_house.inverter.words()[0x0857] == int(
        example["data"]["charge_period_1_end"][:2]
    )
    again = await call_action(hass, "set_schedule", example["data"])
    assert again["written"] == 0
