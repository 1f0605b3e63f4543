"""The identity after odd readings, hidden values and real changes, reading by reading."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.alphaess_live.alphaess.identity import (
    Identity,
    identify,
    observe,
)
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    InverterOutput,
    MoreStrings,
    PvMeter,
    Strings,
    System,
    SystemSuffix,
)
from custom_components.alphaess_live.alphaess.registers.block import Block

from .conftest import Clock
from .units import (
    ADDRESSES,
    THREE_PHASE,
    GlitchingUnit,
    battery_words,
    confirmed_identity,
)

TRUE = confirmed_identity()
SECONDS = 10
MINUTE = 7
"""Readings in a row that last a minute."""
HALF_HOUR = 181


def words(block: type[Block], **values: Any) -> dict[int, int]:
    """Encode some values of a block."""
    encoded: dict[int, int] = {}
    for name, value in values.items():
        encoded |= block.registers[name].encode(value)
    return encoded


class Device:
    """An inverter that is read every ten seconds."""

    def __init__(self, clock: Clock, known: Identity | None = None) -> None:
        self.clock, self.unit = clock, GlitchingUnit(THREE_PHASE)
        self.inverter = Inverter(
            self.unit, known_identity=known or Identity.from_dict({})
        )

    async def read(self, times: int = 1, **options: bool) -> Identity:
        """Read snapshots, and return what may be stored then."""
        for _ in range(times):
            self.clock.let_pass(timedelta(seconds=SECONDS))
            await self.inverter.read(**options)
        return self.inverter.identity_detector.identity

    def send(self, *blocks: dict[int, int]) -> None:
        """Send these words instead of the recorded ones."""
        self.unit.holding = dict.fromkeys(ADDRESSES, 0) | THREE_PHASE
        for one in blocks:
            self.unit.holding |= one


@pytest.fixture
def new(clock: Clock) -> Device:
    """Return an inverter of which nothing is known."""
    return Device(clock)


@pytest.fixture
def known(clock: Clock) -> Device:
    """Return an inverter whose identity is confirmed and stored."""
    return Device(clock, TRUE)


NIGHT = dict.fromkeys((*Strings.addresses(), *MoreStrings.addresses()), 0)
ODD: dict[str, dict[int, int]] = {
    "power limits": battery_words(charge_power_limit=5296, discharge_power_limit=5296),
    "higher limits": battery_words(
        charge_power_limit=30_000, discharge_power_limit=30_000
    ),
    "modules": battery_words(modules=84),
    "many modules": battery_words(modules=132),
    "capacity": battery_words(capacity=24.2),
    "battery type": words(Battery, type="m4856_p"),
    "no strings": NIGHT,
    "strings": words(MoreStrings, pv6_voltage=120.5),
    "phases": words(InverterOutput, voltage_l3=0),
    "meter": words(PvMeter, energy_1_total=655.36),
    "meter of ones": words(PvMeter, energy_2_total=42_949_672.95),
    "version": words(System, version_low=24),
    "no version": words(System, version_high=0, version_middle=0, version_low=0),
    "suffix": words(SystemSuffix, version_suffix="R2"),
    "versions of ones": words(System, version_high=0xFFFF),
}
odd_words = pytest.mark.parametrize("odd", ODD.values(), ids=ODD.keys())


@odd_words
async def test_odd_first_reading_is_replaced_after_a_minute(
    new: Device, odd: dict[int, int]
) -> None:
    new.send(odd)
    await new.read()
    new.send()
    identity = await new.read(times=MINUTE + 2)
    assert identity == replace(TRUE, serial="")
    assert not identity.unknown


@odd_words
async def test_odd_stored_property_is_replaced_after_a_minute(
    clock: Clock, odd: dict[int, int]
) -> None:
    stored = confirmed_identity(THREE_PHASE | odd).to_dict()
    device = Device(clock, Identity.from_dict(stored | {"unconfirmed": [*stored]}))
    assert await device.read(times=MINUTE + 2) == TRUE


@odd_words
async def test_odd_words_for_three_minutes_change_nothing_confirmed(
    known: Device, odd: dict[int, int]
) -> None:
    await known.read()
    known.send(odd)
    identity = await known.read(times=3 * MINUTE)
    assert identity == replace(
        TRUE, firmware=identity.firmware, rated_power=identity.rated_power
    )
    known.send()
    assert await known.read(times=MINUTE + 2) == TRUE


@odd_words
async def test_odd_words_in_turn_change_nothing(
    known: Device, odd: dict[int, int]
) -> None:
    for _ in range(MINUTE):
        known.send(odd)
        await known.read(times=2)
        known.send()
        assert await known.read(times=2) == TRUE


async def test_first_identity_is_confirmed_after_half_an_hour(new: Device) -> None:
    absent = {"ac_coupled"}
    assert (await new.read(times=HALF_HOUR - 1)).unconfirmed > absent
    assert (await new.read(times=4)).unconfirmed == absent


@pytest.mark.parametrize(
    "hidden",
    [
        NIGHT,
        words(Strings, pv2_voltage=0, pv1_power=0, pv2_power=0),
        dict.fromkeys(Battery.addresses(), 0),
        battery_words(charge_power_limit=0, discharge_power_limit=900),
        words(Battery, charge_power_limit=0, discharge_power_limit=0),
        dict.fromkeys(InverterOutput.addresses(), 0),
        dict.fromkeys(System.address_set - {*range(0x0743, 0x074B)}, 0),
    ],
    ids=["night", "dusk", "asleep", "cold", "full", "standby", "no version"],
)
async def test_values_hidden_for_hours_are_kept(
    known: Device, hidden: dict[int, int]
) -> None:
    known.send(hidden)
    assert await known.read(times=2 * HALF_HOUR) == TRUE


CHANGES: dict[str, tuple[dict[int, int], dict[str, Any]]] = {
    "module": (
        battery_words(modules=3, capacity=24.6),
        {"battery_modules": 3, "battery_capacity": 24.6},
    ),
    "string": (
        words(Strings, pv3_voltage=301.5),
        {"strings": 3},
    ),
    "no second string": (words(Strings, pv2_voltage=0), {"strings": 1}),
    "meter": (words(PvMeter, energy_2_total=12.5), {"ac_coupled": True}),
    "phase": (
        words(InverterOutput, voltage_l2=0, voltage_l3=0),
        {"phases": 1, "model": "hybrid inverter, single-phase"},
    ),
    "battery": (
        battery_words(charge_power_limit=5000, discharge_power_limit=5000)
        | words(Battery, type="m4856_p"),
        {"battery_model": "M4856-P", "rated_power": 5000},
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
async def test_real_change_is_used_after_half_an_hour(
    known: Device, change: tuple[dict[int, int], dict[str, Any]]
) -> None:
    sent, expected = change
    known.send(sent)
    identity = await known.read(times=HALF_HOUR + MINUTE)
    assert identity == replace(TRUE, **expected)


async def test_higher_power_limit_is_used_after_a_minute(known: Device) -> None:
    known.send(battery_words(charge_power_limit=9000, discharge_power_limit=8000))
    assert (await known.read(times=MINUTE - 1)).rated_power == 8000
    assert (await known.read()).rated_power == 9000
    for limit in (10_500, 10_100, 10_300) * 3:
        known.send(battery_words(charge_power_limit=limit))
        identity = await known.read()
    assert identity.rated_power == 10_100


def has_new_firmware(device: Device) -> bool:
    return device.inverter.identity_detector.has_new_firmware


async def test_new_firmware_is_used_after_four_minutes(known: Device) -> None:
    await known.read()
    known.clock.let_pass(timedelta(minutes=6))
    known.send(words(System, version_low=24))
    assert await known.read() == TRUE
    assert not has_new_firmware(known)
    assert await known.read(times=24) == replace(TRUE, firmware="1.0.24R1")
    assert has_new_firmware(known)
    known.inverter.rediscover()
    await known.read()
    assert not has_new_firmware(known)


async def test_new_firmware_after_an_outage_shows_at_once(known: Device) -> None:
    await known.read(after_outage=True)
    assert not has_new_firmware(known)
    known.send(words(System, version_low=24))
    assert await known.read(after_outage=True) == TRUE
    assert has_new_firmware(known)
    known.inverter.rediscover()
    assert (await known.read(times=24)).firmware == "1.0.24R1"
    assert not has_new_firmware(known)


async def test_odd_version_of_twenty_readings_is_no_new_firmware(known: Device) -> None:
    await known.read(times=9)
    known.clock.let_pass(timedelta(minutes=6))
    known.send(words(System, version_low=0))
    assert await known.read(times=20) == TRUE
    assert not has_new_firmware(known)


async def test_version_that_never_agrees_is_read_rarely_then(known: Device) -> None:
    for number in range(400):
        known.send(words(System, version_low=number % 2))
        await known.read()
    known.unit.requests.clear()
    await known.read(times=20)
    asked = [one for one in known.unit.requests if 0x074B in one]
    assert len(asked) <= 1


def test_first_identity_is_unconfirmed_and_stored_as_such() -> None:
    identity = confirmed_identity()
    assert "unconfirmed" not in identity.to_dict()
    assert not Identity.from_dict(identity.to_dict()).unconfirmed
    first = replace(identity, unconfirmed=frozenset({"phases", "strings"}))
    stored = first.to_dict()
    assert stored["unconfirmed"] == ["phases", "strings"]
    restored = Identity.from_dict(stored)
    assert (restored, restored.unconfirmed) == (first, first.unconfirmed)
    assert identity.stored_with(stored | {"colour": 1}) == {
        **identity.to_dict(),
        "colour": 1,
    }


async def test_rated_power_of_one_minute_is_known_after_a_restart(
    clock: Clock, new: Device
) -> None:
    await new.read(times=2)
    assert new.inverter.identity_detector.rated_power == 0
    identity = await new.read(times=MINUTE)
    stored = identity.to_dict()
    assert "rated_power" in stored["unconfirmed"]
    assert "rated_power" in stored["proven"]
    restarted = Device(clock, Identity.from_dict(stored))
    assert restarted.inverter.identity_detector.rated_power == TRUE.rated_power
    # Confirmed after half an hour: it is in neither list then.
    confirmed = await restarted.read(times=HALF_HOUR)
    assert "rated_power" not in confirmed.unconfirmed | confirmed.proven


async def test_version_with_a_refused_number_proves_nothing(new: Device) -> None:
    reading = await new.inverter.read()
    assert reading.system
    refused: Any = None  # As a refused register is decoded.
    system = replace(reading.system, version_low=refused)
    assert observe(replace(reading, system=system))["firmware"] is None


@pytest.mark.parametrize("listed", [7, None, "rated_power", ["colour"], ["serial"]])
def test_unreadable_list_of_proven_properties_proves_nothing(listed: object) -> None:
    stored = confirmed_identity().to_dict() | {"unconfirmed": ["rated_power"]}
    identity = Identity.from_dict(stored | {"proven": listed})
    assert not identity.proven
    assert identity.unconfirmed == {"rated_power"}


@pytest.mark.parametrize("listed", [7, None, "phases", ["colour"]])
def test_unreadable_list_of_unconfirmed_properties_is_read(listed: object) -> None:
    stored = confirmed_identity().to_dict() | {"unconfirmed": listed}
    identity = Identity.from_dict(stored)
    is_list = isinstance(listed, list)
    assert bool(identity.unconfirmed) is not is_list
    assert identity == confirmed_identity()


async def test_first_identity_of_a_snapshot_is_all_unconfirmed(new: Device) -> None:
    identity = identify(await new.inverter.read())
    assert identity == TRUE
    assert identity.unconfirmed == Identity.from_dict({}).unknown


async def test_rated_power_that_was_wrong_by_little_at_first_is_corrected(
    new: Device,
) -> None:
    new.send(battery_words(charge_power_limit=8032, discharge_power_limit=8000))
    assert (await new.read(times=10)).rated_power == 8032
    new.send(battery_words(charge_power_limit=8000, discharge_power_limit=8000))
    assert (await new.read(times=30)).rated_power == 8000
