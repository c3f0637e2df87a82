"""Changes of a session that e-mail people, and cancelling it: what the page says first."""

from datetime import UTC, datetime

import pytest

from chalicelib.operations import invoices, registrations, sessions
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser
from tests.pages.test_sessions import Invite


def test_cancelling_says_what_happens_first(manager: Browser, session: Session, invite: Invite, today: datetime) -> None:
    draft = RegistrationInput.model_validate({"email": "x@example.org", "name": "X", "participants": [{"name": "X"}]})
    registrations.register("demo", session.id, draft, locale="en", key="1", now=today)
    invite("ana@example.org")
    question = manager.get(f"/o/demo/sessions/{session.id}/cancel")
    for sentence in ("1 registration stays as history.", "1 invitation ends, and its link stops working.", "This cannot be undone."):
        assert sentence in question.text
    assert question.form().fields["tell"] == "true"
    shown = manager.follow(manager.send(question, {"reason": "The teacher is ill."}))
    assert "Cancelled on" in shown.text
    assert "The teacher is ill." in shown.text
    assert f"/o/demo/sessions/{session.id}/invite" not in shown.links


@pytest.fixture
def booked(session: Session, today: datetime) -> Session:
    """The session with two registered people."""
    for email in ("ana@example.org", "ben@example.org"):
        draft = RegistrationInput.model_validate({"email": email, "name": email, "participants": [{"name": email[:3]}]})
        registrations.register("demo", session.id, draft, locale="en", key=email, now=today)
    return session


def location_of(session: Session) -> tuple[str, bool]:
    found = sessions.read_session("demo", session.id, now=datetime.now(UTC)).session
    return found.location, found.tell_moved


def test_a_change_that_e_mails_people_says_how_many_before_it_is_saved(manager: Browser, booked: Session) -> None:
    question = manager.send(manager.get(f"/o/demo/sessions/{booked.id}/edit"), {"location": "Gym"})
    assert (question.status, location_of(booked)) == (200, ("", True))
    assert "2 people get an e-mail about the new date or place." in question.text
    saved = manager.send(question, {})
    assert location_of(booked) == ("Gym", True)
    assert "An e-mail tells people the new date or place" in manager.follow(saved).text


def test_a_change_can_be_saved_silently(manager: Browser, booked: Session) -> None:
    question = manager.send(manager.get(f"/o/demo/sessions/{booked.id}/edit"), {"location": "Gym"})
    fields = {name: value for name, value in question.form().fields.items() if name != "tell"}
    saved = manager.post(question.path, fields)
    assert location_of(booked) == ("Gym", False)
    assert "Saved." in manager.follow(saved).text
    assert "e-mail" not in manager.follow(saved).text.partition("Saved.")[2][:60]


def test_another_number_than_was_said_is_asked_again(manager: Browser, booked: Session) -> None:
    question = manager.send(manager.get(f"/o/demo/sessions/{booked.id}/edit"), {"location": "Gym"})
    assert "2 people get an e-mail" in manager.send(question, {"people": "1"}).text
    assert location_of(booked) == ("", True)


@pytest.mark.parametrize("change", [{"title": "Karate"}, {"description": "New"}, {"spots_total": "9"}])
def test_a_change_that_e_mails_nobody_is_saved_at_once(manager: Browser, booked: Session, change: dict[str, str]) -> None:
    assert manager.send(manager.get(f"/o/demo/sessions/{booked.id}/edit"), change).status == 303


def test_a_session_with_nobody_on_it_is_moved_without_a_question(manager: Browser, session: Session) -> None:
    assert manager.send(manager.get(f"/o/demo/sessions/{session.id}/edit"), {"location": "Gym"}).status == 303


def invoiced(session: Session, now: datetime) -> None:
    for email in ("ana@example.org", "ben@example.org"):
        draft = {"new_customer": {"name": "Ana", "email": email}, "participants": [{"name": email}], "billing": {"method": "invoice"}}
        added = registrations.add("demo", session.id, AddInput.model_validate(draft), by="m", key=email, now=now).registration
        invoices.issue(added, by="m", now=now)


@pytest.mark.parametrize("ticked", [True, False])
def test_cancelling_offers_to_credit_open_invoices(manager: Browser, session: Session, today: datetime, ticked: bool) -> None:
    invoiced(session, today)
    question = manager.get(f"/o/demo/sessions/{session.id}/cancel")
    assert "2 people get one." in question.text
    assert "Credit 2 open invoices, €24.00 in all" in question.text
    fields = question.form().fields
    if not ticked:
        del fields["credit_invoices"]
    assert manager.post(question.path, fields).status == 303
    cancelled = sessions.read_session("demo", session.id, now=today).session
    assert cancelled.credit_by == ("manager@demo.test" if ticked else "")


def test_cancelling_without_open_invoices_offers_nothing(manager: Browser, booked: Session) -> None:
    assert "Credit" not in manager.get(f"/o/demo/sessions/{booked.id}/cancel").text
