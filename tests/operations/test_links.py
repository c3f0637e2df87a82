"""Kinds of links: each reads its own tokens, and none of another kind."""

from collections.abc import Callable

import pytest

from chalicelib.config import config
from chalicelib.operations import links
from chalicelib.operations.links import LinkKind
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration, with_address
from tests.samples import letter

KINDS = [kind for kind in vars(links).values() if isinstance(kind, LinkKind)]
PARTS = ("demo", "s1", "abc")


def token(kind: LinkKind, *, secret: str = "") -> str:
    return kind.token(*PARTS[: kind.length], secret=secret)


def test_names_of_kinds_differ() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS) == 19


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_reads_its_own_tokens_only(kind: LinkKind) -> None:
    assert kind.read(token(kind)) == PARTS[: kind.length]
    for other in KINDS:
        if other != kind:
            with pytest.raises(NotFound):
                kind.read(token(other))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_missing_surplus_and_empty_parts_are_refused(kind: LinkKind) -> None:
    for parts in ((), PARTS[: kind.length - 1], (*PARTS[: kind.length], "more"), ("",) * kind.length):
        for read in (kind.read, kind.unverified):
            with pytest.raises(NotFound):
                read(kind.token(*parts))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_token_with_a_secret_is_genuine_with_that_secret_only(kind: LinkKind) -> None:
    sealed = token(kind, secret="hush")
    assert kind.unverified(sealed) == PARTS[: kind.length]
    assert [kind.is_genuine(sealed, secret) for secret in ("hush", "other", "")] == [True, False, False]
    with pytest.raises(NotFound):
        kind.read(sealed)


def test_a_path_takes_the_organisation_from_the_token() -> None:
    registration = letter("confirmation").registration
    assert registration
    opened = links.check_in_token(registration)
    assert links.check_in_link(registration) == f"{config().public_url}/o/{registration.org}/check-in/{opened}"
    assert links.booking_link(registration) == f"{config().public_url}/b/{links.booking_token(registration)}"


@pytest.mark.parametrize(
    ("kind", "check"),
    [(links.BOOKING, links.check_booking_token), (links.REGISTERED, links.check_registered_token)],
    ids=["today", "before"],
)
def test_the_link_of_a_booking_ends_when_its_address_is_corrected(
    kind: LinkKind, check: Callable[[Registration, str], Registration]
) -> None:
    registration = letter("confirmation").registration
    assert registration
    older = kind.token(registration.org, registration.public_id)
    assert check(registration, older) is registration, "links from before corrections were counted work on"
    corrected = with_address(registration, "right@example.org", confirm=False)
    with pytest.raises(NotFound):
        check(corrected, older)
    newer = kind.token(registration.org, registration.public_id, secret=str(corrected.link_version))
    assert check(corrected, newer) is corrected
    back = with_address(corrected, registration.email, confirm=False)
    for token in (older, newer):
        with pytest.raises(NotFound):
            check(back, token)


@pytest.mark.parametrize("text", ["", "unreadable", "{0}", "a.b.c"])
def test_a_page_is_built_from_any_token(text: str) -> None:
    assert links.unsubscribe_page(text) == f"{config().public_url}/unsubscribe/{text}"
