"""Every fault and warning that a document names is told in each language, and nothing else is."""

import pytest

from custom_components.alphaess_live.alphaess.faults import WORDS, codes
from custom_components.alphaess_live.alphaess.faults.table import fault_code

from .documented import ALL, DOCUMENTED
from .spoken import read_texts

LANGUAGES = ("de", "en", "nl")
SHOWN = 255
"""Characters that a state may have in Home Assistant."""


def texts_of(language: str) -> dict[str, str]:
    """Read what a language calls each fault."""
    texts: dict[str, str] = read_texts(language)["entity"]["sensor"]["faults"]["state"]
    return texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_documented_bit_has_its_text(language: str) -> None:
    texts = texts_of(language)
    words = {word.reading.key: word for word in WORDS}
    for (source, family), bits in DOCUMENTED.items():
        for bit in ALL:
            fault = words[source].fault_of_bit(bit, family)
            assert fault.documented == (bit in bits), (source, family, bit)
            assert fault.code in texts, (source, family, bit)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_left_over(language: str) -> None:
    assert set(texts_of(language)) == {"none", *codes()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_different_faults_have_different_texts_that_fit_into_a_state(
    language: str,
) -> None:
    texts = texts_of(language)
    assert len(set(texts.values())) == len(texts)
    assert max(map(len, texts)) <= SHOWN
    assert max(map(len, texts.values())) <= 80


def test_the_english_text_is_the_one_that_the_code_is_made_of() -> None:
    texts = texts_of("en")
    for word in WORDS:
        for table in word.tables.values():
            for text in table.values():
                assert texts[fault_code(text)] == text


@pytest.mark.parametrize("language", ["de", "nl"])
def test_a_translation_is_none_by_copying(language: str) -> None:
    english, texts = texts_of("en"), texts_of(language)
    assert [key for key in texts if texts[key] == english[key]] == []
