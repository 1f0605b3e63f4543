"""A redacted image has no serial numbers and no network, and reads the same."""

import pytest

from custom_components.alphaess_live.alphaess.faults import Family, detect_family
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.scales import STANDARD
from custom_components.alphaess_live.diagnostics import (
    NETWORK_ADDRESSES,
    redact_image,
    redact_serial,
)
from tests.alphaess.units import THREE_PHASE, complete


@pytest.mark.parametrize(
    ("serial", "redacted"),
    [("AL7011025012345", "AL0000000000000"), ("", ""), ("AE", "AE"), ("A", "A")],
)
def test_redacted_serial_keeps_length_and_product_line(
    serial: str, redacted: str
) -> None:
    assert redact_serial(serial) == redacted


async def test_redacted_image_reads_the_same_but_for_serial_numbers() -> None:
    inverter = Inverter(complete(THREE_PHASE))
    true = await inverter.read()
    shown = await Inverter(complete(redact_image(inverter.image))).read()
    assert true.system
    assert true.versions
    assert shown.system
    assert shown.versions
    assert shown.system.serial == redact_serial(true.system.serial)
    assert shown.versions.serial == redact_serial(true.versions.serial)
    assert (shown.grid, shown.battery, shown.state) == (
        true.grid,
        true.battery,
        true.state,
    )
    assert identify(shown).rated_power == identify(true).rated_power
    assert detect_family(shown, STANDARD) is Family.EMS_3_5


def test_redacted_image_has_no_network_addresses() -> None:
    assert not redact_image(dict.fromkeys(NETWORK_ADDRESSES, 0xC0A8))
