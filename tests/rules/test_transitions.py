"""The changes between two images."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Chunk, Hold
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting
from chalicelib.rules.transitions import (
    answered,
    billed,
    cancelled,
    credited,
    ended,
    freed,
    has_more_room,
    hold_changes,
    invoiced,
    moved,
    removed,
    resent,
    resized,
)
from tests.samples import INVITATION, REGISTRATION, SESSION

HELD = Hold(spots=2, state="held", nonce="one", expires_at=100)
AGAIN = HELD._replace(nonce="two", expires_at=200)
TAKEN = HELD._replace(state="taken", expires_at=None, registration="r1")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (None, HELD, ["held"]),
        (None, TAKEN, ["confirmed"]),
        (HELD, TAKEN, ["confirmed"]),
        (HELD, AGAIN, ["held"]),
        (TAKEN, AGAIN, ["held"]),
        (HELD, TAKEN._replace(nonce="two"), ["confirmed"]),
        (HELD, None, ["gone"]),
        (TAKEN, None, ["gone"]),
        (HELD, HELD, []),
        (TAKEN, TAKEN._replace(spots=3), []),
        (HELD._replace(extra=2), HELD, []),
        (TAKEN, HELD, []),
    ],
)
def test_what_happened_to_a_hold(before: Hold | None, after: Hold | None, what: list[str]) -> None:
    old, new = ({"a": hold, "b": HELD} if hold else {"b": HELD} for hold in (before, after))
    found = list(hold_changes(old, new))
    assert [change.what for change in found] == what
    assert all(change.id == "a" and change.hold == (after or before) for change in found)


def test_only_the_same_attempt_is_sent_once_more() -> None:
    twice = replace(INVITATION, sends=2)
    assert resent(INVITATION, twice)
    assert not resent(None, twice)
    assert not resent(INVITATION, replace(INVITATION, note="new"))
    assert not resent(INVITATION, replace(twice, nonce="another")), "it is sent when its spots are held"


NOON = datetime(2027, 5, 3, 12, 0, 30, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
PAST, FIRST, SECOND = (Meeting(f"m{week}", NOON + week * WEEK, NOON + week * WEEK + HOUR) for week in (-1, 1, 2))
COURSE = replace(SESSION, meetings=(PAST, FIRST, SECOND), time_zone="Europe/Paris", location="Room 1")


def later(meeting: Meeting, by: timedelta) -> Meeting:
    return replace(meeting, starts_at=meeting.starts_at + by, ends_at=meeting.ends_at + by)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ({"title": "Renamed"}, False),
        ({"meetings": (later(PAST, HOUR), FIRST, SECOND)}, False),
        ({"meetings": (FIRST, SECOND)}, False),
        ({"meetings": (PAST, later(FIRST, timedelta(seconds=-30)), SECOND)}, False),
        ({"time_zone": "Europe/Berlin"}, False),
        ({"location": "  Room   1 "}, False),
        ({"time_zone": "Asia/Tokyo"}, True),
        ({"location": "Room 2"}, True),
        ({"meetings": (PAST, later(FIRST, HOUR), SECOND)}, True),
        ({"meetings": (PAST, FIRST)}, True),
        ({"meetings": (later(PAST, 2 * WEEK), FIRST, SECOND)}, True),
        ({"meetings": (PAST, later(FIRST, -2 * WEEK), SECOND)}, True),
    ],
)
def test_people_are_told_of_what_changes_ahead_by_the_clock_that_they_see(what: dict[str, Any], told: bool) -> None:
    assert moved(COURSE, replace(COURSE, **what), NOON) == told


def test_the_same_hours_on_another_clock_are_other_hours() -> None:
    london = replace(COURSE, time_zone="Europe/London", meetings=tuple(later(meeting, HOUR) for meeting in COURSE.meetings))
    assert moved(COURSE, london, NOON)


def chunk(spots: int, *, number: int = 0, waiting: bool = True, debt: bool = False) -> Chunk:
    sizes = {1: 1} if waiting else {}
    return Chunk(number, cap=5, spots=spots, extra=0, holds={}, debt=debt, waiting_by_size=sizes, waiting_parties=int(waiting))


@pytest.mark.parametrize(
    ("old", "new", "may_be_free"),
    [
        pytest.param(chunk(0), chunk(1), True, id="a spot came back"),
        pytest.param(chunk(1), chunk(3), True, id="more spots"),
        pytest.param(chunk(1), chunk(1), False, id="something else changed"),
        pytest.param(chunk(2), chunk(1), False, id="a spot was taken"),
        pytest.param(chunk(-2), chunk(-1), False, id="still fewer than none"),
        pytest.param(chunk(-1), chunk(0), False, id="up to none"),
        pytest.param(chunk(0), chunk(1, waiting=False), False, id="nobody waits"),
        pytest.param(chunk(0, number=1, waiting=False), chunk(1, number=1, waiting=False), True, id="a later chunk cannot tell who waits"),
        pytest.param(None, chunk(5), False, id="a new session"),
        pytest.param(None, chunk(5, number=1, waiting=False), True, id="the session grew by a chunk"),
        pytest.param(chunk(0), chunk(0, debt=True), True, id="a debt is to be settled"),
        pytest.param(chunk(0, debt=True), chunk(0, debt=True), False, id="a debt that is known"),
        pytest.param(chunk(2, debt=True), chunk(2), True, id="a debt was settled"),
    ],
)
def test_when_spots_may_be_free_for_the_waitlist(old: Chunk | None, new: Chunk, may_be_free: bool) -> None:
    assert freed(old, new) is may_be_free


@pytest.mark.parametrize(
    ("old", "new", "has_more"),
    [
        pytest.param(chunk(0), chunk(1), True, id="a spot came back"),
        pytest.param(chunk(0, number=1, waiting=False), chunk(2, number=1, waiting=False), True, id="more spots in a later chunk"),
        pytest.param(chunk(0), chunk(0, waiting=False), True, id="nobody is in line any more"),
        pytest.param(chunk(0, waiting=False), chunk(0), False, id="somebody is in line now"),
        pytest.param(chunk(1, debt=True), chunk(1), True, id="a debt was settled"),
        pytest.param(chunk(2), chunk(1), False, id="a spot was taken"),
        pytest.param(chunk(1), chunk(1), False, id="something else changed"),
        pytest.param(None, chunk(5), False, id="a new session"),
        pytest.param(None, chunk(5, number=1, waiting=False), True, id="the session grew by a chunk"),
    ],
)
def test_when_somebody_who_was_refused_may_find_a_spot(old: Chunk | None, new: Chunk, has_more: bool) -> None:
    assert has_more_room(old, new) is has_more


ACCEPTED = replace(INVITATION, registration="r1")
DECLINED = replace(INVITATION, ended="declined")


@pytest.mark.parametrize(
    ("old", "new", "answers", "ends"),
    [
        pytest.param(None, INVITATION, False, False, id="sent"),
        pytest.param(INVITATION, ACCEPTED, True, False, id="accepted"),
        pytest.param(INVITATION, DECLINED, True, True, id="declined"),
        pytest.param(None, DECLINED, True, True, id="heard of only once it was declined"),
        pytest.param(DECLINED, DECLINED, False, False, id="heard of twice"),
        pytest.param(ACCEPTED, ACCEPTED, False, False, id="accepted, and something else changed"),
        pytest.param(DECLINED, INVITATION, False, False, id="revived"),
        pytest.param(DECLINED, ACCEPTED, True, False, id="accepted as it ran out"),
        pytest.param(ACCEPTED, replace(INVITATION, registration="r2"), True, False, id="another registration"),
    ],
)
def test_an_invitation_is_answered_and_ends_once(old: Invitation | None, new: Invitation, answers: bool, ends: bool) -> None:
    assert (answered(old, new), ended(old, new)) == (answers, ends)


CONFIRMED = replace(REGISTRATION, confirmed_at=NOON)
TO_BILL = replace(CONFIRMED, billing="invoiced")
BILLED = replace(TO_BILL, invoice="2027-0001")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        pytest.param(None, CONFIRMED, set(), id="booked"),
        pytest.param(CONFIRMED, TO_BILL, {"billed"}, id="to be invoiced"),
        pytest.param(None, TO_BILL, {"billed"}, id="booked and to be invoiced at once"),
        pytest.param(replace(TO_BILL, confirmed_at=None), TO_BILL, {"billed"}, id="to be invoiced before its spots were confirmed"),
        pytest.param(CONFIRMED, replace(TO_BILL, confirmed_at=None), set(), id="not before they are"),
        pytest.param(TO_BILL, TO_BILL, set(), id="heard of twice"),
        pytest.param(TO_BILL, BILLED, {"invoiced"}, id="invoiced"),
        pytest.param(CONFIRMED, replace(TO_BILL, moved_to="s2-r2"), set(), id="moved: the invoice is for where it went"),
        pytest.param(BILLED, replace(BILLED, party_size=3), {"resized"}, id="an invoiced party grew"),
        pytest.param(CONFIRMED, replace(CONFIRMED, party_size=3), set(), id="a party without invoice grew"),
        pytest.param(BILLED, replace(BILLED, invoice=""), {"credited"}, id="the invoice was cancelled"),
        pytest.param(BILLED, replace(BILLED, invoice="2027-0002"), {"invoiced", "credited"}, id="replaced by another"),
        pytest.param(CONFIRMED, replace(CONFIRMED, removed_at=NOON), {"removed"}, id="removed"),
        pytest.param(None, replace(CONFIRMED, removed_at=NOON), {"removed"}, id="heard of only once it was removed"),
        pytest.param(replace(CONFIRMED, removed_at=NOON), replace(CONFIRMED, removed_at=NOON + HOUR), set(), id="removed before"),
    ],
)
def test_what_happened_to_a_registration(old: Registration | None, new: Registration, what: set[str]) -> None:
    expected = {"removed": removed, "billed": billed, "invoiced": invoiced, "credited": credited, "resized": resized}
    assert {name for name, happened in expected.items() if happened(old, new)} == what


@pytest.mark.parametrize(("was", "now_is", "happened"), [(None, NOON, True), (NOON, NOON, False), (None, None, False), (NOON, None, False)])
def test_a_session_is_cancelled_once(was: datetime | None, now_is: datetime | None, happened: bool) -> None:
    assert cancelled(replace(COURSE, cancelled_at=was), replace(COURSE, cancelled_at=now_is)) is happened
