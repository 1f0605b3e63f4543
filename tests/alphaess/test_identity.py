"""The identity of an inverter by its first snapshot, and devices that are no AlphaESS."""

from dataclasses import replace

import pytest

from custom_components.alphaess_live.alphaess.errors import NotAnInverterError
from custom_components.alphaess_live.alphaess.identity import Identity, identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.snapshot import Snapshot

from .units import IMAGE, SMILE_B3, THREE_PHASE, complete, recorded


async def snapshot_of(holding: dict[int, int]) -> Snapshot:
    return await Inverter(complete(holding)).read()


async def test_three_phase_hybrid_is_identified() -> None:
    identity = identify(await snapshot_of(THREE_PHASE))
    assert identity == Identity(
        serial=identity.serial,
        model="hybrid inverter, three-phase",
        firmware="1.0.23R1",
        phases=3,
        strings=2,
        ac_coupled=False,
        rated_power=8000,
        battery_model="SMILE-BAT-8.2PHA",
        battery_modules=2,
        battery_capacity=16.4,
    )


async def test_smile_b3_without_versions_is_identified_by_its_system() -> None:
    identity = identify(await snapshot_of(SMILE_B3))
    assert identity.serial == "AL7001021099999"
    assert identity.model == "AC-coupled inverter, single-phase"
    assert identity.firmware == ""
    assert (identity.phases, identity.strings) == (1, 0)
    assert identity.ac_coupled
    assert identity.battery_model == "M4856-P"


async def test_single_phase_hybrid_is_identified() -> None:
    identity = identify(await snapshot_of(IMAGE["hybrid_single_phase_evening"]))
    assert identity.model == "hybrid inverter, single-phase"


async def test_identity_survives_storage() -> None:
    identity = identify(await snapshot_of(THREE_PHASE))
    assert Identity.from_dict(identity.to_dict()) == identity


async def test_empty_system_serial_is_replaced_by_the_inverters_own() -> None:
    snapshot = await snapshot_of(THREE_PHASE)
    assert snapshot.system is not None
    assert snapshot.versions is not None
    bare = replace(
        snapshot,
        system=replace(snapshot.system, serial=""),
        versions=replace(snapshot.versions, serial="SIM10000HYB0001"),
    )
    assert identify(bare).serial == "SIM10000HYB0001"


@pytest.mark.parametrize("serial", ["", "short", "????????????????", "AL70 0102"])
async def test_device_without_a_valid_serial_number_is_no_inverter(
    serial: str,
) -> None:
    snapshot = await snapshot_of(SMILE_B3)
    assert snapshot.system is not None
    with pytest.raises(NotAnInverterError):
        identify(replace(snapshot, system=replace(snapshot.system, serial=serial)))


async def test_device_without_battery_or_system_is_no_inverter() -> None:
    snapshot = await snapshot_of(THREE_PHASE)
    for less in (replace(snapshot, battery=None), replace(snapshot, system=None)):
        with pytest.raises(NotAnInverterError):
            identify(less)


async def test_odd_word_of_the_battery_does_not_hide_the_inverter() -> None:
    identity = identify(await snapshot_of({**THREE_PHASE, 0x0102: 5000}))
    assert (identity.serial, identity.battery_modules) == ("AL7011025000001", 0)


async def test_device_with_zeros_alone_is_no_inverter() -> None:
    with pytest.raises(NotAnInverterError):
        identify(await snapshot_of({}))


async def test_phases_are_counted_at_the_meter_without_output_voltages() -> None:
    snapshot = await snapshot_of(THREE_PHASE)
    assert identify(replace(snapshot, output=None)).phases == 3
    assert identify(replace(snapshot, output=None, grid=None)).phases == 1


async def test_firmware_without_suffix_is_its_numbers() -> None:
    snapshot = replace(await snapshot_of(THREE_PHASE), suffix=None)
    assert identify(snapshot).firmware == "1.0.23"


async def test_strings_are_0_where_none_are_served() -> None:
    snapshot = await Inverter(recorded(SMILE_B3)).read()
    assert snapshot.strings is None
    assert identify(snapshot).strings == 0
