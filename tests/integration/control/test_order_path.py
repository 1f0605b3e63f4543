"""An order, from the JSON of a request to the words in the registers, passes few types."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import is_dataclass
from http import HTTPStatus
from pathlib import Path
import sys
from types import FrameType
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

import custom_components.alphaess_live as package
from custom_components.alphaess_live.alphaess.dispatch import STOP
from custom_components.alphaess_live.alphaess.write_policy import DISPATCH_ADDRESSES

from ..conftest import House

FOLDER = str(Path(package.__file__).parent)
SIMULATOR = str(Path(FOLDER) / "simulator")
POWER = 1237
"""W; no other value of the house is equal to it."""


class PathRecorder:
    """The types of the package whose values carry the order, in the order of their use."""

    def __init__(self, house: House) -> None:
        self.types: list[str] = []
        self._inverter = house.inverter

    def record(self, frame: FrameType, event: str, _: Any) -> None:
        """Look at the arguments of each call in the package, until the inverter is written to."""
        file = frame.f_code.co_filename
        if event != "call" or not file.startswith(FOLDER) or file.startswith(SIMULATOR):
            return
        if self._inverter.journal.written:
            return
        for argument in tuple(frame.f_locals.values()):
            name = type(argument).__name__
            if _is_value(argument) and _carries(argument) and name not in self.types:
                self.types.append(name)

    @contextmanager
    def recording(self) -> Iterator[None]:
        sys.setprofile(self.record)
        try:
            yield
        finally:
            sys.setprofile(None)


def _is_value(argument: Any) -> bool:
    """Whether this is an instance of a frozen dataclass of the package."""
    kind = type(argument)
    return (
        is_dataclass(kind)
        and kind.__module__.startswith(package.__name__)
        and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    )


def _carries(argument: Any) -> bool:
    """Whether one of its fields, or a value in them, is the power of the order."""
    for name in argument.__dataclass_fields__:
        value = getattr(argument, name, None)
        if isinstance(value, dict) and POWER in value.values():
            return True
        if value in (POWER, -POWER) or (
            isinstance(value, type(STOP)) and value.power == -POWER
        ):
            return True
    return False


async def test_order_from_json_to_registers_passes_at_most_five_types(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    assert await async_setup_component(hass, "http", {})
    client = await hass_client()
    body = {"power": POWER, "targetSoc": 80, "duration": 3600}
    recorder = PathRecorder(live_house)
    live_house.inverter.journal.clear()
    with recorder.recording():
        response = await client.post("/api/alphaess/charge", json=body)
    assert response.status == HTTPStatus.OK
    assert recorder.types == ["OrderBody", "DispatchOrder", "OrderRequest", "Lease"]
    assert len(recorder.types) <= 5
    (request,) = live_house.inverter.journal.written
    assert request.address == DISPATCH_ADDRESSES.start
    assert request.values[2] == 32000 - POWER
