"""Which registers may be written: one table, checked before every write."""

from .errors import ForbiddenRegisterError
from .registers import (
    Clock,
    DispatchDetail,
    DispatchOrder,
    FeedIn,
    Installation,
    PeriodMinutes,
    Periods,
    PhaseBalance,
)
from .registers.block import Block


def _span(block: type[Block]) -> range:
    """Return the addresses from the first to the last register of a block."""
    return range(min(block.addresses()), max(block.addresses()) + 1)


DISPATCH_ADDRESSES = _span(DispatchOrder)
"""The dispatch block. It is in RAM, so the number of writes is not limited [coolcaper; koegler]."""

_PV_SWITCH = DispatchDetail.registers["pv_switch"]
PV_SWITCH_ADDRESSES = range(_PV_SWITCH.address, _PV_SWITCH.end)
"""The PV switch of the running order; also in RAM; recent firmware [senalse v1.13.0; rudyh]."""

DISPATCH_WITH_PV_ADDRESSES = range(DISPATCH_ADDRESSES.start, PV_SWITCH_ADDRESSES.stop)
"""Both in one request. The effect of 0x0889 between them is unknown: it is written as it was read, and only here."""

CLOCK_ADDRESSES = _span(Clock)
"""The clock. It is written in one request [senalse], and only when a user requests it."""

FEED_IN_ADDRESSES = _span(FeedIn)
PERIOD_ADDRESSES = _span(Periods)
PERIOD_MINUTE_ADDRESSES = _span(PeriodMinutes)

SETTING_ADDRESSES = (
    FEED_IN_ADDRESSES,
    range(PERIOD_ADDRESSES.start, PERIOD_MINUTE_ADDRESSES.stop),
)
"""Settings in flash memory, which wears out [evcc #13816; koegler]: only words that differ are written, counted and limited."""

INSTALLATION_ADDRESSES = (_span(Installation), _span(PhaseBalance))
"""Settings of the installer, also in flash memory: panels, meters, battery, phases. They are never written."""

FORBIDDEN = (
    range(0x012E, 0x012F),
    range(0x0808, 0x0811),
    range(0x1000, 0x105C),
    range(0x1100, 0x111D),
    range(0x11B7, 0x1200),
    range(0x2000, 0x205F),
)
"""Network and unit id, grid code, restart and factory reset: a wrong word here can disable the inverter."""


def is_setting(address: int) -> bool:
    """Whether this register is in flash memory, which wears out."""
    return any(address in setting for setting in SETTING_ADDRESSES)


def require_writable(addresses: range) -> None:
    """Raise ForbiddenRegisterError unless the table allows to write these registers in one request.

    It allows an order or a part of it, the PV switch, both together, the whole clock, and
    settings that belong together.
    """
    if addresses in (CLOCK_ADDRESSES, DISPATCH_WITH_PV_ADDRESSES, PV_SWITCH_ADDRESSES):
        return
    if addresses and any(
        _within(addresses, span) for span in (DISPATCH_ADDRESSES, *SETTING_ADDRESSES)
    ):
        return
    raise ForbiddenRegisterError(
        f"0x{addresses.start:04X} to 0x{addresses.stop - 1:04X} are not to be written"
    )


def _within(addresses: range, span: range) -> bool:
    return addresses[0] in span and addresses[-1] in span
