"""The calendar files attached to e-mails."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.emails import render
from chalicelib.rules.letters import Letter, SessionBefore
from chalicelib.rules.sessions import Meeting
from tests.samples import INVITATION, NOW, REGISTRATION, SESSION, STARTS, letter


def files(letter: Letter) -> dict[str, list[str]]:
    return {file.name: file.content.decode().split("\r\n") for file in render.write(letter, now=NOW).files}


def test_a_confirmation_brings_the_dates_into_the_calendar() -> None:
    (lines,) = files(letter("confirmation")).values()
    for line in ("METHOD:PUBLISH", "UID:s1-r1-m1@rollbook", "SEQUENCE:3", "DTSTART:20261201T150000Z", "DTEND:20261201T163000Z"):
        assert line in lines


def test_a_change_meets_the_same_date_with_a_higher_sequence() -> None:
    moved = files(letter("session_moved", session=replace(SESSION, version=9)))["session.ics"]
    assert "UID:s1-r1-m1@rollbook" in moved
    assert "SEQUENCE:9" in moved


def test_a_date_that_falls_out_is_cancelled() -> None:
    gone = Meeting("m0", STARTS - timedelta(days=1), STARTS)
    both = files(letter("session_moved", before=SessionBefore((gone, *SESSION.meetings), "Europe/Paris", SESSION.location)))
    assert list(both) == ["session.ics", "cancelled.ics"]
    assert [line for line in both["cancelled.ics"] if line.startswith(("UID", "METHOD", "STATUS"))] == [
        "METHOD:CANCEL",
        "UID:s1-r1-m0@rollbook",
        "STATUS:CANCELLED",
    ]


def test_a_cancelled_session_leaves_the_calendar_from_now_on() -> None:
    past = Meeting("m0", NOW - timedelta(days=7), NOW - timedelta(days=7, hours=-1))
    course = replace(SESSION, meetings=(past, *SESSION.meetings), cancelled_at=NOW)
    early = replace(REGISTRATION, covers_from=NOW - timedelta(days=30))
    (lines,) = files(letter("session_cancelled", session=course, registration=early)).values()
    assert [line for line in lines if line.startswith("UID")] == ["UID:s1-r1-m1@rollbook"], "what has taken place stays"
    assert "METHOD:CANCEL" in lines


def test_an_invitee_gets_no_calendar_file() -> None:
    assert files(letter("session_invitation")) == {}
    assert files(letter("session_moved", registration=None, invitation=INVITATION)) == {}
