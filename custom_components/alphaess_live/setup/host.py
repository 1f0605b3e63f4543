"""Reads a host as people type or paste it: with blanks, as a web address, with a port."""

from ipaddress import ip_address
import re

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
