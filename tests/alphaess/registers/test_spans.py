"""The span of each block: no new register may take a block from a device that has it today."""

import pytest

from custom_components.alphaess_live.alphaess.read_plan import MAX_COUNT
from custom_components.alphaess_live.alphaess.registers import BLOCKS
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.simulator.models import MODELS, NEW_MAP
from tests.images import IMAGES, Image

ANSWERED = {
    "smile_b3": {
        "battery",
        "state",
        "dispatch",
        "totals",
        "clock",
        "system",
        "versions",
        "grid_ct",
        "pv_meter_ct",
        "feed_in",
        "installation",
        "periods",
        "inputs",
        "grid_code",
        "output_frequency",
    },
    "smile_t10_v117": {"output", "output_frequency", "backup", "strings"},
}
"""The blocks of each recorded device that were recorded completely."""

RECORDED = [image for image in IMAGES if image.origin == "recorded"]
HINT = "Put the new register into a block of its own."


def span(block: type[Block]) -> range:
    """Return every address that a request for the block reads."""
    addresses = sorted(block.addresses())
    return range(addresses[0], addresses[-1] + 1)


def test_every_recorded_device_is_checked() -> None:
    assert ANSWERED.keys() == {image.name for image in RECORDED}


@pytest.mark.parametrize("image", RECORDED, ids=lambda image: image.name)
def test_recorded_device_still_answers_each_block(image: Image) -> None:
    for block in BLOCKS:
        if block.name in ANSWERED[image.name]:
            missing = [
                f"0x{a:04X}" for a in block.addresses() if a not in image.holding
            ]
            assert not missing, (
                f"{image.name} would refuse the whole block {block.__name__}, "
                f"because it did not answer {', '.join(missing)}. {HINT}"
            )


@pytest.mark.parametrize("name", MODELS)
def test_model_serves_each_block_completely_or_not_at_all(name: str) -> None:
    for block in BLOCKS:
        addresses = span(block)
        served = [one for one in MODELS[name].served if set(one) & set(addresses)]
        complete = any(set(addresses) <= set(one) for one in served)
        assert complete or not served, (
            f"the model {name} would refuse the whole block {block.__name__}, because "
            f"it serves only a part of 0x{addresses[0]:04X} to 0x{addresses[-1]:04X}. {HINT}"
        )


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_block_fits_into_one_request(block: type[Block]) -> None:
    assert len(span(block)) <= MAX_COUNT


def test_newest_map_has_every_block_with_registers_in_its_spans() -> None:
    outside = {
        block.name
        for block in BLOCKS
        if not any(set(span(block)) <= set(one) for one in NEW_MAP)
    }
    assert outside == {"strings_total", "echonet"}
