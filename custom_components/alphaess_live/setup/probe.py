"""Finds the inverter at an address, or the reason why there is none that can be used."""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from socket import gaierror
from typing import Any

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusProtocolError

from ..alphaess.errors import (
    CommunicationError,
    ErrorKind,
    InverterError,
    LinkDownError,
    MismatchedResponseError,
    NotAnInverterError,
    OldFirmwareError,
)
from ..alphaess.identity import PROPERTIES, Identity, identify, serial_numbers
from ..alphaess.inverter import Inverter
from ..alphaess.maps import V117, RegisterMap, check_map_version
from ..alphaess.snapshot import Snapshot
from ..connection.intervals import MIN_RECONNECT_DELAY
from ..connection.link import (
    ConnectionConfig,
    Link,
    Transport,
    is_in_use,
    open_link,
)
from ..connection.port_probe import is_not_modbus

DEFAULT_UNIT_IDS = (85, 1)
"""85 is the factory setting of an AlphaESS; bridges and some installers use 1."""

BANNER_TIMEOUT_SECONDS = 1.0
"""Time to wait for the first bytes of a port with another protocol."""

IDENTITY_READINGS = 3
"""How often the inverter is read until its serial numbers are the same twice."""

NAME_LOOKUP_TIMEOUT_SECONDS = 10.0
"""Time to wait for the name server."""


class SetupProblem(StrEnum):
    """Why no inverter was found; each has a text in the translations."""

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
    SERIAL_UNCLEAR = "serial_unclear"
    MISMATCHED = "mismatched"


_PROBLEM_OF_KIND = {
    ErrorKind.REFUSED: SetupProblem.REFUSED,
    ErrorKind.UNREACHABLE: SetupProblem.UNREACHABLE,
    ErrorKind.BUSY: SetupProblem.BUSY,
}
"""Error kinds that determine the problem."""

_PROBLEM_WITH_SERIAL_LINE = {
    Transport.RTU_OVER_TCP: {SetupProblem.NO_ANSWER: SetupProblem.SILENT_BRIDGE},
    Transport.SERIAL: {
        SetupProblem.NO_ANSWER: SetupProblem.SILENT_LINE,
        SetupProblem.UNREACHABLE: SetupProblem.NO_PORT,
        SetupProblem.REFUSED: SetupProblem.PORT_IN_USE,
    },
}
"""Problems that have another cause where a serial line is used."""


class NotFoundError(Exception):
    """There is no inverter that can be used at an address."""

    def __init__(self, problem: SetupProblem) -> None:
        """Store the problem for the form."""
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class DiscoveredInverter:
    """An inverter that answered."""

    unit_id: int
    identity: Identity
    serials: tuple[str, ...]
    """Serial numbers of its parts; an existing entry may have any of them as its unique id."""
    served: tuple[str, ...]
    """Names of the blocks that it serves."""
    limits: dict[str, Any]
    """What the device does not answer, as it is stored."""
    register_map: RegisterMap
    link: Link
    """The open connection; who has found the inverter closes it or hands it over."""


def candidate_unit_ids(unit_id: int) -> tuple[int, ...]:
    """List the unit ids to try, in this order, until one answers."""
    return tuple(dict.fromkeys((unit_id, *DEFAULT_UNIT_IDS)))


async def find_inverter(
    hass: HomeAssistant, config: ConnectionConfig
) -> DiscoveredInverter:
    """Find the inverter at an address, also by another unit id than the one given.

    Raises NotFoundError; no connection is left open then.
    """
    if config.host:
        await _resolve_host(hass, config.host)
    problem = SetupProblem.NO_ANSWER
    for unit_id in candidate_unit_ids(config.unit_id):
        try:
            return await connect_and_identify(hass, replace(config, unit_id=unit_id))
        except NotFoundError as err:
            problem = err.problem
        if problem is not SetupProblem.NO_ANSWER:
            break
    no_modbus_answer = problem in (SetupProblem.NO_ANSWER, SetupProblem.REFUSED)
    if no_modbus_answer and await _is_other_protocol(hass, config):
        raise NotFoundError(SetupProblem.NOT_MODBUS)
    serial_problems = _PROBLEM_WITH_SERIAL_LINE.get(config.transport, {})
    raise NotFoundError(serial_problems.get(problem, problem))


async def _is_other_protocol(hass: HomeAssistant, config: ConnectionConfig) -> bool:
    """Whether the port uses another protocol. A port with an open Modbus connection does not."""
    may_probe = config.transport in (Transport.TCP, Transport.RTU_OVER_TCP)
    if not may_probe or is_in_use(hass, config):
        return False
    await asyncio.sleep(MIN_RECONNECT_DELAY.total_seconds())
    return await is_not_modbus(
        config.host, config.port, timeout_seconds=BANNER_TIMEOUT_SECONDS
    )


async def connect_and_identify(
    hass: HomeAssistant, config: ConnectionConfig
) -> DiscoveredInverter:
    """Read the measurements of the inverter at exactly this address, once.

    Raises NotFoundError; no connection is left open then.
    """
    link = await open_link(hass, config)
    try:
        return await _identify_at(link, config)
    except BaseException:
        await link.close()
        raise


async def _identify_at(link: Link, config: ConnectionConfig) -> DiscoveredInverter:
    inverter = Inverter(link.unit, groups=frozenset())
    try:
        snapshot = await _read_or_explain(inverter)
    except NotFoundError as err:
        if err.problem is not SetupProblem.OLD_FIRMWARE:
            raise
        inverter = Inverter(link.unit, groups=frozenset(), register_map=V117)
        snapshot = await _read_or_explain(inverter)
    # The counters of a PV meter are in no snapshot before three readings agree.
    metered = {"ac_coupled": inverter.identity_detector.identity.ac_coupled}
    return DiscoveredInverter(
        unit_id=config.unit_id,
        identity=identify(snapshot).with_properties(metered, unconfirmed=PROPERTIES),
        serials=serial_numbers(snapshot),
        served=tuple(sorted(block.name for block in inverter.served_blocks)),
        limits=inverter.limits.to_dict(),
        register_map=inverter.register_map,
        link=link,
    )


async def _read_or_explain(inverter: Inverter) -> Snapshot:
    """Read an inverter. Raises NotFoundError."""
    try:
        return await _read_identified(inverter)
    except CommunicationError as err:
        raise NotFoundError(await _problem_of_error(inverter, err)) from err
    except NotAnInverterError as err:
        raise NotFoundError(await _problem_of_unknown_device(inverter)) from err


async def _read_identified(inverter: Inverter) -> Snapshot:
    """Read an inverter until its serial numbers are the same twice.

    Raises NotFoundError, NotAnInverterError, CommunicationError.
    """
    error: InverterError | None = None
    for _ in range(IDENTITY_READINGS):
        inverter.expire_slow_blocks()
        snapshot = await inverter.read()
        try:
            identify(snapshot)
        except NotAnInverterError as err:
            if snapshot.battery is None or snapshot.system is None:
                raise
            error = err
            continue
        again = {*filter(None, (await inverter.read_serials()).values())}
        if again == {*serial_numbers(snapshot)}:
            return snapshot
        error = None
    raise error or NotFoundError(SetupProblem.SERIAL_UNCLEAR)


async def _resolve_host(hass: HomeAssistant, host: str) -> None:
    try:
        async with asyncio.timeout(NAME_LOOKUP_TIMEOUT_SECONDS):
            await hass.loop.getaddrinfo(host, None)
    except (gaierror, TimeoutError) as err:
        raise NotFoundError(SetupProblem.NAME_NOT_FOUND) from err


async def _problem_of_error(
    inverter: Inverter, err: CommunicationError
) -> SetupProblem:
    cause = err.__cause__
    if isinstance(cause, MismatchedResponseError):
        return SetupProblem.MISMATCHED
    if isinstance(cause, ModbusProtocolError):
        return SetupProblem.NOT_MODBUS
    if err.kind is ErrorKind.PROTOCOL:
        return await _problem_of_unknown_device(inverter)
    if err.kind is ErrorKind.TIMEOUT and isinstance(cause, LinkDownError):
        # There was no connection: another unit id would not help.
        return SetupProblem.UNREACHABLE
    return _PROBLEM_OF_KIND.get(err.kind, SetupProblem.NO_ANSWER)


async def _problem_of_unknown_device(inverter: Inverter) -> SetupProblem:
    """Distinguish an AlphaESS with old firmware from other Modbus devices."""
    try:
        await check_map_version(inverter.unit)
    except OldFirmwareError:
        return SetupProblem.OLD_FIRMWARE
    except CommunicationError as err:
        has_answered = err.kind is ErrorKind.PROTOCOL
        return SetupProblem.NOT_AN_INVERTER if has_answered else SetupProblem.NO_ANSWER
    return SetupProblem.NOT_AN_INVERTER
