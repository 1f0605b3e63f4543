"""What is asked about each way to an inverter, and how what was typed is understood."""

from collections.abc import Mapping
from ipaddress import ip_address
import re
from typing import Any

from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    SerialPortSelector,
    TextSelector,
)
import probatio

from ..connection.link import ConnectionConfig, Transport
from ..const import CONF_BAUD_RATE, CONF_SHARED, CONF_UNIT_ID
from .probe import NotFoundError, SetupProblem, units_tried

_BAUD_RATES = ("9600", "19200", "115200", "256000")
"""What an AlphaESS can be set to, the usual first."""


def _up_to(most: int) -> probatio.All[int]:
    """Ask for a whole number from 1."""
    config = NumberSelectorConfig(min=1, max=most, mode=NumberSelectorMode.BOX)
    return probatio.All(NumberSelector(config), probatio.Coerce(int))


_UNIT = {probatio.Required(CONF_UNIT_ID, default=ConnectionConfig.unit_id): _up_to(247)}
_PORT = {
    probatio.Required(CONF_HOST): TextSelector(),
    probatio.Required(CONF_PORT, default=ConnectionConfig.port): _up_to(65535),
}
_BAUD_RATE = SelectSelector(
    SelectSelectorConfig(options=list(_BAUD_RATES), mode=SelectSelectorMode.DROPDOWN)
)
_NETWORK = probatio.Schema(
    _PORT | _UNIT | {probatio.Required(CONF_SHARED, default=False): BooleanSelector()}
)

FORMS = {
    Transport.TCP: _NETWORK,
    Transport.SHARED: _NETWORK,
    Transport.RTU_OVER_TCP: probatio.Schema(_PORT | _UNIT),
    Transport.SERIAL: probatio.Schema(
        {
            probatio.Required(CONF_DEVICE): SerialPortSelector(),
            probatio.Required(CONF_BAUD_RATE, default=_BAUD_RATES[0]): _BAUD_RATE,
        }
        | _UNIT
    ),
}
"""What is asked for each transport that has an address."""

FIELDS = {
    SetupProblem.INVALID_HOST: CONF_HOST,
    SetupProblem.NAME_NOT_FOUND: CONF_HOST,
    SetupProblem.UNREACHABLE: CONF_HOST,
    SetupProblem.NOT_MODBUS: CONF_PORT,
    SetupProblem.NO_PORT: CONF_DEVICE,
    SetupProblem.PORT_IN_USE: CONF_DEVICE,
}
"""The field that a problem stands beside; the others concern the form as a whole."""


def read_form(transport: Transport, typed: Mapping[str, Any]) -> ConnectionConfig:
    """Understand what was typed. Raises NotFoundError where it cannot be meant."""
    unit_id = typed[CONF_UNIT_ID]
    if transport is Transport.SERIAL:
        device = typed[CONF_DEVICE].strip()
        if not device.startswith("/"):
            raise NotFoundError(SetupProblem.NO_PORT)
        baud_rate = int(typed[CONF_BAUD_RATE])
        return ConnectionConfig.with_defaults(
            transport, device=device, baud_rate=baud_rate, unit_id=unit_id
        )
    try:
        host, port = parse_host(typed[CONF_HOST], typed[CONF_PORT])
    except ValueError as err:
        raise NotFoundError(SetupProblem.INVALID_HOST) from err
    if CONF_SHARED in typed:
        transport = Transport.SHARED if typed[CONF_SHARED] else Transport.TCP
    return ConnectionConfig.with_defaults(
        transport, host=host, port=port, unit_id=unit_id
    )


def filled_in(config: ConnectionConfig) -> dict[str, Any]:
    """Fill a form in with an address, as `read_form` would understand it."""
    return {
        CONF_HOST: config.host,
        CONF_PORT: config.port,
        CONF_SHARED: config.transport is Transport.SHARED,
        CONF_DEVICE: config.device,
        CONF_BAUD_RATE: str(config.baud_rate),
        CONF_UNIT_ID: config.unit_id,
    }


def placeholders(told: Mapping[str, Any]) -> dict[str, str]:
    """Say what was asked, for the sentences about what was wrong with it."""
    units = units_tried(told.get(CONF_UNIT_ID, ConnectionConfig.unit_id))
    return {
        "host": told.get(CONF_HOST, ""),
        "port": str(told.get(CONF_PORT, ConnectionConfig.port)),
        "device": told.get(CONF_DEVICE, ""),
        "baud_rate": told.get(CONF_BAUD_RATE, _BAUD_RATES[0]),
        "units": ", ".join(str(unit) for unit in units),
    }


_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_WEB = ("http", "https")


def parse_host(text: str, port: int) -> tuple[str, int]:
    """Take host and port apart; the port given is used where the text names none.

    Raises ValueError where the text names no host.
    """
    scheme, _, rest = text.strip().lower().rpartition("://")
    host, named = _split(rest.partition("/")[0])
    if not _is_host(host):
        raise ValueError(f"no host: {text!r}")
    if named and scheme not in _WEB:
        port = int(named)  # The port of a web page is none of Modbus's.
    if not 1 <= port <= 65535:
        raise ValueError(f"no port: {text!r}")
    return host, port


def _split(authority: str) -> tuple[str, str]:
    """Take `host:port` or `[host]:port` apart; a bare IPv6 address has no port."""
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        return host, rest.removeprefix(":")
    if authority.count(":") == 1:
        host, _, named = authority.partition(":")
        return host, named
    return authority, ""


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        named = all(_LABEL.fullmatch(label) for label in labels) and len(host) < 254
        # "192.168.1" would be taken for 192.168.0.1 by a resolver.
        return named and not labels[-1].isdigit()
    return True
