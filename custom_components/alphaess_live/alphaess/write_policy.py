"""Which registers may be written at all: the one table, and the one gate before every write."""

from .errors import ForbiddenRegisterError
from .registers import DispatchDetail, DispatchOrder

DISPATCH_ADDRESSES = range(0x0880, DispatchOrder.registers["duration"].end)
"""The dispatch block: in RAM, so it may be written without limit [coolcaper; koegler]."""

_SWITCH = DispatchDetail.registers["pv_switch"]
PV_SWITCH_ADDRESSES = range(_SWITCH.address, _SWITCH.end)
"""The PV switch of a running order: in RAM as well; recent firmware [senalse v1.13.0; rudyh]."""

DISPATCH_WITH_PV_ADDRESSES = range(DISPATCH_ADDRESSES.start, PV_SWITCH_ADDRESSES.stop)
"""Both in one. Nobody knows what 0x0889 between them does: it is written as it was read, and only here."""

CLOCK_ADDRESSES = range(0x0740, 0x0743)
"""The clock: written in one request [senalse], and only on a user's request."""

FEED_IN_ADDRESSES = range(0x0800, 0x0801)
PERIOD_ADDRESSES = range(0x084F, 0x085A)
PERIOD_MINUTE_ADDRESSES = range(0x085A, 0x0862)

SETTING_ADDRESSES = (
    FEED_IN_ADDRESSES,
    range(PERIOD_ADDRESSES.start, PERIOD_MINUTE_ADDRESSES.stop),
)
"""Stored in flash, which wears out [evcc #13816; koegler]: only words that differ are written, counted and limited."""

INSTALLATION_ADDRESSES = (range(0x0801, 0x0808), range(0x0811, 0x0812))
"""Kept in flash as well, and an installer's business: panels, meters, battery, phases."""

FORBIDDEN = (
    range(0x012E, 0x012F),
    range(0x0808, 0x0811),
    range(0x1000, 0x105C),
    range(0x1100, 0x111D),
    range(0x11B7, 0x1200),
    range(0x2000, 0x205F),
)
"""Network and unit id, grid code, restart and factory reset: a wrong word here takes a house down."""


def is_setting(address: int) -> bool:
    """Whether writing this register wears out flash."""
    return any(address in setting for setting in SETTING_ADDRESSES)


def require_writable(addresses: range) -> None:
    """Let nothing pass but an order, its PV switch, the clock as a whole, and the settings of the table.

    Raises ForbiddenRegisterError.
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
