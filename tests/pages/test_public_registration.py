"""Public pages: the list of open sessions, and registration for one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import links, organisations, sessions
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from chalicelib.tables import booking_context
from tests.aws import Demo
from tests.http import call
from tests.pages.browser import Browser

FORM = {"name": "Ana Ortiz", "email": "ana@example.org", "party_size": "2", "participants/0/name": "Zoé", "participants/1/name": "Max"}


def page_of(session: Session) -> str:
    return f"/p/demo/sessions/{session.id}"


def test_the_public_list_shows_sessions_open_for_registration(
    visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    opening = today + timedelta(days=1)
    make_session(title="Open one", spots_total=3)
    make_session(title="Full one", spots_total=0)
    make_session(title="Later one", registration_opens_at=written(opening))
    gone = make_session(title="Cancelled one")
    sessions.cancel_session("demo", gone.id, CancelInput(), by="m", now=today)
    text = visitor.get("/p/demo").text
    assert "Open one" in text
    assert "3 spots free" in text
    assert "Full" in text
    assert "Not open yet" in text
    assert "Cancelled one" not in text


def test_an_organisation_that_offers_nothing_says_so(visitor: Browser, demo_org: Demo) -> None:
    assert "Nothing is open at the moment." in visitor.get("/p/demo").text
    assert visitor.get("/p/nowhere").status == 404


def test_registering_takes_the_spots(visitor: Browser, session: Session, today: datetime) -> None:
    done = visitor.follow(visitor.send(visitor.get(page_of(session)), FORM))
    for words in ("You are registered", "2 spots", "Zoé and Max", "€24.00", "What happens next"):
        assert words in done.text
    assert sessions.read_session("demo", session.id, now=today).spots.taken == 2


def test_the_same_form_sent_twice_registers_once(visitor: Browser, session: Session, today: datetime) -> None:
    page = visitor.get(page_of(session))
    assert visitor.send(page, FORM).headers["location"] == visitor.send(page, FORM).headers["location"]
    assert sessions.read_session("demo", session.id, now=today).spots.taken == 2


def test_mistakes_are_shown_and_nothing_is_lost(visitor: Browser, session: Session, today: datetime) -> None:
    response = visitor.send(visitor.get(page_of(session)), {**FORM, "email": "ana", "party_size": "0", "name": "A\u202eB"})
    assert response.status == 422
    assert [name for name in ("email", "party_size", "name") if not response.described(name)] == []
    assert response.form().fields["participants/1/name"] == "Max"
    assert sessions.read_session("demo", session.id, now=today).spots.taken == 0


def test_a_repeated_name_is_refused_at_the_second_field(visitor: Browser, session: Session) -> None:
    response = visitor.send(visitor.get(page_of(session)), {**FORM, "participants/1/name": "zoé"})
    assert (response.status, response.described("participants/0/name")) == (422, "")
    assert "This name is there twice." in response.described("participants/1/name")


def test_a_participant_is_on_a_session_once(visitor: Browser, session: Session) -> None:
    visitor.send(visitor.get(page_of(session)), FORM)
    response = visitor.send(visitor.get(page_of(session)), FORM)
    assert response.status == 409
    assert "is registered for this session already" in response.text


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"spots_total": 0}, "Every spot is taken or held."),
        ({"registration_opens_at": "later"}, "Registration opens on"),
        ({"registration_closes_at": "before"}, "Registration has closed."),
    ],
    ids=["full", "upcoming", "closed"],
)
def test_a_session_that_is_not_open_says_why(
    said: dict[str, object], words: str, visitor: Browser, make_session: Callable[..., Session], today: datetime
) -> None:
    moments = {"later": written(today + timedelta(days=1)), "before": written(today - timedelta(hours=1))}
    given = {name: moments.get(str(value), value) for name, value in said.items()}
    if "registration_closes_at" in given:
        given["registration_opens_at"] = written(today - timedelta(days=1))
    session = make_session(**given)
    page = visitor.get(page_of(session))
    assert words in page.text
    assert not [form for form in page.forms if form.method == "post"]
    assert visitor.post(page_of(session), FORM).status == 409


def test_the_last_spots_go_to_the_first_booking(visitor: Browser, make_session: Callable[..., Session]) -> None:
    session = make_session(spots_total=2)
    late = visitor.get(page_of(session))
    visitor.send(visitor.get(page_of(session)), FORM)
    response = visitor.send(late, {**FORM, "email": "ben@example.org"})
    assert response.status == 409
    assert "Nothing was booked. This session is full. Choose another session or use the waitlist." in response.text
    waiting = response.form(page_of(session) + "/waitlist").fields
    assert {"email": "ben@example.org", "spots": "2"}.items() <= waiting.items()


def test_a_booking_needs_its_own_link_and_organisation(visitor: Browser, session: Session, today: datetime) -> None:
    response = visitor.send(visitor.get(page_of(session)), FORM)
    path = response.headers["location"]
    assert visitor.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status == 404
    organisations.create("other", "Other", now=today)
    assert visitor.get(path.replace("/b/demo.", "/b/other.")).status == 404


def test_a_cancelled_session_says_so_and_books_nothing(visitor: Browser, session: Session, today: datetime) -> None:
    sessions.cancel_session("demo", session.id, CancelInput(reason="Only for those registered"), by="m", now=today)
    page = visitor.get(page_of(session))
    assert page.status == 200
    assert "This session is cancelled." in page.text
    assert "Only for those registered" not in page.text
    assert not [form for form in page.forms if form.method == "post"]
    assert visitor.post(page_of(session), FORM).status == 404
    assert call("GET", f"/v1/portal/demo/sessions/{session.id}").status == 404


def test_in_french(french: Browser, session: Session) -> None:
    assert "5 places libres" in french.get("/p/demo").text.replace("\u00a0", " ")
    page = french.get(page_of(session))
    assert "Combien de places" in page.text
    assert "Inscription confirmée" in french.follow(french.send(page, FORM)).text


def test_unsubscribing_is_a_button_that_may_be_pressed_from_anywhere(visitor: Browser, demo_org: Demo) -> None:
    path = f"/unsubscribe/{links.unsubscribe_token('demo', 'ana@example.org')}"
    page = visitor.get(path)
    assert "Unsubscribe?" in page.text
    assert "ana@example.org" not in page.html
    assert "Unsubscribe?" in visitor.get(path).text
    assert "You are unsubscribed" in visitor.post(path, {}, Origin="https://mail.example").text
    undo = visitor.send(visitor.get(path), {}, action=f"{path}/undo")
    assert "Unsubscribe?" in undo.text
    assert visitor.get(f"{path}x").status == 404


def test_names_drive_the_number_once_the_new_total_was_shown(visitor: Browser, session: Session) -> None:
    question = visitor.send(visitor.get(page_of(session)), {**FORM, "party_size": "1"})
    assert question.status == 409
    assert "Check the new total" in question.text
    assert "€24.00" in question.text
    assert question.form(page_of(session)).fields["party_size"] == "2"
    assert visitor.send(question, {}).status == 303
    assert spots_of(session) == 2


def test_a_form_that_showed_no_total_books_as_many_spots_as_names(visitor: Browser, session: Session) -> None:
    assert visitor.post(page_of(session), {**FORM, "party_size": "1"}).status == 303
    assert spots_of(session) == 2


def test_more_names_bring_more_fields(visitor: Browser, session: Session) -> None:
    names = {f"participants/{index}/name": f"Child {index}" for index in range(3)}
    page = visitor.send(visitor.get(page_of(session)), {**FORM, **names, "party_size": "1", "show": "price"})
    assert "participants/3/name" in page.form(page_of(session)).fields
    assert "€36.00" in page.text


def spots_of(session: Session) -> int:
    return booking_context.roster("demo", session.id).registrations[0].party_size
