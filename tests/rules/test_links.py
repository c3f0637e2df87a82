"""Link tokens: they show their parts, and cannot be made without the key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.links import is_genuine, parts, pseudonym, token

KEY = "a key"
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
INVITATION = token(KEY, "invitation", "demo", "s1", "abc", secret="1")


@given(names, st.lists(names, max_size=4), names, names)
def test_a_token_shows_its_parts_and_is_genuine(key: str, shown: list[str], kind: str, secret: str) -> None:
    made = token(key, kind, *shown, secret=secret)
    assert parts(made) == tuple(shown)
    assert is_genuine(key, kind, made, secret)
    assert made == token(key, kind, *shown, secret=secret), "the same link can be sent again"


@pytest.mark.parametrize(
    ("key", "kind", "text", "secret"),
    [
        ("another key", "invitation", INVITATION, "1"),
        (KEY, "unsubscribe", INVITATION, "1"),
        (KEY, "invitation", INVITATION, "2"),
        (KEY, "invitation", INVITATION, ""),
        (KEY, "invitation", INVITATION.replace("abc", "abd"), "1"),
        (KEY, "invitation", INVITATION.replace("demo.", ""), "1"),
        (KEY, "invitation", INVITATION.replace("demo.s1", "s1.demo"), "1"),
        (KEY, "invitation", INVITATION.replace("s1.abc", "s1abc"), "1"),
        (KEY, "invitation", INVITATION[:-1], "1"),
        (KEY, "invitation", INVITATION + "A", "1"),
        (KEY, "invitation", INVITATION + ".", "1"),
        (KEY, "invitation", INVITATION.swapcase(), "1"),
        (KEY, "invitation", INVITATION.rpartition(".")[0], "1"),
        (KEY, "invitation", "", "1"),
        (KEY, "invitation", "....", "1"),
        (KEY, "invitation", "demo.s1.abc.é", "1"),
    ],
    ids=[
        *("another key", "another kind", "rotated", "no secret", "another thing", "a part less", "parts swapped", "parts joined"),
        *("cut", "longer", "a part more", "case", "no seal", "empty", "separators", "accents"),
    ],
)
def test_nothing_else_is_genuine(key: str, kind: str, text: str, secret: str) -> None:
    assert not is_genuine(key, kind, text, secret)


@given(st.lists(names, min_size=1, max_size=3), st.lists(names, min_size=1, max_size=3))
def test_tokens_of_different_things_differ(one: list[str], other: list[str]) -> None:
    assert (token(KEY, "k", *one) == token(KEY, "k", *other)) == (one == other)


def test_the_secret_is_not_shown() -> None:
    assert "hush" not in token(KEY, "k", "a", secret="hush")


def test_the_seal_is_long_enough_and_goes_into_an_address() -> None:
    seal = INVITATION.rpartition(".")[2]
    assert len(seal) * 6 >= 128
    assert set(seal) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_a_pseudonym_stays_the_same_and_tells_nothing() -> None:
    assert pseudonym(KEY, "address", "ana@example.org") == pseudonym(KEY, "address", "ana@example.org")
    others = [pseudonym("b", "address", "ana@example.org"), pseudonym(KEY, "user", "ana@example.org"), pseudonym(KEY, "address", "ana")]
    assert pseudonym(KEY, "address", "ana@example.org") not in others
    assert len({len(other) for other in others}) == 1, "not even how long it is"
