"""The words of recorded inverters decode to the values that their displays showed."""

import pytest

from tests.images import IMAGES, Image

from ..units import scales_of
from .test_vendor_lists import REGISTERS


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_recorded_word_decodes_to_the_displayed_value(image: Image) -> None:
    profile = scales_of(image.holding)
    read = {
        key: REGISTERS[key].decode(image.holding, profile)
        for key in image.display
        if key in REGISTERS
    }
    assert len(read) > 60
    assert read == {key: image.display[key] for key in read}


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
def test_recorded_value_encodes_to_its_words(image: Image) -> None:
    profile = scales_of(image.holding)
    for key in image.display.keys() & REGISTERS.keys():
        register = REGISTERS[key]
        value = register.decode(image.holding, profile)
        if value is None:
            continue
        recorded = {a: image.holding[a] for a in register.encode(value, profile)}
        assert register.encode(value, profile) == recorded, key
