"""Encodes the state of the house into the registers of every block."""

from collections.abc import Iterator
from dataclasses import replace

from ..alphaess.registers import (
    ArmVersion,
    Inputs,
    InverterVersions,
    System,
    SystemSuffix,
    SystemTotals,
)
from ..alphaess.registers.block import Block
from ..alphaess.scales import TOTAL_ENERGY
from . import ac_blocks, dc_blocks, grid_code_blocks
from .energy_flow import in_kilowatt_hours
from .house import House
from .models import Model


def encode_registers(house: House, model: Model) -> dict[int, int]:
    """Encode all words in the model's own scales."""
    words: dict[int, int] = {}
    for block in _blocks(house, model):
        words |= block.encode(model.profile)
    return words


def _blocks(house: House, model: Model) -> Iterator[Block]:
    yield ac_blocks.grid(house, model)
    yield ac_blocks.grid_ct(model)
    yield ac_blocks.pv_meter_ct(model)
    if house.equipment.ac_roof:
        yield ac_blocks.pv_meter(house)
    yield dc_blocks.battery(house, model)
    yield ac_blocks.output(house)
    yield ac_blocks.output_frequency(house)
    yield ac_blocks.backup(house)
    yield dc_blocks.strings(house)
    yield dc_blocks.state(house)
    yield ac_blocks.detail(
        house, house.equipment.pack.cells * dc_blocks.cell_voltage(house)
    )
    yield dc_blocks.strings_total(house)
    yield _totals(house, step=TOTAL_ENERGY.factor(model.profile) or 0.1)
    yield Inputs.neutral()
    yield from grid_code_blocks.rules(house, model)
    yield from _identity_blocks(model)


def _totals(house: House, *, step: float) -> SystemTotals:
    ledger = house.counters
    return replace(
        SystemTotals.neutral(),
        pv_meter_energy_total=in_kilowatt_hours(ledger.ac_solar, step=step),
        pv_energy_total=in_kilowatt_hours(ledger.ac_solar + ledger.strings, step=step),
    )


def _identity_blocks(model: Model) -> Iterator[Block]:
    high, middle, low = model.firmware
    master, slave, arm = model.versions
    yield replace(
        System.neutral(),
        serial=model.serial,
        version_high=high,
        version_middle=middle,
        version_low=low,
        protocol_version=model.protocol,
    )
    yield replace(SystemSuffix.neutral(), version_suffix=model.firmware_suffix)
    yield replace(
        InverterVersions.neutral(),
        master_version=master,
        slave_version=slave,
        serial=model.inverter_serial,
    )
    yield replace(ArmVersion.neutral(), arm_version=arm)
