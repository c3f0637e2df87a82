"""Consents: the public must agree, staff may leave them open, and the wording is kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import invitations, links, public_registration, registrations, sessions
from chalicelib.operations.invitations import Accepted
from chalicelib.rules.consents import Consent
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.inputs.roster import AddInput, RegistrationChanges
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.questions import Question
from chalicelib.rules.registration_refusals import AnswersDoNotFit
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session

WORDING = "You may take photos of my child."
PHOTOS = Question("photos", WORDING, "consent", required=True)
OpenSession = Callable[..., Session]


@pytest.fixture
def session(open_session: OpenSession) -> Session:
    return open_session(questions=(PHOTOS,))


def registered(session: Session, now: datetime, **answers: Any) -> Registration:
    draft = RegistrationInput.model_validate(
        {"email": "ana@example.org", "name": "Ana", "participants": [{"name": "Kim"}], "answers": answers}
    )
    return public_registration.register("demo", session.id, draft, locale="en", key="k", source="", now=now).registration


def added(session: Session, now: datetime, **answers: Any) -> Registration:
    new = {"name": "Ana", "email": "ana@example.org"}
    draft = AddInput.model_validate({"new_customer": new, "participants": [{"name": "Kim"}], "answers": answers})
    return registrations.add("demo", session.id, draft, by="owner", key="k", now=now).registration


def stored(registration: Registration) -> Registration:
    return registrations.read_registration("demo", registration.public_id)[0]


def test_a_booking_without_the_consent_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(AnswersDoNotFit) as refused:
        registered(session, now, photos=False)
    assert [(field, code) for field, code, _ in refused.value.faults] == [("/answers/photos", "consent_needed")]
    assert sessions.read_session("demo", session.id, now=now).spots.taken == 0


def test_a_later_change_of_the_label_does_not_change_what_was_agreed(session: Session, now: datetime) -> None:
    made = registered(session, now, photos=True)
    question = {"id": "photos", "label": "We may film.", "kind": "consent"}
    changes = SessionChanges.model_validate({"questions": [question]})
    view = sessions.edit_session("demo", session.id, changes, expected=None, now=now)
    assert view.session.questions[0].required
    again = RegistrationChanges.model_validate({"answers": {"photos": True}})
    registrations.change_registration("demo", made.public_id, again, now=now + timedelta(hours=1))
    assert stored(made).consents == (Consent("photos", WORDING, now),)


def test_staff_may_leave_it_open_and_note_it_later(session: Session, now: datetime) -> None:
    made = added(session, now, photos=False)
    assert (made.answers, made.consents) == ((), ())
    later = now + timedelta(hours=1)
    changes = RegistrationChanges.model_validate({"answers": {"photos": True}})
    assert registrations.change_registration("demo", made.public_id, changes, now=later).consents == (Consent("photos", WORDING, later),)
    assert stored(made).consents == (Consent("photos", WORDING, later),)
    withdrawn = RegistrationChanges.model_validate({"answers": {}})
    registrations.change_registration("demo", made.public_id, withdrawn, now=later)
    assert (stored(made).answers, stored(made).consents) == ((), ())


def test_an_approved_guest_has_agreed_when_the_form_was_sent(session: Session, now: datetime) -> None:
    draft = InvitationInput.model_validate({"email": "ana@example.org", "forwarding": "approve"})
    invited = invitations.invite("demo", session.id, draft, by="owner", key="i", now=now).invitation
    guest = {"email": "bob@example.org", "name": "Bob", "participants": [{"name": "Kim"}], "answers": {"photos": True}}
    token = links.invitation_token(invited)
    invitations.accept(token, AcceptInput.model_validate(guest), locale="en", now=now)
    found = invitations.approve("demo", invited.public_id, now=now + timedelta(days=1))
    assert isinstance(found, Accepted)
    assert stored(found.registration).consents == (Consent("photos", WORDING, now),)


def test_the_csv_has_the_moment(session: Session, now: datetime) -> None:
    registered(session, now, photos=True)
    heading, line, *_ = sessions.export_roster("demo", session.id, now=now).splitlines()
    assert heading.endswith(f",{WORDING}")
    assert line.rpartition(",")[2].startswith("yes 20")


def test_a_session_without_consents_is_as_before(open_session: OpenSession, now: datetime) -> None:
    assert registered(open_session(questions=(replace(PHOTOS, kind="yes_no", required=False),)), now, photos=False).answers == (
        ("photos", False),
    )
