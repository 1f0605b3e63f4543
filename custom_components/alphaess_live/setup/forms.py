"""The form of each transport, and how the user's input becomes a connection config."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address
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
import idna
import probatio

from ..connection.link import ConnectionConfig, Transport
from ..const import CONF_BAUD_RATE, CONF_SHARED, CONF_UNIT_ID
from .probe import NotFoundError, SetupProblem, candidate_unit_ids

_BAUD_RATES = ("9600", "19200", "115200", "256000")
"""Baud rates that an AlphaESS supports, its default first."""


def _integer_up_to(maximum: int) -> probatio.All[int]:
    """Build a field for an integer from 1 to a maximum."""
    config = NumberSelectorConfig(min=1, max=maximum, mode=NumberSelectorMode.BOX)
    return probatio.All(NumberSelector(config), probatio.Coerce(int))


_UNIT_FIELD = {
    probatio.Required(CONF_UNIT_ID, default=ConnectionConfig.unit_id): _integer_up_to(
        247
    )
}
_PORT_FIELDS = {
    probatio.Required(CONF_HOST): TextSelector(),
    probatio.Required(CONF_PORT, default=ConnectionConfig.port): _integer_up_to(65535),
}
_BAUD_RATE = SelectSelector(
    SelectSelectorConfig(options=list(_BAUD_RATES), mode=SelectSelectorMode.DROPDOWN)
)
_NETWORK = probatio.Schema(
    _PORT_FIELDS
    | _UNIT_FIELD
    | {probatio.Required(CONF_SHARED, default=False): BooleanSelector()}
)

FORMS = {
    Transport.TCP: _NETWORK,
    Transport.SHARED: _NETWORK,
    Transport.RTU_OVER_TCP: probatio.Schema(_PORT_FIELDS | _UNIT_FIELD),
    Transport.SERIAL: probatio.Schema(
        {
            probatio.Required(CONF_DEVICE): SerialPortSelector(),
            probatio.Required(CONF_BAUD_RATE, default=_BAUD_RATES[0]): _BAUD_RATE,
        }
        | _UNIT_FIELD
    ),
}
"""The form of each transport that has an address."""

FIELDS = {
    SetupProblem.INVALID_HOST: CONF_HOST,
    SetupProblem.NAME_NOT_FOUND: CONF_HOST,
    SetupProblem.UNREACHABLE: CONF_HOST,
    SetupProblem.NOT_MODBUS: CONF_PORT,
    SetupProblem.NO_PORT: CONF_DEVICE,
    SetupProblem.PORT_IN_USE: CONF_DEVICE,
}
"""The field that shows a problem; other problems are shown above the form."""


def read_form(transport: Transport, user_input: Mapping[str, Any]) -> ConnectionConfig:
    """Convert the user's input to a connection config. Raises NotFoundError for invalid input."""
    unit_id = user_input[CONF_UNIT_ID]
    if transport is Transport.SERIAL:
        device = user_input[CONF_DEVICE].strip()
        if not device.startswith("/"):
            raise NotFoundError(SetupProblem.NO_PORT)
        baud_rate = int(user_input[CONF_BAUD_RATE])
        return ConnectionConfig.with_defaults(
            transport, device=device, baud_rate=baud_rate, unit_id=unit_id
        )
    try:
        host, port = parse_host(user_input[CONF_HOST], user_input[CONF_PORT])
    except ValueError as err:
        raise NotFoundError(SetupProblem.INVALID_HOST) from err
    if CONF_SHARED in user_input:
        transport = Transport.SHARED if user_input[CONF_SHARED] else Transport.TCP
    return ConnectionConfig.with_defaults(
        transport, host=host, port=port, unit_id=unit_id
    )


def form_values(config: ConnectionConfig) -> dict[str, Any]:
    """Convert a connection config to the values of its form."""
    return {
        CONF_HOST: config.host,
        CONF_PORT: config.port,
        CONF_SHARED: config.transport is Transport.SHARED,
        CONF_DEVICE: config.device,
        CONF_BAUD_RATE: str(config.baud_rate),
        CONF_UNIT_ID: config.unit_id,
    }


def placeholders(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Build the placeholders of the problem texts from the user's input."""
    unit_ids = candidate_unit_ids(
        user_input.get(CONF_UNIT_ID, ConnectionConfig.unit_id)
    )
    return {
        "host": user_input.get(CONF_HOST, ""),
        "port": str(user_input.get(CONF_PORT, ConnectionConfig.port)),
        "device": user_input.get(CONF_DEVICE, ""),
        "baud_rate": user_input.get(CONF_BAUD_RATE, _BAUD_RATES[0]),
        "units": ", ".join(str(unit) for unit in unit_ids),
    }


_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORT = re.compile(r"[0-9]{1,5}")
_WEB_SCHEMES = ("http", "https")


def parse_host(text: str, port: int) -> tuple[str, int]:
    """Split a host or URL into host and port; `port` is used if the text contains none.

    Raises ValueError if the text contains no valid host or port, or a user name.
    """
    scheme, _, rest = text.strip().rpartition("://")
    host, port_text = _split(rest.partition("/")[0])
    host = _normalized_host(host)
    if port_text and not _PORT.fullmatch(port_text):
        raise ValueError(f"no port: {text!r}")
    if port_text and scheme.lower() not in _WEB_SCHEMES:
        port = int(port_text)  # The port of a web page is not the one of Modbus.
    if not 1 <= port <= 65535:
        raise ValueError(f"no port: {text!r}")
    return host, port


def _split(authority: str) -> tuple[str, str]:
    """Split `host:port` or `[host]:port`; an IPv6 address without brackets has no port."""
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        # In a URL, the percent sign before the interface is escaped (RFC 6874).
        return host.replace("%25", "%"), rest.removeprefix(":")
    if authority.count(":") == 1:
        host, _, port_text = authority.partition(":")
        return host, port_text
    return authority, ""


def _normalized_host(text: str) -> str:
    """Return a host in the one form that equal hosts have. Raises ValueError if it is none.

    An address is compressed; the name of its interface keeps its case. A name is in
    lower case and ASCII, by IDNA 2008, without the dot at its end.
    """
    address, percent, interface = text.partition("%")
    if not address.isascii():
        address = idna.encode(address, uts46=True).decode("ascii")
    name = address.lower().removesuffix(".")
    try:
        ip = ip_address(name + percent + interface)
    except ValueError:
        labels = name.split(".")
        is_name = all(_LABEL.fullmatch(label) for label in labels) and len(name) < 254
        # A resolver would read "192.168.1" as 192.168.0.1, and "0x7f000001" as 127.0.0.1.
        if percent or not is_name or _NUMBER.fullmatch(labels[-1]):
            raise ValueError(f"no host: {text!r}") from None
        return name
    if ip.is_link_local and isinstance(ip, IPv6Address) and not ip.scope_id:
        raise ValueError(f"no interface: {text!r}")
    return str(ip)
