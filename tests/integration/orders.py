"""Orders to the simulated inverter, and what its registers contain afterwards."""

from typing import Any

from custom_components.alphaess_live.alphaess.registers import (
    DispatchMode,
    DispatchOrder,
)
from custom_components.alphaess_live.alphaess.write_policy import DISPATCH_ADDRESSES
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.simulator.simulated_battery import (
    SimulatedBattery,
)

from .conftest import House, poll

APP_ORDER = DispatchOrder(
    start=1,
    power=-5000,
    reactive_power=0,
    mode=DispatchMode.SOC_CONTROL,
    target_soc=100,
    duration=5580,
)
"""What the vendor's app writes: charge with 5 kW for 93 minutes."""


PV_SWITCH_ADDRESS = 0x088A


def read_order(house: House) -> DispatchOrder:
    """Decode the order in the registers of the simulated inverter."""
    return DispatchOrder.decode(house.inverter.words())


def write_app_order(house: House, order: DispatchOrder = APP_ORDER) -> None:
    """Write an order as the vendor's app does, without our integration."""
    words = order.encode()
    house.inverter.write_as_app(
        START_ADDRESS, *(words[at] for at in DISPATCH_ADDRESSES)
    )


async def charge(house: House, **changes: Any) -> orders.Outcome:
    """Charge with 3 kW to 80 % for an hour, with changes to these fields."""
    fields = {"power": 3000, "target_soc": 80, "duration": 3600}
    return await orders.charge(house.controller, **fields | changes)


async def set_soc(house: House, soc: float) -> None:
    """Set the state of charge of the battery in %, and poll it."""
    house.inverter.house.battery = SimulatedBattery(
        house.inverter.house.equipment.pack, soc
    )
    # No battery charges in an instant: such a change would be rejected.
    house.coordinator.inverter.plausibility.value_filter.forget()
    await poll(house, full=True)


def dispatch_status(house: House) -> tuple[str, str]:
    """Return the action that runs and its owner, as the entities show them."""
    dispatch = house.controller.dispatch
    assert dispatch
    return dispatch.battery_action.value, dispatch.owner.value


def read_pv_switch(house: House) -> int:
    """Read the word of the PV switch in the simulated inverter."""
    return house.inverter.words()[PV_SWITCH_ADDRESS]


def pv_produces(house: House) -> bool:
    """Return whether PV produces, one simulated second later."""
    house.inverter.advance(1)
    return bool(house.inverter.house.flow.solar)
