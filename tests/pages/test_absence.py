"""A family says who cannot come on one date: what the page offers, what staff then see, and when it is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import links
from chalicelib.operations.attendance import NewMark, mark, read_sheet
from chalicelib.operations.bookings import set_absence
from chalicelib.operations.registrations import register, remove_registration
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.attendance import ParticipantKey, new_mark
from chalicelib.rules.bookings import NotByYourself
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from tests.pages.browser import Browser

Make = Callable[..., Session]
WEEK = timedelta(weeks=1)


@pytest.fixture
def course(make_session: Make, today: datetime) -> Session:
    """Two dates, in a week and in two; families cancel until a day before."""
    dates = [{"starts_at": written(today + n * WEEK), "ends_at": written(today + n * WEEK + timedelta(hours=1))} for n in (1, 2)]
    return make_session(meetings=dates, cancel_until_hours=24)


@pytest.fixture
def booked(course: Session, today: datetime) -> Registration:
    people = [ParticipantInput(name=name) for name in ("Zoé", "Léo")]
    draft = RegistrationInput(email="ana@example.org", name="Ana", participants=people)
    return register("demo", course.id, draft, locale="en", key="k", now=today).registration


def statuses(course: Session, today: datetime, meeting: str = "m1") -> dict[str, str]:
    return {one.name: one.status for one in read_sheet("demo", course.id, meeting, now=today).attendees}


def path_of(registration: Registration) -> str:
    return f"/b/{links.booking_token(registration)}"


def test_one_child_cannot_come_on_one_date(visitor: Browser, booked: Registration, course: Session, today: datetime) -> None:
    path = f"{path_of(booked)}/absence"
    assert path in visitor.get(path_of(booked)).links
    assert [link for link in visitor.get(path).links if "meeting=" in link] == [f"{path}?meeting=m1", f"{path}?meeting=m2"]
    question = visitor.get(f"{path}?meeting=m1")
    assert question.form().fields == {"meeting": "m1", "absent/0": "true", "absent/1": "true"}
    done = visitor.follow(visitor.post(path, {"meeting": "m1", "absent/1": "true"}))
    assert "Thank you for telling us." in done.text
    assert statuses(course, today) == {"Zoé": "expected", "Léo": "excused"}
    assert statuses(course, today, "m2") == {"Zoé": "expected", "Léo": "expected"}
    assert "absent/0" not in visitor.get(f"{path}?meeting=m1").form().fields, "what was said is shown"
    visitor.post(path, {"meeting": "m1"})
    assert statuses(course, today) == {"Zoé": "expected", "Léo": "expected"}


def test_what_staff_have_marked_stays(booked: Registration, course: Session, today: datetime) -> None:
    mark("demo", course.id, "m1", [NewMark(ParticipantKey(booked.id, 0), new_mark("present", None, now=today))], now=today)
    set_absence(booked, "m1", {0, 1}, now=today)
    assert statuses(course, today) == {"Zoé": "present", "Léo": "excused"}


def test_it_is_offered_after_the_cut_off_and_until_the_date_begins(booked: Registration, course: Session, today: datetime) -> None:
    starts = course.meetings[0].starts_at
    set_absence(booked, "m1", {0}, now=starts - timedelta(minutes=1))
    with pytest.raises(NotByYourself):
        set_absence(booked, "m1", {1}, now=starts)
    with pytest.raises(NotFound):
        set_absence(booked, "m9", {1}, now=today)


def test_where_families_do_nothing_by_themselves_it_is_not_offered(visitor: Browser, make_session: Make, today: datetime) -> None:
    draft = RegistrationInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Zoé")])
    made = register("demo", make_session().id, draft, locale="en", key="k", now=today).registration
    path = path_of(made)
    assert f"{path}/absence" not in visitor.get(path).links
    assert visitor.get(f"{path}/absence").status == 409
    assert visitor.post(f"{path}/absence", {"meeting": "m1"}).status == 409


def test_a_booking_that_has_ended_is_refused(visitor: Browser, booked: Registration, course: Session, today: datetime) -> None:
    path = f"{path_of(booked)}/absence"
    assert visitor.get(path.replace("/b/demo", "/b/demo2")).status == 404
    remove_registration("demo", booked.public_id, by="m", now=today)
    assert visitor.get(path).status == 409
    assert visitor.post(path, {"meeting": "m1"}).status == 409
    cancel_session("demo", course.id, CancelInput(), by="m", now=today)
    assert visitor.get(path).status == 409
