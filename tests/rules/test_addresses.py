"""E-mail addresses: one canonical form for all spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from chalicelib.rules import erasure
from chalicelib.rules.addresses import SHORT, USUAL, address, compared, in_ascii, masked, spellings

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
    traces = erasure.traces(["ana@bücher.example"], staff=[])
    assert erasure.scrubbed(f"to {BOOKS} or Ana@Bücher.example", traces) == f"to {erasure.ERASED} or {erasure.ERASED}"


@pytest.mark.parametrize(
    "typed",
    [
        "ana@example.org",
        "Ana.Martin+kids@Example.ORG",
        "o'brien@example.org",
        "ana_m-1@sub.example.co.uk",
        "ana@bücher.example",
        "ana@xn--bcher-kva.example",
        "a@b.co",
        "ana@demo.test",
    ],
)
def test_an_address_is_kept_as_typed(typed: str) -> None:
    assert address(f"  {typed}\n") == typed


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "ana@example",
        "ana@@example.org",
        "ana example@example.org",
        "ana@exa mple.org",
        ".ana@example.org",
        "ana.@example.org",
        "a..na@example.org",
        "ana@-example.org",
        "ana@example..org",
        "ana@[127.0.0.1]",
        '"ana"@example.org',
        "Ana <ana@example.org>",
        "ana@example.org, bob@example.org",
        "ana@example.org\nBcc: bob@example.org",
        "a" * 65 + "@example.org",
    ],
)
def test_an_invalid_address_is_refused(typed: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        address(typed)
    assert refused.value.type == "not_an_address"


WORD, LABEL = st.from_regex(r"[A-Za-z0-9_'+-]{1,9}", fullmatch=True), st.from_regex(r"[A-Za-z0-9-]{1,9}", fullmatch=True)


@given(st.lists(WORD, min_size=1, max_size=3), st.lists(LABEL, min_size=1, max_size=4))
def test_a_usual_address_is_one_for_the_library_too(name: list[str], domain: list[str]) -> None:
    typed = f"{'.'.join(name)}@{'.'.join(domain)}.org"
    assert not USUAL.fullmatch(typed) or len(typed) > SHORT or in_ascii(typed)


@pytest.mark.parametrize(
    "typed", ["ana@xn--999999999.example", "ana@ab--c.example", "ana@example.org\n", "ana@example.1", "aNa@exampſe.org"]
)
def test_what_may_be_no_address_is_left_to_the_library(typed: str) -> None:
    assert not USUAL.fullmatch(typed)


@pytest.mark.parametrize("typed", ["josé@example.org", "李@example.org"])
def test_ses_cannot_write_to_accents_before_the_at_sign(typed: str) -> None:
    with pytest.raises(PydanticCustomError) as refused:
        address(typed)
    assert refused.value.type == "accents_in_address"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ana@example.org", "a•••@e•••.org"),
        ("a@b.co", "a•••@b•••.co"),
        ("ana@mail.example.co.uk", "a•••@m•••.uk"),
        ("ana@bücher.example", "a•••@b•••.example"),
    ],
)
def test_a_masked_address_shows_its_first_letters(typed: str, shown: str) -> None:
    assert masked(typed) == shown
