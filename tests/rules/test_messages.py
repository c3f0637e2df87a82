"""Messages: which are suppressed, their identity, the parts that staff may read, and their subjects."""

from dataclasses import replace
from itertools import combinations
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.messages import BLANK, Content, EmailKind, Message, Withheld, message_id, unwanted
from chalicelib.rules.organisations import Bounce, EmailPreferences
from tests.samples import NOW

KINDS: tuple[EmailKind, ...] = get_args(EmailKind)
MESSAGE = Message("demo", "x", "confirmation", "ana@example.org", "en", NOW)


@pytest.mark.parametrize("unsubscribable", [True, False])
def test_unsubscribing_stops_unsubscribable_messages_only(unsubscribable: bool) -> None:
    stopped = unwanted(EmailPreferences(unsubscribed=True), "portal_reminder", unsubscribable=unsubscribable)
    assert stopped == (Withheld("suppressed", "unsubscribed") if unsubscribable else None)


@pytest.mark.parametrize("unsubscribable", [True, False])
@pytest.mark.parametrize("unsubscribed", [True, False], ids=["unsubscribed too", "subscribed"])
def test_an_address_that_bounces_gets_nothing(unsubscribable: bool, unsubscribed: bool) -> None:
    preferences = EmailPreferences(unsubscribed=unsubscribed, bounce=Bounce())
    assert unwanted(preferences, "portal_reminder", unsubscribable=unsubscribable) == Withheld("suppressed", "suppressed")


@pytest.mark.parametrize("unsubscribable", [True, False])
def test_everybody_else_gets_everything(unsubscribable: bool) -> None:
    assert unwanted(EmailPreferences(), "portal_reminder", unsubscribable=unsubscribable) is None


IDS: dict[str, tuple[EmailKind, str, str]] = {
    "one": ("confirmation", "demo", "s1-r1"),
    "another kind": ("invoice", "demo", "s1-r1"),
    "another organisation": ("confirmation", "zebra", "s1-r1"),
    "another key": ("confirmation", "demo", "s1-r2"),
    "the parts joined in another way": ("confirmation", "demos1", "-r1"),
}


@pytest.mark.parametrize(("one", "other"), list(combinations(IDS, 2)))
def test_two_messages_never_share_an_id(one: str, other: str) -> None:
    assert message_id(*IDS[one]) != message_id(*IDS[other])


def test_a_message_that_is_queued_again_is_the_same() -> None:
    assert message_id(*IDS["one"]) == message_id(*IDS["one"])
    assert len(message_id(*IDS["one"])) == 32


@given(st.lists(st.text("abcdef", min_size=6, max_size=9), max_size=3), st.text("abcdef \n", max_size=30))
def test_no_secret_is_left_in_what_staff_read(secrets: list[str], around: str) -> None:
    text = around.join(["", *secrets, ""])
    blanked = Content("Hello", text, f"<p>{text}</p>").blanked(tuple(secrets))
    assert not [secret for secret in secrets if secret in blanked.text or secret in blanked.html]
    assert blanked.subject == "Hello"
    if not secrets:
        assert blanked.text == text


def test_every_occurrence_is_blanked() -> None:
    assert Content("s", "a key, the key", "<a href='key'>").blanked(("key",)) == Content(
        "s", f"a {BLANK}, the {BLANK}", f"<a href='{BLANK}'>"
    )


@pytest.mark.parametrize(
    ("data", "session", "registrations"),
    [
        ({}, "", []),
        ({"session": "s1"}, "s1", []),
        ({"session": "s1", "registration": "r1"}, "s1", ["r1"]),
        ({"session": "s1", "registrations": ["r1", "r2"]}, "s1", ["r1", "r2"]),
        ({"session": "s1", "registrations": [], "registration": "r1"}, "s1", ["r1"]),
        ({"session": "s1", "registration": ""}, "s1", []),
    ],
    ids=["nothing", "a session", "a registration", "several", "an empty list", "an empty name"],
)
def test_a_message_names_what_it_is_about(data: dict[str, Any], session: str, registrations: list[str]) -> None:
    message = replace(MESSAGE, data=data)
    assert (message.session, message.registrations) == (session, registrations)
