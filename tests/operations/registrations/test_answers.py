"""Questions that are asked for each participant, from the booking to the roster."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.operations import attendance, invitations, links, public_registration, registrations, sessions
from chalicelib.operations.invitations import Accepted
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.inputs.roster import RegistrationChanges
from chalicelib.rules.questions import Question
from chalicelib.rules.registration_refusals import AnswersDoNotFit
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session

HEARD = Question("heard", "How did you hear of us?", "text")
NUTS = Question("nuts", "Allergies?", "text", required=True, at_door=True, per="participant")
PHOTOS = Question("photos", "Photos are fine.", "consent", required=True, per="participant")
OpenSession = Callable[..., Session]


def child(name: str, nuts: str = "none", **more: Any) -> dict[str, Any]:
    return {"name": name, "answers": {"nuts": nuts, "photos": True}, **more}


@pytest.fixture
def session(open_session: OpenSession) -> Session:
    return open_session(questions=(HEARD, NUTS, PHOTOS))


def registered(session: Session, now: datetime, *children: dict[str, Any], **more: Any) -> Registration:
    draft = {"email": "ana@example.org", "name": "Ana", "participants": list(children), **more}
    body = RegistrationInput.model_validate(draft)
    return public_registration.register("demo", session.id, body, locale="en", key="k", source="", now=now).registration


def changed(made: Registration, now: datetime, **changes: Any) -> Registration:
    registrations.change_registration("demo", made.public_id, RegistrationChanges.model_validate(changes), now=now)
    return registrations.read_registration("demo", made.public_id)[0]


def nuts(registration: Registration) -> list[object]:
    return [registration.answers_at(index).get("nuts") for index in range(len(registration.participants))]


def test_each_participant_is_asked(session: Session, now: datetime) -> None:
    with pytest.raises(AnswersDoNotFit) as refused:
        registered(session, now, child("Zoé"), {"name": "Léo"})
    assert {field for field, _, _ in refused.value.faults} == {"/participants/1/answers/nuts", "/participants/1/answers/photos"}
    made = registered(session, now, child("Zoé"), child("Léo", "peanuts"), answers={"heard": "a friend"})
    assert nuts(made) == ["none", "peanuts"]
    assert [made.details_at(index).consents[0].agreed_at for index in (0, 1)] == [now, now]


def test_a_growing_party_is_asked_and_the_others_keep_their_answers(session: Session, now: datetime) -> None:
    made = registered(session, now, child("Zoé", "eggs"))
    later = now + timedelta(hours=1)
    with pytest.raises(AnswersDoNotFit) as refused:
        changed(made, later, participants=[{"name": "Zoé"}, {"name": "Léo"}], party_size=2)
    assert [field for field, _, _ in refused.value.faults] == ["/participants/1/answers/nuts"]
    grown = changed(made, later, participants=[child("Léo", "milk"), {"name": "zoé"}], party_size=2)
    assert nuts(grown) == ["milk", "eggs"]
    assert [grown.details_at(index).consents[0].agreed_at for index in (0, 1)] == [later, now]


def test_another_child_does_not_inherit_answers(session: Session, now: datetime) -> None:
    made = registered(session, now, child("Zoé", "eggs"))
    assert nuts(changed(made, now, participants=[{"name": "Max", "answers": {"nuts": "none"}}])) == ["none"]


def test_a_guest_who_waited_keeps_the_answers(session: Session, now: datetime) -> None:
    draft = InvitationInput.model_validate({"email": "ana@example.org", "forwarding": "approve", "party_size": 2})
    invited = invitations.invite("demo", session.id, draft, by="owner", key="i", now=now).invitation
    guest = {"email": "bob@example.org", "name": "Bob", "participants": [child("Zoé", "eggs"), child("Léo")]}
    invitations.accept(links.invitation_token(invited), AcceptInput.model_validate(guest), locale="en", now=now)
    found = invitations.approve("demo", invited.public_id, now=now + timedelta(days=1))
    assert isinstance(found, Accepted)
    made = registrations.read_registration("demo", found.registration.public_id)[0]
    assert nuts(made) == ["eggs", "none"]
    assert made.details_at(1).consents[0].agreed_at == now


def test_the_answers_are_on_the_roster_and_at_the_door(session: Session, now: datetime) -> None:
    registered(session, now, child("Zoé"), child("Léo", "peanuts; milk"), answers={"heard": "a friend"})
    line = sessions.export_roster("demo", session.id, now=now).splitlines()[1]
    assert ',a friend,"none; ""peanuts; milk""",yes 20' in line
    sheet = attendance.export_attendance("demo", session.id, "m1", now=now).splitlines()
    assert [line.rpartition(",")[2] for line in sheet] == ["Allergies?", "peanuts; milk", "none"]


def test_a_transfer_takes_along_what_the_other_session_asks_too(session: Session, open_session: OpenSession, now: datetime) -> None:
    made = registered(session, now, child("Zoé", "eggs"), answers={"heard": "a friend"})
    allergies = Question("q7", NUTS.label, "text", per="participant")
    other = open_session(id="s2", questions=(allergies, Question("heard", "Shoe size?", "number")))
    moved = registrations.transfer("demo", made.public_id, other.id, by="owner", key="t", now=now).registration
    assert (moved.answers, moved.answers_at(0)) == ((), {"q7": "eggs"})
    assert [consent.question for consent in moved.details_at(0).consents] == [""]
