"""A register decodes and encodes without loss, and only what its words mean."""

from dataclasses import fields, make_dataclass
from datetime import datetime
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.registers.enums import (
    CHARGE_STATES,
    ChargeState,
)
from custom_components.alphaess_live.alphaess.registers.register import (
    Quantity,
    Register,
    choice,
    clock,
    dispatch_soc,
    number,
    text,
)
from custom_components.alphaess_live.alphaess.scales import (
    CELL_VOLTAGE,
    CUT_OFF_CHARGE,
    GRID_VOLTAGE,
    INVERTER_TEMPERATURE,
    ScaleProfile,
    ScaleVariant,
)

WORD = st.integers(0, 0xFFFF)


def declared(field: Any) -> Register[Any]:
    """Return the register of a field, as a block does."""
    (only,) = fields(make_dataclass("Single", [("value", Any, field)]))
    register: Register[Any] = only.metadata["register"]
    return register


def test_number_has_its_high_word_first() -> None:
    register = declared(number(0x0010, words=2))
    assert register.decode({0x0010: 0x0001, 0x0011: 0x0002}) == 0x10002
    assert register.encode(0x10002) == {0x0010: 0x0001, 0x0011: 0x0002}


@pytest.mark.parametrize(
    ("words", "raw", "value"),
    [
        (1, 0x7FFF, 32767),
        (1, 0x8000, -32768),
        (1, 0xFFFF, -1),
        (2, 0x7FFFFFFF, 2**31 - 1),
        (2, 0x80000000, -(2**31)),
        (2, 0xFFFFFFFF, -1),
    ],
)
def test_signed_number_is_a_twos_complement(words: int, raw: int, value: int) -> None:
    register = declared(number(0, words=words, signed=True))
    memory = {0: raw >> 16, 1: raw & 0xFFFF} if words == 2 else {0: raw}
    assert register.decode(memory) == value
    assert register.encode(value) == memory


def test_scaled_number_has_no_more_digits_than_its_scale() -> None:
    assert repr(declared(number(0, scale=0.1)).decode({0: 3})) == "0.3"
    assert repr(declared(number(0, scale=0.01)).decode({0: 115})) == "1.15"
    assert repr(declared(number(0, scale=0.001)).decode({0: 3335})) == "3.335"


def test_unscaled_number_is_an_integer() -> None:
    assert isinstance(declared(number(0)).decode({0: 7}), int)


def test_variant_scale_follows_the_profile() -> None:
    register = declared(number(0, Quantity.VOLTAGE, scale=GRID_VOLTAGE))
    tenths = ScaleProfile(alternatives=frozenset({GRID_VOLTAGE}))
    assert register.decode({0: 243}) == 243
    assert register.decode({0: 2436}, tenths) == 243.6
    assert register.encode(243.6, tenths) == {0: 2436}


def test_number_in_question_is_unknown_and_not_encoded() -> None:
    register = declared(number(0, Quantity.VOLTAGE, scale=GRID_VOLTAGE))
    profile = ScaleProfile(in_question=frozenset({GRID_VOLTAGE}))
    assert register.decode({0: 243}, profile) is None
    with pytest.raises(ValueError, match="0x0000 cannot be encoded"):
        register.encode(243, profile)
    with pytest.raises(ValueError, match="0x0000 cannot be encoded"):
        register.encode(None)


@pytest.mark.parametrize(
    ("variant", "raw"),
    [
        (GRID_VOLTAGE, 501),
        (CELL_VOLTAGE, 999),
        (CELL_VOLTAGE, 5001),
        (INVERTER_TEMPERATURE, 1501),
        (INVERTER_TEMPERATURE, 0x10000 - 601),
        (CUT_OFF_CHARGE, 101),
    ],
)
def test_number_out_of_range_is_decoded_and_impossible(
    variant: ScaleVariant, raw: int
) -> None:
    register = declared(number(0, signed=True, scale=variant))
    assert not variant.is_possible(register.decode({0: raw}))
    nearer = raw - 1 if 1000 <= raw <= 0x8000 or raw in (101, 501) else raw + 1
    assert variant.is_possible(register.decode({0: nearer}))
    assert variant.is_possible(register.decode({0: 0}))


def test_offset_is_subtracted_after_the_sign() -> None:
    register = declared(number(0, words=2, signed=True, offset=32000))
    assert register.decode({0: 0, 1: 29000}) == -3000
    assert register.encode(-3000) == {0: 0, 1: 29000}
    assert register.encode(40000) == {0: 1, 1: 6464}


def test_unknown_code_is_none() -> None:
    register = declared(choice(0, CHARGE_STATES))
    assert register.decode({0: 257}) is ChargeState.READY
    assert register.decode({0: 4711}) is None
    assert register.decode(register.encode(None)) is None
    assert register.options == tuple(ChargeState)


@pytest.mark.parametrize(
    ("encoded", "read"),
    [
        (b"AL7001021099999\0", "AL7001021099999"),
        (b"V1.05           ", "V1.05"),
        (b"\0" * 16, ""),
        (b"OK\0\xffleft over...", "OK"),
        (b"\xff" * 16, "?" * 16),
    ],
)
def test_text_ends_at_its_padding(encoded: bytes, read: str) -> None:
    register = declared(text(0, words=8))
    memory = {i: int.from_bytes(encoded[2 * i : 2 * i + 2]) for i in range(8)}
    assert register.decode(memory) == read


def test_text_longer_than_its_registers_is_cut_off() -> None:
    register = declared(text(0, words=2))
    assert register.decode(register.encode("ABCDEFG")) == "ABCD"


def test_letter_that_is_no_ascii_is_encoded_as_question_mark() -> None:
    register = declared(text(0, words=2))
    assert register.decode(register.encode("Zürn")) == "Z?rn"


@pytest.mark.parametrize("words", [(0, 0, 0), (0x1A0D, 0x0101, 0), (0xFFFF,) * 3])
def test_clock_without_a_date_is_none(words: tuple[int, int, int]) -> None:
    assert declared(clock(0)).decode(dict(enumerate(words))) is None


def test_clock_is_binary_not_bcd() -> None:
    register = declared(clock(0x0740))
    time = datetime.fromisoformat("2024-10-23T11:34:15")
    words = {0x0740: 0x180A, 0x0741: 0x170B, 0x0742: 0x220F}
    assert register.decode(words) == time
    assert register.encode(time) == words
    assert register.encode(None) == dict.fromkeys(words, 0)


@pytest.mark.parametrize(
    ("raw", "percent"),
    [(0, 0), (50, 20), (225, 90), (250, 100), (252, 100), (255, 100)],
)
def test_dispatch_soc_has_steps_of_two_fifths_of_a_percent(
    raw: int, percent: float
) -> None:
    assert declared(dispatch_soc(0)).decode({0: raw}) == percent


def test_dispatch_soc_of_100_percent_is_encoded_as_no_limit() -> None:
    register = declared(dispatch_soc(0))
    assert register.encode(100) == {0: 255}
    assert register.encode(90) == {0: 225}


@given(
    words=st.lists(WORD, min_size=2, max_size=2),
    scale=st.sampled_from([0.001, 0.01, 0.1, 1]),
    signed=st.booleans(),
    offset=st.sampled_from([0, 32000]),
)
def test_number_encodes_to_the_words_that_it_was_decoded_from(
    *, words: list[int], scale: float, signed: bool, offset: int
) -> None:
    register = declared(number(5, words=2, signed=signed, scale=scale, offset=offset))
    memory = dict(enumerate(words, 5))
    assert register.encode(register.decode(memory)) == memory
