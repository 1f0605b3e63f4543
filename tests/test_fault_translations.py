"""Fault texts: every documented bit has a text in each language, and no text is left over."""

import pytest

from custom_components.alphaess_live.alphaess.faults import (
    FAULT_WORDS,
    fault_code,
    fault_codes,
)

from .documented_fault_bits import ALL, DOCUMENTED
from .translation_keys import read_texts

LANGUAGES = ("de", "en", "nl")
LONGEST_STATE = 255
"""Characters; the limit of Home Assistant for a state."""


def texts_of(language: str) -> dict[str, str]:
    """Return the text of each fault in one language, by code."""
    texts: dict[str, str] = read_texts(language)["entity"]["sensor"]["faults"]["state"]
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_documented_bit_has_text(language: str) -> None:
    texts = texts_of(language)
    words = {word.reading.key: word for word in FAULT_WORDS}
    for (source, family), bits in DOCUMENTED.items():
        for bit in ALL:
            fault = words[source].fault_of_bit(bit, family)
            assert fault.documented == (bit in bits), (source, family, bit)
            assert fault.code in texts, (source, family, bit)


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_exactly_those_of_the_codes(language: str) -> None:
    assert set(texts_of(language)) == {"none", *fault_codes()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_differ_and_fit_into_a_state(
    language: str,
) -> None:
    texts = texts_of(language)
    assert len(set(texts.values())) == len(texts)
    assert max(map(len, texts)) <= LONGEST_STATE
    assert max(map(len, texts.values())) <= 80


def test_english_text_is_the_one_of_the_fault_table() -> None:
    texts = texts_of("en")
    for word in FAULT_WORDS:
        for table in word.tables.values():
            for text in table.values():
                assert texts[fault_code(text)] == text


@pytest.mark.parametrize("language", ["de", "nl"])
def test_translation_differs_from_english(language: str) -> None:
    english, texts = texts_of("en"), texts_of(language)
    assert [key for key in texts if texts[key] == english[key]] == []
