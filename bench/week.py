"""P13: the agenda of a week of 200 meetings, and the sheet of a meeting with 300 participants: requests and processor time."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median

from bench.counting import counting
from bench.figures import Figure, at_most
from bench.world import ORG, now, session
from chalicelib.operations import organisations
from chalicelib.operations.agenda import read_rows, with_spots
from chalicelib.operations.attendance import NewMark, mark, read_sheet
from chalicelib.operations.registrations import register
from chalicelib.operations.sessions import create_session
from chalicelib.rules.agenda import Days
from chalicelib.rules.attendance import ParticipantKey, new_mark
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.sessions import SessionInput
from chalicelib.rules.times import written
from chalicelib.tables import meetings

WEEK = "week"
MEETINGS, PEOPLE, PARTY = 200, 300, 10
ROUNDS = 9


def figures() -> Iterator[Figure]:
    yield from _figures(f"agenda of a week of {MEETINGS} meetings", 3, _agenda())
    yield from _figures(f"sheet of {PEOPLE} participants", 2, _sheet())


def _figures(what: str, most: int, read: Callable[[], object]) -> Iterator[Figure]:
    spent = list[float]()
    for _ in range(ROUNDS):
        began = time.process_time()
        with counting() as count:
            read()
        spent.append(time.process_time() - began)
    yield at_most("P13", f"{what}: requests", count.requests, most, "requests")
    yield at_most("P13", f"{what}: processor time", median(spent) * 1000, 150, "ms")


def _agenda() -> Callable[[], object]:
    """Plan a week of sessions with one meeting each, and return the reading of its agenda."""
    organisations.create(WEEK, "Week", now=now())
    monday = (now() + timedelta(days=14)).replace(hour=0, minute=0)
    for number in range(MEETINGS):
        starts = monday + timedelta(minutes=number * 45)
        draft = {
            "title": f"Class {number}",
            "time_zone": "UTC",
            "spots_total": 12,
            "meetings": [{"starts_at": written(starts), "ends_at": written(starts + timedelta(hours=1))}],
            "tiers": [{"name": "Child", "price": {"amount": 1250, "currency": "EUR"}}],
        }
        create_session(WEEK, SessionInput.model_validate(draft), key=uuid.uuid4().hex, now=now())
    meetings.note_complete(WEEK)
    days = Days(monday.date(), monday.date() + timedelta(days=6))

    def read() -> None:
        assert len(with_spots(WEEK, read_rows(WEEK, days, "UTC"), now())) == MEETINGS

    return read


def _sheet() -> Callable[[], object]:
    """Book and mark a full session, and return the reading of its sheet."""
    session_id, at = session(PEOPLE), now()
    names = [ParticipantInput(name=f"Child {number}") for number in range(PARTY)]
    for number in range(PEOPLE // PARTY):
        body = RegistrationInput(email=f"family{number}@example.org", name="A Parent", participants=names, party_size=PARTY)
        booked = register(ORG, session_id, body, locale="en", key=uuid.uuid4().hex, now=at).registration
        marks = [NewMark(ParticipantKey(booked.id, child), new_mark("present", at, now=at)) for child in range(PARTY)]
        mark(ORG, session_id, "m1", marks, now=at)

    def read() -> None:
        assert len(read_sheet(ORG, session_id, "m1", now=at).attendees) == PEOPLE

    return read
