"""One at a time: whoever writes to an inverter waits for its turn, and finds the inverter there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from homeassistant.core import callback

from ..alphaess.errors import ErrorKind, UnansweredError
from ..coordinator import InverterCoordinator
from .lease import LeaseBook, book_of
from .permission import require_controls


@asynccontextmanager
async def turn(coordinator: InverterCoordinator) -> AsyncIterator[LeaseBook]:
    """Wait for one's turn to write, and hold it. Raises ControlsOffError, UnansweredError."""
    book = book_of(coordinator)
    async with book.lock:
        # Whoever waited may find that the controls were switched off meanwhile, or all is over.
        require_controls(coordinator)
        if book.closed:
            raise UnansweredError(ErrorKind.RESET, "the inverter was unloaded")
        connection = coordinator.connection
        if not connection.connected:
            raise UnansweredError(
                connection.error_kind or ErrorKind.TIMEOUT,
                connection.error_message or "the inverter is not connected",
            )
        try:
            yield book
        except UnansweredError:
            _look_soon(coordinator)
            raise


@callback
def _look_soon(coordinator: InverterCoordinator) -> None:
    """Let the coordinator find out by itself whether the inverter is lost."""
    coordinator.config_entry.async_create_background_task(
        coordinator.hass, coordinator.async_refresh(), "look after a failed order"
    )
