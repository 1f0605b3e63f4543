"""The PV switch of the simulated inverter: effective during an order only."""

from modbus_connection import IllegalDataAddressError
import pytest

from custom_components.alphaess_live.simulator.behaviour import Behaviour
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import AC_COUPLED

from .moments import NOON
from .test_dispatch_registers import CHARGE, HOLD, START, _order, _unit

PV_SWITCH = 0x088A


async def test_pv_switch_is_effective_only_during_an_order() -> None:
    unit = _unit(NOON)
    await _order(unit, [*HOLD, 0, 2])
    assert unit.house.flow.solar == 0
    await _order(unit, [0])
    assert unit.house.flow.solar > 0
    assert unit.words()[PV_SWITCH] == 0


async def test_pv_switch_can_be_changed_during_an_order() -> None:
    unit = _unit(NOON)
    await _order(unit, HOLD)
    for word, produces in ((2, False), (1, True), (2, False)):
        await unit.write_register(PV_SWITCH, word)
        unit.advance(1)
        assert bool(unit.house.flow.solar) is produces
        assert unit.words()[PV_SWITCH] == word
    unit.advance(3_600)
    assert unit.house.flow.solar > 0
    assert unit.words()[PV_SWITCH] == 0


async def test_pv_switch_without_an_order_has_no_effect() -> None:
    unit = _unit(NOON)
    await unit.write_register(PV_SWITCH, 2)
    unit.advance(1)
    assert unit.house.flow.solar > 0
    assert unit.words()[PV_SWITCH] == 2


@pytest.mark.parametrize("ends_by_itself", [True, False])
async def test_pv_switch_kept_after_an_order_has_no_effect(
    *, ends_by_itself: bool
) -> None:
    unit = _unit(NOON)
    unit.behaviour = Behaviour(keeps_pv_switch=True)
    await _order(unit, [*HOLD, 0, 2])
    if ends_by_itself:
        unit.advance(3_600)
    else:
        await _order(unit, [0])
    assert unit.words()[PV_SWITCH] == 2
    assert unit.house.flow.solar > 0
    await _order(unit, HOLD)
    assert unit.house.flow.solar == 0


async def test_pv_switch_ignored_changes_nothing() -> None:
    unit = _unit(NOON)
    unit.behaviour = Behaviour(ignores_pv_switch=True)
    await _order(unit, [*HOLD, 0, 2])
    assert unit.house.flow.solar > 0
    assert unit.words()[PV_SWITCH] == 0


async def test_pv_switch_of_old_firmware_is_refused() -> None:
    unit = simulate(AC_COUPLED, NOON, soc=50, speed=0)
    for start, words in ((START, [*CHARGE, 0, 2]), (PV_SWITCH, [2])):
        with pytest.raises(IllegalDataAddressError):
            await unit.write_registers(start, words)
    assert await _order(unit, CHARGE) < 0
    assert unit.house.flow.solar > 0
