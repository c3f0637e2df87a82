"""Addresses are compared in one form, however they are written."""

import pytest

from chalicelib.rules import erasing
from chalicelib.rules.addresses import compared, in_ascii, spellings

BOOKS = "ana@xn--bcher-kva.example"
WRITTEN = {
    "in Unicode": "ana@bücher.example",
    "in ASCII": BOOKS,
    "in capitals": " ANA@BÜCHER.Example",
    "in ASCII capitals": "ana@XN--BCHER-KVA.example",
    "composed of parts": "ana@bu\u0308cher.example",
    "wide": "ana@ｂücher.example",
    "with another full stop": "ana@bücher\u3002example",
}


@pytest.mark.parametrize("typed", WRITTEN.values(), ids=WRITTEN)
def test_a_domain_is_the_same_in_every_spelling(typed: str) -> None:
    assert compared(typed) == BOOKS


@pytest.mark.parametrize("typed", ["ana@例え.テスト", "ana@straße.example", "ana@faß.müller.example", "ana@español.example"])
def test_the_form_is_that_of_mail_servers(typed: str) -> None:
    assert compared(typed) == in_ascii(typed)
    assert typed in spellings(compared(typed))


@pytest.mark.parametrize(
    ("typed", "other"),
    [("a.na@example.org", "ana@example.org"), ("ana+kids@example.org", "ana@example.org"), ("ana@bücher.example", "ana@bucher.example")],
)
def test_what_differs_differs(typed: str, other: str) -> None:
    assert compared(typed) != compared(other)


@pytest.mark.parametrize(
    "typed", ["", "@", "ana", "bücher", "ana@", "ana@\ud800", "ana@xn--", "ana@xn--ü.x", "ana@xn--999999999.x", "josé@example.org"]
)
def test_whatever_is_typed_has_a_form_that_stays(typed: str) -> None:
    assert compared(compared(typed)) == compared(typed)
    assert compared(typed) in spellings(typed)


def test_an_address_is_erased_in_every_spelling() -> None:
    traces = erasing.traces(["ana@bücher.example"], staff=[])
    assert erasing.scrubbed(f"to {BOOKS} or Ana@Bücher.example", traces) == f"to {erasing.ERASED} or {erasing.ERASED}"
