"""A Modbus unit with holding registers only: what an AlphaESS serves, without a connection."""

from collections.abc import Callable
from typing import override

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

    @override
    async def read_input_registers(self, address: int, count: int) -> list[int]:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def read_coils(self, address: int, count: int) -> list[bool]:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def read_discrete_inputs(self, address: int, count: int) -> list[bool]:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def write_coil(self, address: int, value: bool) -> None:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def write_coils(self, address: int, values: list[bool]) -> None:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def read_exception_status(self) -> int:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def report_server_id(self) -> bytes:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def mask_write_register(
        self, address: int, and_mask: int, or_mask: int
    ) -> None:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def read_write_registers(
        self,
        read_address: int,
        read_count: int,
        write_address: int,
        write_values: list[int],
    ) -> list[int]:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def read_fifo_queue(self, address: int) -> list[int]:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def read_device_identification(self) -> dict[int, bytes]:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def read_file_record(self, file: int, record: int, length: int) -> list[int]:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def write_file_record(
        self, file: int, record: int, values: list[int]
    ) -> None:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def diagnostics(self, sub_function: int, data: int = 0) -> int:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def get_comm_event_counter(self) -> tuple[bool, int]:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError

    @override
    async def get_comm_event_log(self) -> bytes:
        """Raise IllegalFunctionError: only holding registers are used."""
        raise IllegalFunctionError
