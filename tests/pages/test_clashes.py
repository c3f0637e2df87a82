"""The same child on overlapping dates: staff are asked and may go on, families are told, and strangers learn nothing."""

from collections.abc import Callable
from datetime import datetime

import pytest

from chalicelib.operations import links, registrations, sessions
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.roster import AddInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.tables import registrations as rows
from tests.pages.browser import Browser

ANA = "ana@example.org"
OVERLAP = "These dates overlap with another booking."


@pytest.fixture
def judo(session: Session, today: datetime) -> Registration:
    """Kim's place on a session, as the stream has confirmed it."""
    said = {"new_customer": {"name": "Ana", "email": ANA}, "participants": [{"name": "Kim"}]}
    made = registrations.add("demo", session.id, AddInput.model_validate(said), by="m", key="judo", now=today).registration
    rows.mark_confirmed("demo", session.id, made.id, now=today)
    return made


@pytest.fixture
def karate(make_session: Callable[..., Session]) -> Session:
    """Another session at the same time."""
    return make_session(title="Karate")


def on_roster(session: Session, today: datetime) -> int:
    return len(sessions.read_roster("demo", session.id, now=today).registrations)


def test_staff_who_add_are_asked_and_may_go_on(manager: Browser, judo: Registration, karate: Session, today: datetime) -> None:
    path = f"/o/demo/sessions/{karate.id}/add"
    typed = {"new_customer/name": "Ana", "new_customer/email": ANA, "participants/0/name": "kim", "billing/method": "later"}
    question = manager.send(manager.get(path), typed, action=path)
    assert OVERLAP in question.text
    assert "Kim is already booked on Judo at this time" in question.text
    assert on_roster(karate, today) == 0
    assert manager.send(question, {"confirm_clash": "true"}, action=path).status == 303
    assert on_roster(karate, today) == 1


def test_another_child_of_the_family_is_added_without_a_question(
    manager: Browser, judo: Registration, karate: Session, today: datetime
) -> None:
    path = f"/o/demo/sessions/{karate.id}/add"
    typed = {"new_customer/name": "Ana", "new_customer/email": ANA, "participants/0/name": "Mia", "billing/method": "later"}
    assert manager.send(manager.get(path), typed, action=path).status == 303


def test_staff_who_invite_are_asked_and_may_go_on(manager: Browser, judo: Registration, karate: Session) -> None:
    path = f"/o/demo/sessions/{karate.id}/invite"
    question = manager.send(manager.get(path), {"email": ANA}, action=path)
    assert OVERLAP in question.text
    assert manager.send(question, {"confirm_clash": "true"}, action=path).status == 303


def test_staff_who_move_are_asked_and_may_go_on(
    manager: Browser, judo: Registration, karate: Session, make_session: Callable[..., Session], today: datetime
) -> None:
    away = make_session(title="Away")
    said = {"new_customer": {"name": "Ana", "email": ANA}, "participants": [{"name": "Kim"}]}
    other = registrations.add("demo", away.id, AddInput.model_validate(said), by="m", key="away", now=today).registration
    path = f"/o/demo/registrations/{other.public_id}/transfer"
    question = manager.send(manager.get(path), {"to_session": karate.id}, action=path)
    assert "Kim is already booked on Judo at this time" in question.text
    assert "Move anyway" in question.text
    assert manager.send(question, {"to_session": karate.id, "confirm_clash": "true"}, action=path).status == 303
    assert on_roster(karate, today) == 1


def test_a_confirmation_tells_the_owner_of_the_address_and_no_stranger(
    visitor: Browser, judo: Registration, karate: Session, today: datetime
) -> None:
    form = RegistrationInput(email=ANA, name="Somebody", participants=[ParticipantInput(name="Kim")])
    typed = registrations.register("demo", karate.id, form, locale="en", key="k", now=today).registration
    stranger = visitor.get(f"/b/{links.booking_token(typed)}")
    assert (stranger.status, "Judo" in stranger.text) == (200, False)
    rows.mark_confirmed("demo", karate.id, typed.id, now=today)
    owner = visitor.get(f"/b/{links.booking_token(judo)}")
    assert "Kim is already booked on Karate at this time" in owner.text
