"""Frames recorded from real inverters decode to the values that their displays showed."""

from datetime import datetime
from typing import Any

from modbus_connection import IllegalDataAddressError
import pytest

from custom_components.alphaess_live.alphaess.errors import IllegalRequestError
from custom_components.alphaess_live.alphaess.modbus_request import read_words
from custom_components.alphaess_live.alphaess.read_plan import request_for
from custom_components.alphaess_live.alphaess.registers import StringsTotal

from ..units import THREE_PHASE, complete
from .test_vendor_lists import REGISTERS


def answer(frame: str, address: int) -> dict[int, int]:
    """Unpack an RTU answer to function 3: unit, function, size, words, checksum."""
    data = bytes.fromhex(frame)
    assert data[:2] == b"\x55\x03"
    assert len(data) == 3 + data[2] + 2
    words = data[3:-2]
    return {
        address + i: int.from_bytes(words[2 * i : 2 * i + 2])
        for i in range(len(words) // 2)
    }


@pytest.mark.parametrize(
    ("key", "asked", "answered", "shown"),
    [
        # dxoverdy's release notes, v1.20
        ("pv_meter_power", "55 03 00 A1 00 02", "55 03 04 00 00 08 65 28 1D", 2149),
        # evcc #32352
        ("battery_current", "55 03 01 01 00 01", "55 03 02 00 10 88 44", 1.6),
    ],
)
def test_recorded_response_decodes_to_the_displayed_value(
    key: str, asked: str, answered: str, shown: float
) -> None:
    register = REGISTERS[key]
    request_bytes = bytes.fromhex(asked)
    assert int.from_bytes(request_bytes[2:4]) == register.address
    assert int.from_bytes(request_bytes[4:6]) == register.words
    assert register.decode(answer(answered, register.address)) == shown


@pytest.mark.parametrize(
    ("key", "words", "shown"),
    [
        # En3rGy's captured TCP frames
        ("grid_voltage_l1", (228,), 228),
        ("grid_voltage_l2", (228,), 228),
        ("grid_voltage_l3", (227,), 227),
        ("grid_import_energy_total", (0, 18113), 181.13),
        (
            "system_time",
            (6154, 5899, 8719),
            datetime.fromisoformat("2024-10-23T11:34:15"),
        ),
    ],
)
def test_recorded_words_decode_to_the_displayed_value_and_back(
    key: str, words: tuple[int, ...], shown: Any
) -> None:
    register = REGISTERS[key]
    memory = dict(enumerate(words, register.address))
    assert register.decode(memory) == shown
    assert register.encode(shown) == memory


async def test_smile_hi10_refuses_the_sum_of_its_strings() -> None:
    unit = complete(THREE_PHASE)
    unit.fail_read(0x0453, IllegalDataAddressError())  # function 0x83, exception 2
    with pytest.raises(IllegalRequestError):
        await read_words(unit, request_for(StringsTotal))
