"""How a device may misbehave: what the field has seen, as switches that can be thrown at run time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Reply(StrEnum):
    """What happens to a kind of request."""

    ACCEPTED = "obeyed"
    REFUSED = "refused"
    """Exception 2, as many inverters answer function 0x10 for a single register [koegler; senalse]."""
    SILENT = "silent"
    """No answer, as a SMILE-B3 behaves for function 0x06 [dxoverdy; senalse #24]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Everything that a test or a model may want to be different."""

    silent: bool = False
    """Asleep, or half-open: nothing is answered."""
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
    """Any write to what is kept in flash, whatever the function."""
    ignores_settings: bool = False
    """Acknowledges a setting and forgets it."""
    setting_limits: Mapping[int, range] = field(default_factory=dict)
    """Words that are clamped into what the device allows at their address."""
    drops_link_after_write: bool = False
    """Acknowledges one write, carries it out, and answers nothing after that."""
    pv_switch_alone: Reply = Reply.ACCEPTED
    """Any write to the PV switch without an order, whatever the function."""
    ignores_pv_switch: bool = False
    """Acknowledges whatever is said of the panels, and leaves them as they are."""
    keeps_pv_switch: bool = False
    """Leaves the PV switch where it stands when an order ends, though PV returns."""
    readback_lag: float = 0.0
    """Seconds until a written order is read back [dallonby]."""
    power_limit: int | None = None
    """W: a stronger order is clamped, and reads back clamped."""
    duration_limit: int | None = None
    """Seconds; a longer order is clamped and read back clamped [dallonby]."""
    fault_bits: Mapping[str, int] = field(default_factory=dict)
    """Bits that are set in fault and warning words, by the key of their reading."""
    word_overrides: Mapping[int, int] = field(default_factory=dict)
    """Words that are read instead of the true ones: spikes, garbage."""


DEFAULT_BEHAVIOUR = Behaviour()
