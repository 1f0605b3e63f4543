"""Asks an address which inverter lives there, and tells in a user's terms why none was found."""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from socket import gaierror

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusProtocolError

from ..alphaess.errors import (
    CommunicationError,
    ErrorKind,
    LinkDownError,
    NotAnInverterError,
    OldFirmwareError,
)
from ..alphaess.identity import Identity, identify, serial_numbers
from ..alphaess.inverter import Inverter
from ..alphaess.maps import check_map_version
from ..connection.intervals import MIN_RECONNECT_DELAY
from ..connection.link import ConnectionConfig, Transport, is_in_use, open_link
from ..connection.port_probe import is_not_modbus

USUAL_UNITS = (85, 1)
"""An AlphaESS leaves the factory as 85; bridges and some installers make it 1."""

STRANGER = 1.0
"""Seconds to wait for what a port that speaks no Modbus may say."""

PROBE_TIMEOUT_SECONDS = 2.5
"""Seconds to wait for an answer: who adds an inverter looks on, and no line is slower than 0.4 s."""

NAME_LOOKUP = 10.0
"""Seconds to wait for a name server."""


class SetupProblem(StrEnum):
    """Why no inverter was found; each has its sentence in the translations."""

    INVALID_HOST = "invalid_host"
    ALREADY_IN_USE = "already_in_use"
    NAME_NOT_FOUND = "name_not_found"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    NOT_MODBUS = "not_modbus"
    NOT_AN_INVERTER = "not_an_inverter"
    OLD_FIRMWARE = "old_firmware"
    SILENT_BRIDGE = "silent_bridge"
    SILENT_LINE = "silent_line"
    NO_PORT = "no_port"
    PORT_IN_USE = "port_in_use"


_SAID_BY = {
    ErrorKind.REFUSED: SetupProblem.REFUSED,
    ErrorKind.UNREACHABLE: SetupProblem.UNREACHABLE,
    ErrorKind.BUSY: SetupProblem.BUSY,
}
"""The kinds that name a problem by themselves."""

_ON_A_LINE = {
    Transport.RTU_OVER_TCP: {SetupProblem.NO_ANSWER: SetupProblem.SILENT_BRIDGE},
    Transport.SERIAL: {
        SetupProblem.NO_ANSWER: SetupProblem.SILENT_LINE,
        SetupProblem.UNREACHABLE: SetupProblem.NO_PORT,
        SetupProblem.REFUSED: SetupProblem.PORT_IN_USE,
    },
}
"""What is called otherwise where a serial line is on the way."""


class NotFoundError(Exception):
    """There is no inverter that can be used at an address."""

    def __init__(self, problem: SetupProblem) -> None:
        """Keep why."""
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class DiscoveredInverter:
    """An inverter that answered."""

    unit_id: int
    identity: Identity
    serials: tuple[str, ...]
    """Each of them may be what it is known by."""
    served: tuple[str, ...]
    """Names of the blocks that it serves."""
    variants: tuple[str, ...]
    """Names of the scales that its raw values proved to be unusual."""


def units_tried(unit_id: int) -> tuple[int, ...]:
    """Which unit ids are asked, in this order, until one answers."""
    return tuple(dict.fromkeys((unit_id, *USUAL_UNITS)))


async def find_inverter(
    hass: HomeAssistant, config: ConnectionConfig
) -> DiscoveredInverter:
    """Find the inverter at an address, also by another unit id than the one given.

    Raises NotFoundError. No connection is left open.
    """
    if config.host:
        await _look_up(hass, config.host)
    timeout = min(config.timeout_seconds, PROBE_TIMEOUT_SECONDS)
    config = replace(config, timeout_seconds=timeout)
    problem = SetupProblem.NO_ANSWER
    for unit_id in units_tried(config.unit_id):
        try:
            return await connect_and_identify(hass, replace(config, unit_id=unit_id))
        except NotFoundError as err:
            problem = err.problem
        if problem is not SetupProblem.NO_ANSWER:
            break
    unheard = problem in (SetupProblem.NO_ANSWER, SetupProblem.REFUSED)
    if unheard and await _is_other_protocol(hass, config):
        raise NotFoundError(SetupProblem.NOT_MODBUS)
    names = _ON_A_LINE.get(config.transport, {})
    raise NotFoundError(names.get(problem, problem))


async def _is_other_protocol(hass: HomeAssistant, config: ConnectionConfig) -> bool:
    """Whether the port speaks no Modbus; where somebody already talks with it, it does."""
    ours = config.transport in (Transport.TCP, Transport.RTU_OVER_TCP)
    if not ours or is_in_use(hass, config):
        return False
    await asyncio.sleep(MIN_RECONNECT_DELAY.total_seconds())
    return await is_not_modbus(config.host, config.port, timeout_seconds=STRANGER)


async def connect_and_identify(
    hass: HomeAssistant, config: ConnectionConfig
) -> DiscoveredInverter:
    """Read the measurements of the inverter at exactly this address, once.

    Raises NotFoundError. No connection is left open.
    """
    link = await open_link(hass, config)
    inverter = Inverter(link.unit, groups=frozenset())
    try:
        snapshot = await inverter.read()
        identity = identify(snapshot)
    except CommunicationError as err:
        raise NotFoundError(await _unanswered(inverter, err)) from err
    except NotAnInverterError as err:
        raise NotFoundError(await _unknown(inverter)) from err
    finally:
        await link.close()
    return DiscoveredInverter(
        unit_id=config.unit_id,
        identity=identity,
        serials=serial_numbers(snapshot),
        served=tuple(sorted(block.name for block in inverter.served_blocks)),
        variants=tuple(sorted(variant.name for variant in inverter.profile)),
    )


async def _look_up(hass: HomeAssistant, host: str) -> None:
    try:
        async with asyncio.timeout(NAME_LOOKUP):
            await hass.loop.getaddrinfo(host, None)
    except (gaierror, TimeoutError) as err:
        raise NotFoundError(SetupProblem.NAME_NOT_FOUND) from err


async def _unanswered(inverter: Inverter, err: CommunicationError) -> SetupProblem:
    cause = err.__cause__
    if isinstance(cause, ModbusProtocolError):
        return SetupProblem.NOT_MODBUS
    if err.kind is ErrorKind.PROTOCOL:
        return await _unknown(inverter)
    if err.kind is ErrorKind.TIMEOUT and isinstance(cause, LinkDownError):
        # Not even a connection: nobody lives there, whatever the unit id.
        return SetupProblem.UNREACHABLE
    return _SAID_BY.get(err.kind, SetupProblem.NO_ANSWER)


async def _unknown(inverter: Inverter) -> SetupProblem:
    """Tell what a Modbus device is whose answers are not those of a known AlphaESS."""
    try:
        await check_map_version(inverter.unit)
    except OldFirmwareError:
        return SetupProblem.OLD_FIRMWARE
    except CommunicationError as err:
        answered = err.kind is ErrorKind.PROTOCOL
        return SetupProblem.NOT_AN_INVERTER if answered else SetupProblem.NO_ANSWER
    return SetupProblem.NOT_AN_INVERTER
