"""Deviations of a simulated device that the field has seen, switchable at run time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..alphaess.registers import BLOCKS
from ..alphaess.registers.register import Quantity, Register
from .corruption import Corruption


class Reply(StrEnum):
    """How a kind of request is answered."""

    ACCEPTED = "obeyed"
    REFUSED = "refused"
    """Exception 2, as many inverters answer function 0x10 for a single register [koegler; senalse]."""
    FAILED = "failed"
    """Exception 4."""
    SILENT = "silent"
    """No answer, as a SMILE-B3 behaves for function 0x06 [dxoverdy; senalse #24]."""


EXCEPTION_CODES: Mapping[Reply, int] = {Reply.REFUSED: 2, Reply.FAILED: 4}
"""The exception code of each reply that is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """All deviations; the defaults are a device without any."""

    silent: bool = False
    """Answers nothing: asleep, or a half-open connection."""
    delay: float = 0.0
    """Seconds before each answer; 0.08 to 0.4 on RTU bridges [evcc #32352; dxoverdy]."""
    exception: int | None = None
    """Answer every request with this Modbus exception code."""
    single_write: Reply = Reply.ACCEPTED
    """FC06."""
    block_write_of_one: Reply = Reply.ACCEPTED
    """FC16 with one register."""
    block_write: Reply = Reply.ACCEPTED
    """FC16 with more than one register."""
    ignores_writes: bool = False
    """Acknowledges writes without applying them, as a T10 before its vendor unlocks it [dxoverdy #34]."""
    ignores_discharge: bool = False
    """A discharge order leaves the power at 32000, as with some grid codes [dxoverdy #6]."""
    settings: Reply = Reply.ACCEPTED
    """Reply to any write to a flash register, whatever the function."""
    ignores_settings: bool = False
    """Acknowledges a setting without storing it."""
    setting_limits: Mapping[int, range] = field(default_factory=dict)
    """Allowed range by address; other words are clamped."""
    drops_link_after_write: bool = False
    """Acknowledges and applies one write, then answers nothing."""
    pv_switch_alone: Reply = Reply.ACCEPTED
    """Reply to any write to the PV switch alone, whatever the function."""
    ignores_pv_switch: bool = False
    """Acknowledges a write to the PV switch without applying it."""
    keeps_pv_switch: bool = False
    """Keeps the value of the PV switch when an order ends, though PV returns."""
    readback_lag: float = 0.0
    """Seconds until a written order is read back [dallonby]."""
    effect_delay: int = 0
    """Seconds of the house's time from a written order, which reads back at once, until the battery follows it."""
    keeps_time: bool = False
    """A rewritten order does not restart the time of the one that runs; no source states whether one does."""
    power_limit: int | None = None
    """W: a stronger order is clamped, and reads back clamped."""
    duration_limit: int | None = None
    """Seconds; a longer order is clamped and read back clamped [dallonby]."""
    ignores_duration: bool = False
    """Does not end an order when its time is over."""
    fault_bits: Mapping[str, int] = field(default_factory=dict)
    """Bits that are set in fault and warning registers, by the key of their reading."""
    refused_addresses: frozenset[int] = frozenset()
    """Addresses that are refused in any request, as one register of a SMILE-Hi10 is [senalse #21]."""
    max_registers: int = 100
    """A read of more registers at once is refused; no source confirms more than 83 [impact0815]."""
    refresh_seconds: Mapping[str, int] = field(default_factory=dict)
    """How often the device renews the words of a block inside, by its name: 3 s for the strings of a T10 [schindler]."""
    word_overrides: Mapping[int, int] = field(default_factory=dict)
    """Words by address that are read instead of the computed ones: spikes, garbage."""
    corruptions: tuple[Corruption, ...] = ()
    """Wrong words, refusals and missing answers of some registers; `words` stays true."""


DEFAULT_BEHAVIOUR = Behaviour()


FAULT_REGISTERS: dict[str, Register[float]] = {
    block.prefix + name: register
    for block in BLOCKS
    for name, register in block.registers.items()
    if register.quantity is Quantity.FLAGS
}
"""Fault and warning registers, by the key of their reading."""


def fault_words(bits_by_key: Mapping[str, int]) -> dict[int, int]:
    """Encode the fault registers that have bits set."""
    words: dict[int, int] = {}
    for source, bits in bits_by_key.items():
        words |= FAULT_REGISTERS[source].encode(bits)
    return words
