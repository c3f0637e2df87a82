"""The calendar feed of a member of staff: what it has, who reads it, and what ends it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from chalicelib.operations import links, sessions
from chalicelib.rules.inputs.sessions import CancelMeetingInput, SessionChanges
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.sessions import Session
from chalicelib.rules.times import written
from chalicelib.tables import meetings, staff
from tests.pages.browser import Browser

HERE = "/o/demo/calendar"
BASE = "http://127.0.0.1:8000"


@pytest.fixture
def course(make_session: Callable[..., Session], today: datetime) -> Session:
    """A course on dates before, in, and after the window of a feed; one in it is cancelled."""
    starts = [today + timedelta(days=days) for days in (-9, -3, 3, 10, 70)]
    made = make_session(meetings=[{"starts_at": written(one), "ends_at": written(one + timedelta(hours=1))} for one in starts])
    meetings.note_complete("demo")
    sessions.cancel_meeting("demo", made.id, made.meetings[2].id, CancelMeetingInput(), now=today)
    return made


def member(role: str) -> StaffMember:
    return next(one for one in staff.every("demo") if one.role == role and one.status == "active")


def feed_of(browser: Browser) -> str:
    (found,) = {link for link in browser.get(HERE).links if "/v1/agendas/" in link and link.startswith("http")}
    return found.removeprefix(BASE)


def statuses(text: str) -> list[str]:
    return [str(event["status"]) for event in Calendar.from_ical(text).events]


def test_the_feed_has_the_dates_of_its_window_with_their_state(manager: Browser, visitor: Browser, course: Session) -> None:
    response = visitor.get(feed_of(manager))
    assert response.headers["content-type"] == "text/calendar; charset=utf-8"
    assert statuses(response.html) == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    first = Calendar.from_ical(response.html).events[0]
    assert (first["summary"], first.start) == ("Judo", course.meetings[1].starts_at)
    assert first["url"] == f"{BASE}/o/demo/sessions/{course.id}/meetings/{course.meetings[1].id}"


def test_nothing_is_sent_again_before_a_date_changes(manager: Browser, visitor: Browser, course: Session, today: datetime) -> None:
    feed = feed_of(manager)
    tag = visitor.get(feed).headers["etag"]
    assert [visitor.get(feed, **{"If-None-Match": one}).status for one in (tag, f'"x", W/{tag}', '"x"')] == [304, 304, 200]
    sessions.restore_meeting("demo", course.id, course.meetings[2].id, now=today)
    assert visitor.get(feed, **{"If-None-Match": tag}).status == 200


def test_a_leader_reads_what_they_lead(as_role: Callable[[str], Browser], visitor: Browser, course: Session, today: datetime) -> None:
    feed = feed_of(as_role("leader"))
    assert statuses(visitor.get(feed).html) == []
    changes = SessionChanges(leaders=["leader@demo.test"])
    sessions.edit_session("demo", course.id, changes, expected=None, now=today)
    assert statuses(visitor.get(feed).html) == ["CONFIRMED", "CANCELLED", "CONFIRMED"]


def test_a_renewed_feed_has_another_address(manager: Browser, visitor: Browser, today: datetime) -> None:
    old = feed_of(manager)
    after = manager.follow(manager.send(manager.get(HERE), {}))
    assert "Your calendar has a new address." in after.text
    assert (visitor.get(old).status, visitor.get(feed_of(manager)).status) == (404, 200)


def test_ending_every_sign_in_ends_the_feed(manager: Browser, visitor: Browser, today: datetime) -> None:
    old = feed_of(manager)
    staff.end_sessions(member("manager"), now=today)
    assert visitor.get(old).status == 404


@pytest.mark.parametrize("change", [{"user": "nobody"}, {"org": "other"}, {"feed_version": 7}])
def test_a_feed_of_nobody_is_not_found(manager: Browser, visitor: Browser, change: dict[str, str]) -> None:
    forged = links.agenda_feed(replace(member("manager"), **change))  # type: ignore[arg-type]
    assert visitor.get(forged.removeprefix(BASE)).status == 404
