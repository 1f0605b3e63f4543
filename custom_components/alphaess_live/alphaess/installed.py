"""What a house has: strings, phases, packs and a PV meter send 0, or are refused, where there is none."""

import re

from .registers.block import Block
from .snapshot import Reading, Snapshot

_STRING = re.compile(r"(pv[1-6])_(?:voltage|current|power)")
_PHASE = re.compile(r".*_l([23])")
_PACK = re.compile(r"pack_([1-6])_(?:fault|warning)")
_PV_METER = {"pv_meter", "pv_meter_ct"}


def is_installed(reading: Reading, snapshot: Snapshot | None) -> bool:
    """Whether a house has what a reading measures, as far as the snapshot shows.

    It may appear later: a string has no voltage at night, a PV meter is added after
    years. What every house has is installed without a snapshot, too.
    """
    if snapshot and not _is_in_map(reading, snapshot):
        return False
    if string := _STRING.fullmatch(reading.field):
        return snapshot is not None and _has_string(reading.part, string[1], snapshot)
    if reading.part in _PV_METER and not (snapshot and _has_pv_meter(snapshot)):
        return False
    if phase := _PHASE.fullmatch(reading.field):
        return snapshot is not None and _has_voltage(f"voltage_l{phase[1]}", snapshot)
    if pack := _PACK.fullmatch(reading.field):
        return snapshot is not None and _has_pack(int(pack[1]), reading, snapshot)
    return True


def _is_in_map(reading: Reading, snapshot: Snapshot) -> bool:
    """Whether the register map has the field; unknown, and assumed, while there is no block."""
    if reading.key in snapshot.refused_keys:
        return False
    block = getattr(snapshot, reading.part)
    return not isinstance(block, Block) or reading.field in block.registers


def _has_string(part: str, string: str, snapshot: Snapshot) -> bool:
    block = getattr(snapshot, part)
    kinds = ("voltage", "current", "power")
    return block is not None and any(getattr(block, f"{string}_{k}") for k in kinds)


def _has_pv_meter(snapshot: Snapshot) -> bool:
    meter = snapshot.pv_meter
    return meter is not None and bool(
        meter.power or meter.energy_1_total or meter.energy_2_total
    )


def _has_voltage(field: str, snapshot: Snapshot) -> bool:
    """Whether the inverter or the grid meter measures a voltage on a phase."""
    blocks = (snapshot.output, snapshot.grid)
    return any(block is not None and bool(getattr(block, field)) for block in blocks)


def _has_pack(pack: int, reading: Reading, snapshot: Snapshot) -> bool:
    battery = snapshot.battery
    counted = battery is not None and pack <= (battery.modules or 0)
    return counted or bool(reading.of(snapshot))
