"""The ages of a session: the public is refused, staff are asked."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from chalicelib.operations import customers, invitations, links, public_registration, registrations, sessions
from chalicelib.operations.customers.from_registration import ensure_customer
from chalicelib.rules.ages import AgeNotAllowed, AgeToConfirm
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.inputs.roster import AddInput, RegistrationChanges
from chalicelib.rules.inputs.sessions import SessionChanges
from chalicelib.rules.questions import Question
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.registration_refusals import AnswersDoNotFit
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers as tables

SEVEN, FIVE = "2019-05-01", "2021-05-01"
OpenSession = Callable[..., Session]


@pytest.fixture
def session(open_session: OpenSession) -> Session:
    return open_session(min_age=6, max_age=9)


def child(name: str, born: str = "") -> dict[str, Any]:
    return {"name": name, **({"date_of_birth": born} if born else {})}


def registered(session: Session, now: datetime, *children: dict[str, Any]) -> Registration:
    draft = RegistrationInput.model_validate({"email": "ana@example.org", "name": "Ana", "participants": list(children)})
    return public_registration.register("demo", session.id, draft, locale="en", key="k", source="", now=now).registration


def added(session: Session, now: datetime, *children: dict[str, Any], **more: Any) -> Registration:
    said = {"new_customer": {"name": "Ana", "email": "ana@example.org"}, "participants": list(children), **more}
    return registrations.add("demo", session.id, AddInput.model_validate(said), by="owner", key="k", now=now).registration


def test_the_public_is_refused_at_the_child_that_does_not_fit(session: Session, now: datetime) -> None:
    with pytest.raises(AgeNotAllowed) as refused:
        registered(session, now, child("Zoé", SEVEN), child("Max", FIVE), child("Lou"))
    assert [(field, code) for field, code, _ in refused.value.faults] == [
        ("/participants/1/date_of_birth", "too_young"),
        ("/participants/2/date_of_birth", "date_of_birth_needed"),
    ]
    assert sessions.read_session("demo", session.id, now=now).spots.taken == 0
    assert registered(session, now, child("Zoé", SEVEN)).details_at(0).date_of_birth == SEVEN


def test_everything_wrong_is_told_at_once(open_session: OpenSession, now: datetime) -> None:
    session = open_session(min_age=6, questions=(Question("q", "Allergies?", "text", required=True, per="participant"),))
    with pytest.raises(AnswersDoNotFit) as refused:
        registered(session, now, child("Max", FIVE))
    assert {field for field, _, _ in refused.value.faults} == {"/participants/0/answers/q", "/participants/0/date_of_birth"}


def test_staff_are_asked_and_may_add_anyway(session: Session, now: datetime) -> None:
    with pytest.raises(AgeToConfirm) as refusal:
        added(session, now, child("Max", FIVE))
    assert refusal.value.participants == "Max 5"
    assert sessions.read_session("demo", session.id, now=now).spots.taken == 0
    assert added(session, now, child("Max", FIVE), confirm_age=True).participants == ("Max",)


def test_an_unknown_date_of_birth_stops_no_member_of_staff(session: Session, now: datetime) -> None:
    assert added(session, now, child("Max")).participant_details == ()


def test_the_date_of_birth_that_is_kept_counts_for_staff(session: Session, now: datetime) -> None:
    known = CustomerInput.model_validate(
        {"name": "Ana", "email": "ana@example.org", "participants": [child("Max", FIVE), child("Zoé", SEVEN)]}
    )
    customers.create_customer("demo", known, key="c", now=now)
    with pytest.raises(AgeToConfirm):
        added(session, now, child("MAX"))
    made = added(session, now, child("Zoé"))
    changes = RegistrationChanges.model_validate({"participants": [child("Zoé"), child("Max")], "party_size": 2})
    with pytest.raises(AgeToConfirm):
        registrations.change_registration("demo", made.public_id, changes, now=now)
    confirmed = changes.model_copy(update={"confirm_age": True})
    grown = registrations.change_registration("demo", made.public_id, confirmed, now=now)
    assert [grown.details_at(index).date_of_birth for index in (0, 1)] == [SEVEN, FIVE]
    again = RegistrationChanges.model_validate({"participants": [child("Max"), child("Zoé")]})
    assert registrations.change_registration("demo", made.public_id, again, now=now).participants == ("Max", "Zoé"), "asked only once"


def test_an_invitation_does_not_change_the_rule(session: Session, now: datetime) -> None:
    draft = InvitationInput.model_validate({"email": "ana@example.org"})
    invited = invitations.invite("demo", session.id, draft, by="owner", key="i", now=now).invitation
    guest = {"email": "ana@example.org", "name": "Ana", "participants": [child("Max", FIVE)]}
    with pytest.raises(AgeNotAllowed):
        invitations.accept(links.invitation_token(invited), AcceptInput.model_validate(guest), locale="en", now=now)


def test_a_customer_gets_the_date_of_birth_that_was_typed(session: Session, now: datetime) -> None:
    made = registered(session, now, child("Zoé", SEVEN))
    ensure_customer(made, now=now)
    customer = tables.of_address("demo", "ana@example.org")
    assert customer
    assert [one.date_of_birth for one in customer.participants] == [SEVEN]


def test_the_ages_of_a_session_are_set_and_lifted(session: Session, now: datetime) -> None:
    with pytest.raises(ValidationFailed) as refused:
        sessions.edit_session("demo", session.id, SessionChanges.model_validate({"min_age": 12}), expected=None, now=now)
    assert [(field, code) for field, code, _ in refused.value.faults] == [("/max_age", "ages_reversed")]
    lifted = SessionChanges.model_validate({"min_age": None, "max_age": None})
    assert sessions.edit_session("demo", session.id, lifted, expected=None, now=now).session.ages == ""


def test_the_csv_has_the_dates_of_birth(session: Session, now: datetime) -> None:
    added(session, now, child("Zoé", SEVEN), child("Max"))
    heading, line, *_ = sessions.export_roster("demo", session.id, now=now).splitlines()
    assert heading.endswith(",Dates of birth")
    assert line.endswith(f",{SEVEN}; –")
