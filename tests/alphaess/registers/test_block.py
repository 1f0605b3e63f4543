"""A block decodes and encodes without loss: the simulator depends on it."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.registers import BLOCKS, Battery, Grid
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.scales import (
    PROFILES,
    STANDARD,
    VARIANTS,
    ScaleProfile,
)

PROFILE = st.sampled_from(
    [*PROFILES.values(), ScaleProfile(alternatives=frozenset(VARIANTS))]
)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
@given(data=st.data(), profile=PROFILE)
def test_block_decodes_the_same_after_encoding(
    block: type[Block], data: st.DataObject, profile: ScaleProfile
) -> None:
    addresses = sorted(block.addresses())
    size = len(addresses)
    words = data.draw(st.lists(st.integers(0, 0xFFFF), min_size=size, max_size=size))
    read = block.decode(dict(zip(addresses, words, strict=True)), profile)
    impossible = {
        name: 0
        for name, register in block.registers.items()
        if register.variant and getattr(read, name) is None
    }
    read = replace(read, **impossible)
    written = read.encode(profile)
    assert sorted(written) == addresses
    assert block.decode(written, profile) == read


def test_registers_do_not_overlap() -> None:
    addresses = [address for block in BLOCKS for address in block.addresses()]
    assert len(addresses) == len(set(addresses))


def test_names_of_blocks_are_unique() -> None:
    assert len({block.name for block in BLOCKS}) == len(BLOCKS)


def test_prefix_of_a_block_is_its_name_by_default() -> None:
    assert Grid.prefix == "grid_"
    assert next(b for b in BLOCKS if b.name == "output").prefix == "inverter_"


def test_block_is_immutable() -> None:
    battery = Battery.decode(dict.fromkeys(Battery.addresses(), 0), STANDARD)
    with pytest.raises(AttributeError):
        battery.soc = 50  # type: ignore[misc]
