"""A booker whose registration is removed or moved is told, if staff say so, and the calendar drops the old dates."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.events import rosters as roster_events
from chalicelib.operations import replay
from chalicelib.operations.invoices import issue
from chalicelib.operations.registrations import remove_registration, transfer
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting, Session
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.test_reactions import accepted, invited

OpenSession = Callable[..., Session]


@pytest.fixture
def registration(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> Registration:
    """A confirmed registration for a course of which one date is past by the time it is changed."""
    first, second = now + timedelta(hours=1), now + timedelta(days=7)
    open_session(meetings=tuple(Meeting(id, at, at + timedelta(hours=1)) for id, at in (("m1", first), ("m2", second))))
    open_session(id="s2", title="Weaving")
    found = accepted(invited("ana@example.org", now=now), now=now)
    streams.drain(now)
    ses.sent.clear()
    return found


@pytest.fixture
def later(now: datetime) -> datetime:
    return now + timedelta(hours=3)


def calendars(request: dict[str, Any]) -> list[tuple[str, list[str], list[str]]]:
    """Return method, UIDs and sequences of each calendar file of an e-mail."""
    files = [file["RawContent"].decode().replace("\r\n ", "") for file in request["Content"]["Simple"].get("Attachments", ())]
    return [(re.findall(r"METHOD:(\w+)", text)[0], re.findall(r"UID:(\S+)", text), re.findall(r"SEQUENCE:(\d+)", text)) for text in files]


def test_a_removal_is_told_and_takes_the_dates_to_come_out_of_the_calendar(
    registration: Registration, streams: Streams, ses: Ses, later: datetime
) -> None:
    remove_registration("demo", registration.public_id, by="owner", now=later, tell=True)
    streams.drain(later)
    (request,) = ses.sent
    assert ses.subjects == ["No longer registered: Pottery"]
    assert calendars(request) == [("CANCEL", [f"s1-{registration.id}-m2@rollbook"], ["2"])]
    assert "You are registered" not in ses.texts[0]


def test_a_removal_is_told_once_whatever_comes_twice(registration: Registration, streams: Streams, ses: Ses, later: datetime) -> None:
    for _ in range(2):
        remove_registration("demo", registration.public_id, by="owner", now=later, tell=True)
    records = streams.rosters.read()
    for _ in range(3):
        roster_events.handle({"Records": records}, clock=lambda: later)
    streams.drain(later)
    assert len(ses.sent) == 1


def test_a_silent_removal_is_told_to_nobody(registration: Registration, streams: Streams, ses: Ses, later: datetime) -> None:
    remove_registration("demo", registration.public_id, by="owner", now=later)
    streams.drain(later)
    assert ses.sent == []


def test_a_removal_from_what_is_over_or_cancelled_is_no_news(
    registration: Registration, streams: Streams, ses: Ses, now: datetime, later: datetime
) -> None:
    remove_registration("demo", registration.public_id, by="owner", now=now + timedelta(days=30), tell=True)
    streams.drain(now + timedelta(days=30))
    again = accepted(invited("kim@example.org", now=later), now=later)
    streams.drain(later)
    cancel_session("demo", "s1", CancelInput(tell=False), by="owner", now=later)
    remove_registration("demo", again.public_id, by="owner", now=later, tell=True)
    streams.drain(later)
    assert ses.subjects == ["You are registered: Pottery"]


def test_a_transfer_is_one_e_mail_from_what_to_what(registration: Registration, streams: Streams, ses: Ses, later: datetime) -> None:
    issue(registration, by="owner", now=later)
    streams.drain(later)
    ses.sent.clear()
    moved = transfer("demo", registration.public_id, "s2", by="owner", key="k", now=later, tell=True).registration
    streams.drain(later)
    (request,) = ses.sent
    assert ses.subjects == ["Your registration has moved: Weaving"]
    assert "from Pottery to Weaving" in ses.texts[0]
    assert f"Your invoice {moved.invoice} stays as it is." in ses.texts[0]
    assert "You get an invoice" not in ses.texts[0]
    assert calendars(request) == [
        ("PUBLISH", [f"s2-{moved.id}-m1@rollbook"], ["1"]),
        ("CANCEL", [f"s1-{registration.id}-m2@rollbook"], ["2"]),
    ]


def test_a_silent_transfer_is_told_to_nobody(registration: Registration, streams: Streams, ses: Ses, later: datetime) -> None:
    transfer("demo", registration.public_id, "s2", by="owner", key="k", now=later)
    streams.drain(later)
    assert ses.sent == []


@pytest.mark.parametrize("tell", [True, False])
def test_what_the_stream_lost_is_made_up_for(registration: Registration, streams: Streams, ses: Ses, later: datetime, tell: bool) -> None:
    """Control: of changes that nobody shall hear of, nothing is missed."""
    moved = transfer("demo", registration.public_id, "s2", by="owner", key="k", now=later, tell=tell).registration
    streams.drain(later)
    remove_registration("demo", moved.public_id, by="owner", now=later, tell=tell)
    streams.rosters.read()
    for missed in list(replay.missed_reactions("demo", now=later)):
        missed.do()
    streams.drain(later)
    wanted = ["Your registration has moved: Weaving", "No longer registered: Weaving"]
    assert ses.subjects == (wanted if tell else [])
