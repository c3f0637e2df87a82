"""A message to people on a roster: the button says how many get it, and no other number is written to."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import registrations
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from chalicelib.tables import jobs
from tests.pages.browser import Browser, Page

SENTENCES = {"subject": "Bring boots", "text": "It will rain."}


@pytest.fixture
def write(session: Session) -> str:
    return f"/o/demo/sessions/{session.id}/write"


@pytest.fixture
def book(session: Session, today: datetime) -> Callable[[str, str], str]:
    """`book("ana@example.org", "Zoé")` returns the id of a registration."""

    def booked(email: str, child: str) -> str:
        draft = RegistrationInput.model_validate({"email": email, "name": child, "participants": [{"name": child}]})
        return registrations.register("demo", session.id, draft, locale="en", key=email + child, now=today).registration.public_id

    return booked


def mailed(response: Page) -> int:
    """Return how many e-mails the job of an answer sends."""
    assert response.status == 303, response.text
    return jobs.get("demo", response.headers["location"].rpartition("/")[2]).total


@pytest.fixture
def people(book: Callable[[str, str], str]) -> list[str]:
    """Two children of one address, and one of another."""
    return [book("ana@example.org", "Zoé"), book("Ana@example.org", "Léo"), book("ben@example.org", "Kim")]


def test_the_button_counts_addresses(manager: Browser, people: list[str], write: str) -> None:
    page = manager.get(write)
    assert "E-mail 2 people" in page.text
    assert mailed(manager.send(page, SENTENCES)) == 2


def test_people_ticked_beside_everybody_are_refused(manager: Browser, people: list[str], write: str) -> None:
    response = manager.send(manager.get(write), {**SENTENCES, f"to/{people[2]}": "true"})
    assert (response.status, response.described("whom")[:17]) == (422, "You ticked people")
    assert jobs.page("demo", limit=10, start=None)[0] == []


def test_a_number_that_is_not_right_is_asked_for_first(manager: Browser, people: list[str], write: str) -> None:
    """Without JavaScript the button still says the number of everybody."""
    question = manager.send(manager.get(write), {**SENTENCES, "whom": "some", f"to/{people[2]}": "true"})
    assert question.status == 200
    assert "1 person gets this e-mail. Send it?" in question.text
    assert "E-mail 1 person" in question.text
    assert jobs.page("demo", limit=10, start=None)[0] == []
    assert mailed(manager.send(question, {})) == 1


def test_somebody_who_comes_meanwhile_is_counted_before_it_is_sent(
    manager: Browser, people: list[str], write: str, book: Callable[[str, str], str]
) -> None:
    page = manager.get(write)
    book("cem@example.org", "Cem")
    question = manager.send(page, SENTENCES)
    assert "3 people get this e-mail. Send it?" in question.text
    assert mailed(manager.send(question, {})) == 3


def test_nobody_selected_is_said_beside_the_list(manager: Browser, people: list[str], write: str) -> None:
    response = manager.send(manager.get(write), {**SENTENCES, "whom": "some"})
    assert response.status == 422
    assert response.described("registrations")


def test_a_date_writes_to_those_on_it_only(manager: Browser, make_session: Callable[..., Session], today: datetime) -> None:
    starts = [today - timedelta(days=1), today + timedelta(days=6)]
    meetings = [{"starts_at": written(one), "ends_at": written(one + timedelta(hours=1))} for one in starts]
    course = make_session(meetings=meetings, registration_opens_at=written(today - timedelta(days=3)))
    for email, day in (("ana@example.org", today - timedelta(days=2)), ("ben@example.org", today)):
        draft = RegistrationInput.model_validate({"email": email, "name": "Somebody", "participants": [{"name": email}]})
        registrations.register("demo", course.id, draft, locale="en", key=email, now=day)
    own = f"/o/demo/sessions/{course.id}"
    first, last = (f"{own}/write?meeting={meeting.id}" for meeting in course.meetings)
    assert first in manager.get(f"{own}/meetings/{course.meetings[0].id}").html
    page = manager.get(first)
    assert ("Everybody on this date" in page.text, "E-mail 1 person" in page.text, "ben@example.org" in page.text) == (True, True, False)
    assert mailed(manager.send(page, SENTENCES)) == 1
    assert mailed(manager.send(manager.get(last), SENTENCES)) == 2


def test_a_date_with_nobody_writes_to_nobody(manager: Browser, people: list[str], session: Session, write: str) -> None:
    response = manager.send(manager.get(write), {**SENTENCES, "meeting": "none"})
    assert (response.status, "Nobody is registered for this date." in response.text) == (422, True)
    assert jobs.page("demo", limit=10, start=None)[0] == []
