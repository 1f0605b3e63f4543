"""Switching the panels off and on again while a dispatch of ours runs."""

from ..alphaess.dispatch import pv_enabled
from ..alphaess.errors import Feature, UnsupportedFeatureError
from ..alphaess.registers import DispatchOrder
from ..alphaess.verify import set_pv_switch
from ..coordinator import InverterCoordinator
from .controller import Holder, LeaseBook
from .orders import Outcome, outcome, require_pv_switch, under_lock, written


async def switch_pv(coordinator: InverterCoordinator, *, on: bool) -> Outcome:
    """Let the panels produce or not, until our dispatch ends; the order itself runs on.

    Raises NotServedError where none runs, and what the orders of `control` raise.
    """

    async def obey(book: LeaseBook, before: DispatchOrder) -> Outcome:
        if book.holder is not Holder.OURS:
            raise UnsupportedFeatureError(Feature.OWN_DISPATCH)
        require_pv_switch(book)
        if pv_enabled(book.detail) is not on:
            if not on:
                # Written down first, as a lease is.
                book.has_switched_off = True
                book.keep(*book.leases)
            await written(book, set_pv_switch(book.writer, on=on, running=before))
        expires = book.lease.expires if book.lease else None
        return outcome(before, before, expires, pv=on)

    return await under_lock(coordinator, obey, take_over=False)
