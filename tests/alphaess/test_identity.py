"""The identity of an inverter by its first snapshot, and devices that are no AlphaESS."""

from dataclasses import replace

import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    ErrorKind,
    NotAnInverterError,
)
from custom_components.alphaess_live.alphaess.identity import Identity, identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import InverterVersions, System
from custom_components.alphaess_live.alphaess.registers.register import Register
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.simulator.moments import NOON

from .units import IMAGE, SMILE_B3, THREE_PHASE, complete, read_totals, recorded


async def snapshot_of(holding: dict[int, int]) -> Snapshot:
    return await read_totals(Inverter(complete(holding)))


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


def test_identity_of_a_newer_release_is_read_as_far_as_it_is_known() -> None:
    stored = {"serial": "AL7011025000001", "phases": 3, "strings": "two", "colour": 1}
    identity = Identity.from_dict(stored)
    assert identity == Identity(serial="AL7011025000001", phases=3)
    assert Identity.from_dict({}, serial="AL7011025000002").serial == "AL7011025000002"


EMS, OWN = System.registers["serial"], InverterVersions.registers["serial"]
OLD_EMS, NEW_EMS = "AL7011025000001", "AL7011025000777"
OWN_SERIAL = "SIM10000HYB00000001"


class UnsteadyUnit:
    """Sends another word at one address in the first readings of it."""

    def __init__(self, unit: SimulatedInverter, words: dict[int, list[int]]) -> None:
        self.read, self.words = unit.read_holding_registers, words
        unit.read_holding_registers = self.answer  # type: ignore[method-assign]

    async def answer(self, address: int, count: int) -> list[int]:
        words = await self.read(address, count)
        for at, pending in self.words.items():
            if at in range(address, address + count) and pending:
                words[at - address] = pending.pop(0)
        return words


def hybrid(**serials: str) -> SimulatedInverter:
    model = replace(MODELS["three_phase"], **serials)  # type: ignore[arg-type]
    return simulate(model, NOON, speed=0)


def exchange(unit: SimulatedInverter, **serials: str) -> None:
    unit.model = replace(unit.model, **serials)  # type: ignore[arg-type]


async def test_own_serial_number_is_learned_beside_the_stored_one() -> None:
    inverter = Inverter(hybrid(), serials={OLD_EMS})
    await inverter.read(after_outage=True)
    assert inverter.serials == {OLD_EMS, OWN_SERIAL}
    await inverter.read(after_outage=True)
    assert inverter.stats.last_requests <= 17


@pytest.mark.parametrize("after_outage", [True, False])
@pytest.mark.parametrize(
    ("part", "known"),
    [("serial", OWN_SERIAL), ("inverter_serial", OLD_EMS)],
)
async def test_exchanged_board_is_recognised_by_the_other_serial_number(
    part: str, known: str, *, after_outage: bool
) -> None:
    unit = hybrid()
    inverter = Inverter(unit, serials={OLD_EMS, OWN_SERIAL})
    await inverter.read(after_outage=True)
    exchange(unit, **{part: NEW_EMS})
    inverter.expire_slow_blocks()
    await inverter.read(after_outage=after_outage)
    await inverter.read()
    assert inverter.serials == {OLD_EMS, OWN_SERIAL, NEW_EMS}
    assert known in inverter.serials


@pytest.mark.parametrize("after_outage", [True, False])
async def test_inverter_with_two_new_serial_numbers_is_another_one(
    *, after_outage: bool
) -> None:
    unit = hybrid()
    inverter = Inverter(unit, serials={OLD_EMS, OWN_SERIAL})
    first = await inverter.read(after_outage=True)
    exchange(unit, serial=NEW_EMS, inverter_serial="SIM99999HYB00000009")
    inverter.expire_slow_blocks()
    with pytest.raises(CommunicationError) as caught:
        await inverter.read(after_outage=after_outage)
    assert caught.value.kind is ErrorKind.PROTOCOL
    assert inverter.serials == {OLD_EMS, OWN_SERIAL}
    exchange(unit, serial=OLD_EMS, inverter_serial=OWN_SERIAL)
    assert await inverter.read(after_outage=True) == first


@pytest.mark.parametrize("torn", [0x0000, 0xFFFF, 0x4142])
@pytest.mark.parametrize("register", [EMS, OWN], ids=["ems", "own"])
async def test_serial_number_torn_once_changes_nothing_shown(
    register: Register[str], torn: int
) -> None:
    unit = hybrid()
    inverter = Inverter(unit, serials={OLD_EMS, OWN_SERIAL})
    await inverter.read(after_outage=True)
    first = await read_totals(inverter)
    UnsteadyUnit(unit, {register.address: [torn]})
    inverter.expire_slow_blocks()
    assert await inverter.read() == first
    assert inverter.serials == {OLD_EMS, OWN_SERIAL}
    inverter.expire_slow_blocks()
    assert await inverter.read() == first


async def test_system_block_of_zeros_on_a_live_link_changes_nothing_shown() -> None:
    unit = hybrid()
    inverter = Inverter(unit, serials={OLD_EMS, OWN_SERIAL})
    first = await inverter.read(after_outage=True)
    zeros = dict.fromkeys([*System.addresses(), *InverterVersions.addresses()], 0)
    unit.behaviour = replace(unit.behaviour, word_overrides=zeros)
    inverter.expire_slow_blocks()
    snapshot = await inverter.read()
    assert (snapshot.system, snapshot.versions) == (first.system, first.versions)
    assert identify(snapshot) == identify(first)


async def test_no_serial_number_after_an_outage_is_no_other_inverter() -> None:
    unit = hybrid()
    inverter = Inverter(unit, serials={OLD_EMS, OWN_SERIAL})
    first = await inverter.read(after_outage=True)
    exchange(unit, serial="", inverter_serial="")
    with pytest.raises(CommunicationError, match="no known serial number"):
        await inverter.read(after_outage=True)
    exchange(unit, inverter_serial=OWN_SERIAL)
    snapshot = await inverter.read(after_outage=True)
    assert identify(snapshot) == identify(first)


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
