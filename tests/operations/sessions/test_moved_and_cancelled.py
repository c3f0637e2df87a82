"""Everybody on a roster hears of a session that is moved or cancelled, once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from chalicelib.config import config
from chalicelib.events import rosters as roster_events
from chalicelib.operations import cancellation, links, side_by_side
from chalicelib.operations.invitations import decline
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import cancel_session, edit_session
from chalicelib.rules.inputs.sessions import CancelInput, MeetingInput, SessionChanges
from chalicelib.rules.messages import Message
from chalicelib.rules.sessions import Session
from chalicelib.tables import booking_context, messages, sessions
from chalicelib.tables import dynamodb as table_requests
from tests.operations.simulated_aws import Ses, Streams
from tests.operations.simulated_queue import Worker
from tests.operations.test_reactions import accepted, invited, registered

OpenSession = Callable[..., Session]


def queued_for(email: str) -> list[str]:
    found = table_requests.query(
        TableName=config().messages_table,
        IndexName="recipient",
        KeyConditionExpression="recipient = :whom",
        ExpressionAttributeValues={":whom": {"S": f"demo#{email}"}},
    )
    return [entry["kind"]["S"] for entry in found]


@pytest.fixture
def full_house(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> list[str]:
    """All kinds of people on one session: registered, removed, invited, declined, run out, accepted. Returns who is to hear of a change."""
    open_session()
    registered("ben@example.org", now=now)
    gone = registered("gone@example.org", now=now, name="Gone")
    remove_registration("demo", f"s1-{gone.id}", by="owner", now=now)
    invited("ana@example.org", now=now)
    decline(links.invitation_token(invited("no@example.org", now=now)), now=now)
    invited("late@example.org", now=now, expires_at=now + timedelta(seconds=5))
    accepted(invited("kim@example.org", now=now), now=now)
    streams.drain(now)
    ses.sent.clear()
    return ["ana@example.org", "ben@example.org", "kim@example.org"]


def test_of_many_a_job_tells_each_once(
    full_house: list[str], streams: Streams, ses: Ses, worker: Worker, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancellation, "SLICE", 2)
    later = now + timedelta(minutes=1)
    cancel_session("demo", "s1", CancelInput(reason="The kiln is broken."), by="owner", now=later)
    streams.drain(later)
    assert ses.sent == []
    worker.repeats = 0.5
    worker.work()
    streams.drain(later)
    assert sorted(ses.recipients) == full_house


def test_everybody_hears_of_a_cancelled_session(full_house: list[str], streams: Streams, ses: Ses, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    cancel_session("demo", "s1", CancelInput(reason="The kiln is broken."), by="owner", now=later)
    streams.drain(later)
    streams.drain(later)
    assert sorted(ses.recipients) == full_house
    assert all("The kiln is broken." in text for text in ses.texts)
    assert queued_for("gone@example.org") == ["confirmation"], "who was removed is not even written to"
    methods = [file["ContentType"] for request in ses.sent for file in request["Content"]["Simple"].get("Attachments", ())]
    assert methods == ["text/calendar; charset=utf-8; method=CANCEL"] * 2, "who is only invited has nothing in the calendar"


def test_nobody_hears_of_it_when_staff_tell_people_themselves(full_house: list[str], streams: Streams, ses: Ses, now: datetime) -> None:
    cancel_session("demo", "s1", CancelInput(tell=False), by="owner", now=now)
    streams.drain(now)
    assert ses.sent == []


def test_everybody_hears_of_a_moved_session(full_house: list[str], streams: Streams, ses: Ses, now: datetime) -> None:
    later = now + timedelta(minutes=1)
    starts = now + timedelta(days=3)
    changes = SessionChanges(location="Town hall", meetings=[MeetingInput(id="m1", starts_at=starts, ends_at=starts + timedelta(hours=2))])
    edit_session("demo", "s1", changes, expected=None, now=later)
    streams.drain(later)
    assert sorted(ses.recipients) == full_house
    version = sessions.get("demo", "s1").version
    (file,) = next(request for request in ses.sent if "ben" in request["Destination"]["ToAddresses"][0])["Content"]["Simple"]["Attachments"]
    assert f"SEQUENCE:{version}\r\n".encode() in file["RawContent"]
    assert b"DTSTART:20261125T120000Z" in file["RawContent"]


def test_many_are_told_of_a_move_at_once_and_once(
    full_house: list[str], streams: Streams, ses: Ses, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    later, together, add = now + timedelta(minutes=1), Barrier(len(full_house)), messages.add

    def add_together(message: Message) -> bool:
        together.wait(30)
        return add(message)

    monkeypatch.setattr(side_by_side, "FEW", 1)
    monkeypatch.setattr(messages, "add", add_together)
    edit_session("demo", "s1", SessionChanges(location="Town hall"), expected=None, now=later)
    streams.drain(later)
    assert sorted(ses.recipients) == full_house


def test_a_date_that_falls_out_leaves_the_calendar(open_session: OpenSession, streams: Streams, ses: Ses, now: datetime) -> None:
    open_session()
    registered("ben@example.org", now=now)
    streams.drain(now)
    starts = now + timedelta(days=3)
    moved = SessionChanges(meetings=[MeetingInput(starts_at=starts, ends_at=starts + timedelta(hours=2))])
    edit_session("demo", "s1", moved, expected=None, now=now)
    streams.drain(now)
    files = ses.sent[-1]["Content"]["Simple"]["Attachments"]
    assert [file["ContentType"].rpartition("=")[2] for file in files] == ["PUBLISH", "CANCEL"]


def test_a_new_title_is_no_news(full_house: list[str], streams: Streams, ses: Ses, now: datetime) -> None:
    edit_session("demo", "s1", SessionChanges(title="Ceramics"), expected=None, now=now)
    streams.drain(now)
    assert ses.sent == []


def test_whoever_has_a_confirmed_hold_hears_of_it_before_the_row_says_so(
    open_session: OpenSession, streams: Streams, ses: Ses, now: datetime
) -> None:
    open_session()
    registered("ben@example.org", now=now)
    cancel_session("demo", "s1", CancelInput(), by="owner", now=now)
    assert booking_context.roster("demo", "s1").registrations[0].confirmed_at is None
    latest_first = streams.rosters.read()[::-1]
    roster_events.handle({"Records": latest_first}, clock=lambda: now)
    streams.drain(now)
    assert ses.subjects == ["Annulation\u00a0: Pottery"], "and a confirmation would only confuse by now"
