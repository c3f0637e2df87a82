"""Origins: what browsers send, and nothing that would let in more sites than one."""

import pytest

from chalicelib.rules.origins import origin_of


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://www.example.org", "https://www.example.org"),
        (" HTTPS://WWW.Example.ORG/ ", "https://www.example.org"),
        ("https://example.org:443", "https://example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("https://müller.example", "https://xn--mller-kva.example"),
        ("https://xn--mller-kva.example", "https://xn--mller-kva.example"),
        ("https://xn--strae-oqa.example", "https://xn--strae-oqa.example"),
        ("\ufeffhttps://www.example.org\u200b", "https://www.example.org"),
        ("ｈｔｔｐｓ：／／www.example.org", "https://www.example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
    ],
)
def test_an_address_of_a_site_is_written_as_browsers_send_it(typed: str, origin: str) -> None:
    assert origin_of(typed) == origin


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "www.example.org",
        "http://www.example.org",
        "http://localhost.example.org",
        "https://*.example.org",
        "https://*",
        "*",
        "https:",
        "https://",
        "https://example.org/sessions",
        "https://example.org?",
        "https://example.org#top",
        "https://me@example.org",
        "https://@example.org",
        "https://example.org https://other.example",
        "https://example.org;script-src *",
        "https://example.org,other.example",
        "https://example.org'",
        "https://exa\nmple.org",
        "https://example.org:99999",
        "https://example.org:port",
        "https://[::1]",
        "https://straße.example",
        "https://example..org",
        f"https://{'a' * 64}.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "'self'",
    ],
)
def test_everything_else_is_no_origin(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is not shown
        origin_of(typed)
