"""No e-mail has text that a stranger typed into a public form beside another person's address."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.operations import email_templates, public_registration, waitlist
from chalicelib.operations.customers import edit_customer
from chalicelib.rules import customers as rules
from chalicelib.rules.customers import Customer, Participant
from chalicelib.rules.inputs.customers import CustomerChanges
from chalicelib.rules.inputs.email_templates import TemplateInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.sessions import Session
from chalicelib.rules.text import without_link
from chalicelib.tables import customers
from tests.operations.simulated_aws import Ses, Streams
from tests.samples import REGISTRATION

OpenSession = Callable[..., Session]
CAMILLE = "camille@example.org"
PHISHING = "customer, your account was locked. Call 0900 1234 to unlock it"
CHILD = "Urgent: call 0900 1234"


def booked(now: datetime, *, name: str = PHISHING, child: str = CHILD, key: str = "1", **more: Any) -> None:
    draft = RegistrationInput(email=CAMILLE, name=name, participants=[ParticipantInput(name=child)])
    public_registration.register("demo", "s1", draft, locale="en", key=key, source="192.0.2.1", now=now, **more)


def worded(kind: str, body: str, now: datetime) -> None:
    email_templates.edit_template("demo", kind, "en", TemplateInput(subject="Hi", body=body), by="ida", expected=None, now=now)


def known(now: datetime, **more: Any) -> None:
    customers.create(Customer("demo", "c1", CAMILLE, "Camille Moreau", now, participants=(Participant("Noé"),), **more))


def test_an_address_that_nobody_confirmed_is_greeted_without_a_name(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    open_session()
    booked(now)
    streams.drain(now)
    (text,) = ses.texts
    assert "\nHello,\n" in text
    assert "Registered: 1 spot\n" in text
    assert "0900" not in str(ses.sent)


def test_the_customer_that_such_a_registration_made_vouches_for_nothing(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    open_session()
    for number in range(2):
        booked(now, key=str(number), child=f"{CHILD} {number}")
        streams.drain(now)
    assert len(ses.texts) == 2
    assert "0900" not in str(ses.sent)


def test_a_known_customer_is_greeted_by_the_name_that_is_known(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    open_session()
    known(now)
    booked(now)
    booked(now, key="2", name="camille moreau", child="noé")
    streams.drain(now)
    assert all("\nHello Camille Moreau,\n" in text for text in ses.texts)
    assert ["Registered: noé\n" in text for text in ses.texts].count(True) == 1
    assert "0900" not in str(ses.sent)


def test_staff_who_edit_such_a_customer_vouch_for_it(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    booked(now, name="Camille")
    streams.drain(now)
    made = customers.of_address("demo", CAMILLE)
    assert made
    assert made.unconfirmed
    edit_customer("demo", made.id, CustomerChanges(name="Camille Moreau"), expected=None)
    booked(now, key="2", child="Mia")
    streams.drain(now)
    assert "\nHello Camille Moreau,\n" in ses.texts[-1]


def test_an_account_vouches_for_its_customer(tables: None, now: datetime) -> None:
    known(now, unconfirmed=True)
    accepted = customers.accept(customers.get("demo", "c1"), "user-1")
    assert not accepted.unconfirmed
    assert customers.get("demo", "c1") == accepted


def test_a_signed_in_customer_reads_their_own_names(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    known(now, unconfirmed=True)
    booked(now, name="Camille M.", child="Lou", signed_in=True)
    streams.drain(now)
    assert "\nHello Camille M.,\n" in ses.texts[0]
    assert "Registered: Lou\n" in ses.texts[0]
    noted = customers.get("demo", "c1")
    assert (noted.unconfirmed, [child.name for child in noted.participants]) == (False, ["Noé", "Lou"])


@pytest.mark.parametrize("signed_in", [False, True])
def test_custom_text_has_no_such_name_either(signed_in: bool, open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    """The control: the same words name who has signed in."""
    open_session()
    worded("confirmation", "Dear {{customer_name}}: {{participants}} {{link}}", now)
    booked(now, signed_in=signed_in)
    streams.drain(now)
    assert ("0900" in ses.texts[0]) == signed_in
    assert (f"Dear {CAMILLE}" in ses.texts[0]) != signed_in


def test_a_place_on_the_waitlist_says_no_name(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session(spots_total=1)
    worded("waitlist_joined", "Dear {{customer_name}} {{link}}", now)
    booked(now)
    waitlist.join("demo", "s1", JoinInput(email=CAMILLE, name=PHISHING), locale="en", key="w", now=now)
    streams.drain(now)
    assert len(ses.texts) == 2
    assert "0900" not in str(ses.sent)


@pytest.mark.parametrize("source", ["public", "code"])
def test_publicly_typed_names_are_left_out(source: Any) -> None:
    typed = replace(REGISTRATION, source=source, invited_email="", name=PHISHING, participants=(CHILD, "Noé"))
    assert rules.with_known_names(typed, None).participants == ()
    assert rules.with_known_names(replace(typed, source="staff"), None).name == PHISHING


@pytest.mark.parametrize("name", ["https://evil.example/x", "Sign in at www.evil", "mail me@evil.org", "Evil.com", "a ｗｗｗ．b", "x://y"])
def test_a_link_is_no_name(name: str) -> None:
    with pytest.raises(ValueError, match="without links"):
        without_link(name)


@pytest.mark.parametrize(
    "name", ["J.R. Ewing", "St.Clair", "Anne-Marie d'Orsay", "ana@example.org", "D.J. (class 3.b)", "AC/DC", "Léo @ home"]
)
def test_people_may_be_called_so(name: str) -> None:
    assert without_link(name) == name
