"""The page that confirms a registration, as the registration changes."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import links, organisations, public_registration, sessions
from chalicelib.operations.registrations import remove_registration, set_billing, transfer
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.roster import BillingStatusInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.sessions import Session
from chalicelib.tables import organisations as tables
from tests.pages.browser import Browser
from tests.pages.test_public_registration import FORM, page_of

ON_ITS_WAY = "A confirmation is on its way"


@pytest.fixture
def booked(visitor: Browser, session: Session) -> str:
    """The path of the confirmation page of a new registration."""
    return visitor.send(visitor.get(page_of(session)), FORM).headers["location"]


def registration_of(path: str) -> str:
    return links.read_booking_token(path.partition("?")[0].rpartition("/")[2])[1]


def test_a_confirmation_is_announced_only_just_after_booking(visitor: Browser, booked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ON_ITS_WAY in visitor.get(booked).text
    monkeypatch.setattr(public_registration, "JUST_BOOKED", timedelta(minutes=-1))
    assert ON_ITS_WAY not in visitor.get(booked).text


def test_no_confirmation_is_promised_to_a_suppressed_address(visitor: Browser, booked: str, today: datetime) -> None:
    tables.set_unsubscribed("demo", "ana@example.org", unsubscribed=True, now=today)
    assert ON_ITS_WAY in visitor.get(booked).text, "a confirmation leaves to who unsubscribed"
    tables.note_bounce("demo", "ana@example.org", sent_at=today, now=today)
    assert ON_ITS_WAY not in visitor.get(booked).text


@pytest.mark.parametrize("reply_to", ["", "hello@example.org"])
def test_the_organiser_can_be_written_to_only_with_a_reply_address(visitor: Browser, booked: str, reply_to: str) -> None:
    organisations.change("demo", OrganisationChanges(reply_to=reply_to), expected=None)
    assert ("Write to Demo" in visitor.get(booked).text) == bool(reply_to)


def test_a_cancelled_session_is_cancelled_on_the_registration_too(visitor: Browser, booked: str, session: Session, today: datetime) -> None:
    sessions.cancel_session("demo", session.id, CancelInput(reason="Storm <1>"), by="m", now=today)
    page = visitor.get(booked)
    assert "This session is cancelled" in page.text
    assert "Storm <1>" in page.text
    assert not [
        words for words in ("You are registered", ON_ITS_WAY, "will send payment details", "Create an account") if words in page.text
    ]


def test_a_transferred_registration_links_to_its_new_session(
    visitor: Browser, booked: str, make_session: Callable[..., Session], today: datetime
) -> None:
    target = make_session(title="The other one")
    moved = transfer("demo", registration_of(booked), target.id, by="m", key="k", now=today).registration
    page = visitor.get(booked)
    assert "This registration was moved to The other one." in page.text
    assert "taken off the roster" not in page.text
    there = f"/b/{links.booking_token(moved)}"
    assert there in page.html
    assert "You are registered" in visitor.get(there).text


def test_a_removed_registration_says_so(visitor: Browser, booked: str, today: datetime) -> None:
    remove_registration("demo", registration_of(booked), by="m", now=today)
    page = visitor.get(booked)
    assert "taken off the roster" in page.text
    assert "You are registered" not in page.html


def test_a_paid_registration_asks_for_no_payment(visitor: Browser, booked: str, today: datetime) -> None:
    assert "will send payment details" in visitor.get(booked).text
    set_billing("demo", registration_of(booked), BillingStatusInput(status="paid"), by="m", now=today)
    page = visitor.get(booked)
    assert "Paid" in page.text
    assert "will send payment details" not in page.text
