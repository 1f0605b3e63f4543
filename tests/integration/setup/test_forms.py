"""What a user enters as host is understood, or refused."""

import pytest

from custom_components.alphaess_live.setup.forms import parse_host


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("192.168.1.50", "192.168.1.50", 502),
        (" 192.168.1.50. ", "192.168.1.50", 502),
        ("192.168.1.50:1502", "192.168.1.50", 1502),
        ("Inverter.Local", "inverter.local", 502),
        ("inverter.local.", "inverter.local", 502),
        ("inverter.local.:1502", "inverter.local", 1502),
        ("http://inverter.local:8080/admin?a=b", "inverter.local", 502),
        ("HTTP://INVERTER.LOCAL:8080", "inverter.local", 502),
        ("modbus://inverter.local:1502", "inverter.local", 1502),
        ("wechselrichter-K\u00dcche.lan", "xn--wechselrichter-kche-lbc.lan", 502),
        ("xn--wechselrichter-kche-lbc.lan", "xn--wechselrichter-kche-lbc.lan", 502),
        ("fa\u00df.de", "xn--fa-hia.de", 502),
        ("FASS.de", "fass.de", 502),
        ("0x7f.lan", "0x7f.lan", 502),
        ("my_inverter.lan", "my_inverter.lan", 502),
        ("inverter\u3002local", "inverter.local", 502),
        ("\uff11\uff19\uff12.168.1.50", "192.168.1.50", 502),
        ("fe80::1%eth0", "fe80::1%eth0", 502),
        ("FE80::1%Eth0", "fe80::1%Eth0", 502),
        ("Fe80:0000::0001%en0.2", "fe80::1%en0.2", 502),
        ("[fe80::1%eth0]:1502", "fe80::1%eth0", 1502),
        ("http://[FE80::1%25eth0]/", "fe80::1%eth0", 502),
        ("2001:DB8::0:5", "2001:db8::5", 502),
        ("[::1]", "::1", 502),
    ],
)
def test_host_is_understood_in_any_spelling(text: str, host: str, port: int) -> None:
    assert parse_host(text, 502) == (host, port)


@pytest.mark.parametrize(
    "text",
    [
        "http://user:pass@192.168.1.50",
        "user:pass@192.168.1.50",
        "http://user@inverter.local",
        "0x7f000001",
        "0X7F000001",
        "0x7f.1",
        "0x7f.0x1",
        "10.0.0.0x1",
        "2130706433",
        "127.1",
        "192.168.001.005",
        "a\u200db.lan",
        "fe80::1",
        "[fe80::1]:502",
        "fe80::1%",
        "192.168.1.50%eth0",
        "inverter.local%eth0",
        "inverter..",
        "inverter.local:5_02",
        "inverter.local:+502",
        "[::1]502x",
        "k\u00fcche..lan",
        "\u00fc" * 64,
        "a" * 64,
        "inverter.local?page=1",
        "\ud800.lan",
    ],
)
def test_host_that_names_no_device_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no |[Ll]abel|[Cc]odepoint|Joiner"):
        parse_host(text, 502)
