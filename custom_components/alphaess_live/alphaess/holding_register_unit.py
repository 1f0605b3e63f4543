"""A Modbus unit with holding registers only: what an AlphaESS serves, without a connection."""

from collections.abc import Callable
from typing import Any, override

from modbus_connection import IllegalFunctionError, ModbusUnit


class HoldingRegisterUnit(ModbusUnit):
    """Refuses every function that no AlphaESS document lists: all but 0x03, 0x06 and 0x10.

    Subclasses add those three, `connected` and `disconnect`.
    """

    def __init__(self) -> None:
        """Start without listeners."""
        self._lost_listeners: dict[object, Callable[[], None]] = {}

    @override
    def on_connection_lost(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back when the connection is lost; returns an unsubscribe."""
        key = object()
        self._lost_listeners[key] = callback

        def unsubscribe() -> None:
            self._lost_listeners.pop(key, None)

        return unsubscribe

    def notify_connection_lost(self) -> None:
        """Call the listeners of a lost connection."""
        for listener in tuple(self._lost_listeners.values()):
            listener()

    @override
    def set_message_spacing(self, seconds: float) -> None:
        """Do nothing: the connection sets the delay between requests."""

    @override
    def require_timeout(self, seconds: float | None) -> None:
        """Do nothing: the connection sets the timeout."""

    @override
    def require_connect_delay(self, seconds: float | None) -> None:
        """Do nothing: the connection sets the delay after connecting."""

    async def _refuse(self, *_: Any, **__: Any) -> Any:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    read_input_registers = read_coils = read_discrete_inputs = _refuse
    write_coil = write_coils = mask_write_register = _refuse
    read_write_registers = read_fifo_queue = _refuse
    read_file_record = write_file_record = _refuse
    read_device_identification = report_server_id = read_exception_status = _refuse
    diagnostics = get_comm_event_counter = get_comm_event_log = _refuse
