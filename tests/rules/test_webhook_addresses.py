"""R15: which addresses a webhook may lead to."""

import pytest

from chalicelib.rules.webhook_addresses import Target, is_public, target

PRIVATE = [
    *("127.0.0.1", "127.8.9.10", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
    *("169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "198.18.0.1"),
    *("198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:10.0.0.1", "::127.0.0.1", "::10.0.0.1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:7f00:1::"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4007:80e::2004"]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_webhook_leads_to_an_address_of_a_network_of_ones_own(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "https://",
            "https:///hook",
            "http://example.org/",
            "ftp://example.org/",
            "javascript:alert(1)",
            "//example.org",
            "example.org",
        ),
        *("https://user@example.org/", "https://user:secret@example.org/", "https://example.org/#part", "https://example.org:99999/"),
        *(
            "https://localhost/",
            "https://internal/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://10.0.0.1",
        ),
        *("https://2130706433/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.1/", "https://169.254.169.254/latest/meta-data/"),
        *(
            "https://exa mple.org/",
            "https://example.org/\r\nX-Injected: 1",
            "https://example.org/\x00",
            "https://exämple.org/",
            "https://-a.org/",
        ),
        *(
            "https://example.org\\@127.0.0.1/",
            "https://example.org/" + "a" * 2_000,
            "https://.org/",
            "http://127.0.0.1:8080/",
            "https://[::1",
        ),
    ],
)
def test_other_texts_are_no_targets(url: str) -> None:
    assert target(url) is None


def test_a_target_says_what_to_connect_to() -> None:
    assert target("https://Example.org/hook?a=1") == Target(True, "example.org", 443, "/hook?a=1", "Example.org")
    assert target("https://example.org:8443") == Target(True, "example.org", 8443, "/", "example.org:8443")
    assert target("https://[2606:4700:4700::1111]/") == Target(True, "2606:4700:4700::1111", 443, "/", "[2606:4700:4700::1111]")


def test_the_local_stack_reaches_this_machine_and_nothing_else_without_tls() -> None:
    assert target("http://127.0.0.1:8099/x", local=True) == Target(False, "127.0.0.1", 8099, "/x", "127.0.0.1:8099")
    others = (
        "http://127.0.0.2/",
        "http://localhost/",
        "http://10.0.0.1/",
        "http://example.org/",
        "http://[::1]/",
        "http://169.254.169.254/",
    )
    assert [url for url in others if target(url, local=True)] == []
