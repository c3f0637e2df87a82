"""Marks of a meeting: the latest counts, whichever device's write comes first."""

from datetime import datetime, timedelta

import pytest

from chalicelib.operations import attendance, registrations
from chalicelib.operations.attendance import CountedMeeting, NewMark
from chalicelib.operations.sessions import cancel_session
from chalicelib.rules.actor import Actor
from chalicelib.rules.attendance import MARKS_IN_A_PART, AttendanceStatus, Counts, MeetingCancelled, MeetingCounts, ParticipantKey, new_mark
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.inputs.roster import RegistrationChanges
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.tables import attendance as table
from chalicelib.tables import audit, audited_rows, sessions
from chalicelib.tables.actor import acting
from chalicelib.tables.audit import Filters
from tests.live.ledger.scenario import NOW, ORG, later, open_session, registered
from tests.operations.request_counter import counted
from tests.operations.simulated_aws import Streams

pytestmark = pytest.mark.usefixtures("tables")
AT = later(days=60, minutes=5)
BEN = Actor("staff", "u1", "ben@example.org")


def sheet(session: str, now: datetime = AT) -> attendance.MeetingSheet:
    return attendance.read_sheet(ORG, session, meeting_of(session), now=now)


def meeting_of(session: str) -> str:
    return sessions.get(ORG, session).meetings[0].id


def marked(
    session: str,
    registration: Registration,
    status: AttendanceStatus,
    *,
    index: int = 0,
    at: datetime = AT,
    now: datetime = AT,
    note: str = "",
) -> attendance.MeetingSheet:
    new = NewMark(ParticipantKey(registration.id, index), new_mark(status, at, now=now, by=BEN.name, note=note))
    with acting(BEN):
        return attendance.mark(ORG, session, meeting_of(session), [new], now=now)


def statuses(session: str) -> list[tuple[str, AttendanceStatus]]:
    return [(one.name, one.status) for one in sheet(session).attendees]


def test_each_participant_has_a_mark_and_the_sheet_is_by_name() -> None:
    session = open_session(6)
    party = registered(session, party=2, names=("Zoé", "Bo")).registration
    registered(session, names=("Mia",))
    marked(session, party, "late", note="Missed the bus")
    assert statuses(session) == [("Bo", "expected"), ("Mia", "expected"), ("Zoé", "late")]
    last = sheet(session).attendees[-1].mark
    assert last
    assert (last.note, last.by, last.at, last.first_at) == ("Missed the bus", "ben@example.org", AT, AT)


def test_an_earlier_mark_that_arrives_later_changes_nothing() -> None:
    session = open_session(6)
    one = registered(session).registration
    marked(session, one, "absent", at=AT)
    with counted() as requests:
        assert marked(session, one, "present", at=AT - timedelta(minutes=1), now=AT + timedelta(hours=1)).counts == Counts(absent=1)
    assert requests["TransactWriteItems"] == 1  # It was here earlier: the first moment is kept.
    with counted() as requests:
        marked(session, one, "absent", at=AT)
    assert requests["TransactWriteItems"] == 0


def test_a_device_that_wrote_meanwhile_keeps_its_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(6)
    mia, bo = registered(session, names=("Mia",)).registration, registered(session, names=("Bo",)).registration
    write, others = table.write, [lambda: marked(session, bo, "late")]

    def slow(*args: object, **more: object) -> None:
        if others:
            others.pop()()
        write(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(table, "write", slow)
    marked(session, mia, "present")
    assert statuses(session) == [("Bo", "late"), ("Mia", "present")]


def test_nobody_whom_the_meeting_does_not_cover_is_marked() -> None:
    session = open_session(6)
    one = registered(session).registration
    with pytest.raises(NotFound):
        marked(session, one, "present", index=1)
    registrations.remove_registration(ORG, one.public_id, by="owner", now=NOW)
    with pytest.raises(NotFound):
        marked(session, one, "present")
    with pytest.raises(NotFound):
        attendance.read_sheet(ORG, session, "none", now=AT)


def test_who_was_removed_after_the_meeting_keeps_the_mark() -> None:
    session = open_session(6)
    one = registered(session).registration
    marked(session, one, "present")
    registrations.remove_registration(ORG, one.public_id, by="owner", now=AT + timedelta(days=1))
    assert sheet(session, AT + timedelta(days=2)).counts == Counts(present=1)


def test_a_cancelled_meeting_has_no_attendance() -> None:
    session = open_session(6)
    one = registered(session).registration
    cancel_session(ORG, session, CancelInput(), by="owner", now=NOW)
    assert sheet(session).attendees == []
    with pytest.raises(MeetingCancelled):
        marked(session, one, "present")


def test_marks_of_a_large_meeting_are_stored_in_parts_and_counted_in_one_row() -> None:
    session = open_session(MARKS_IN_A_PART + 60)
    people = [registered(session, party=50).registration for _ in range(4)]
    every = [NewMark(ParticipantKey(one.id, index), new_mark("present", AT, now=AT)) for one in people for index in range(50)]
    attendance.mark(ORG, session, meeting_of(session), every, now=AT)
    stored = table.read(ORG, session, meeting_of(session))
    assert (len(stored.parts), len(stored.marks)) == (2, 200)
    marked(session, people[0], "absent", at=AT + timedelta(seconds=1), now=AT + timedelta(hours=1))
    assert sheet(session).counts == Counts(present=199, absent=1)


def test_the_parts_of_a_meeting_grow_with_it() -> None:
    session = open_session(MARKS_IN_A_PART + 100)
    first = registered(session, party=50).registration
    marked(session, first, "late")
    more = [registered(session, party=50).registration for _ in range(3)]
    for one in more:
        marked(session, one, "present", at=AT + timedelta(seconds=1), now=AT + timedelta(hours=1))
    assert len(table.read(ORG, session, meeting_of(session)).parts) == 2
    assert sheet(session).counts == Counts(expected=196, present=3, late=1)


def test_the_counts_of_many_meetings_take_one_request() -> None:
    marked_one, other = open_session(6), open_session(6)
    registration = registered(marked_one, party=2, names=("Mia", "Bo")).registration
    marked(marked_one, registration, "present")
    starts = sessions.get(ORG, other).meetings[0].starts_at
    wanted = [CountedMeeting(id, meeting_of(id), starts, taken) for id, taken in ((marked_one, 2), (other, 3))]
    with counted() as requests:
        found = attendance.read_counts(ORG, wanted, now=AT)
    assert found == {(marked_one, meeting_of(marked_one)): Counts(1, present=1), (other, meeting_of(other)): Counts(3)}
    assert requests == {"Query": 1}
    assert attendance.read_counts(ORG, [], now=AT) == {}


def test_counts_follow_a_meeting_that_is_moved() -> None:
    session = open_session(6)
    marked(session, registered(session).registration, "excused", at=NOW, now=NOW)
    meeting = sessions.get(ORG, session).meetings[0]
    moved = type(meeting)(meeting.id, meeting.starts_at + timedelta(days=30), meeting.ends_at + timedelta(days=30))
    table.relist(ORG, session, moved)
    wanted = [CountedMeeting(session, moved.id, moved.starts_at, 1)]
    assert attendance.read_counts(ORG, wanted, now=NOW)[session, moved.id] == Counts(excused=1)
    table.relist(ORG, session, type(meeting)("none", meeting.starts_at, meeting.ends_at))


def test_a_sheet_of_three_hundred_takes_two_requests() -> None:
    session = open_session(300)
    for _ in range(6):
        registered(session, party=50)
    meeting = meeting_of(session)
    with counted() as requests:
        assert len(attendance.read_sheet(ORG, session, meeting, now=AT).attendees) == 300
    assert requests == {"Query": 2}


def test_marking_is_in_the_audit_log_with_what_it_was() -> None:
    session = open_session(6)
    one = registered(session, names=("Mia",)).registration
    marked(session, one, "late", note="Bus")
    marked(session, one, "present", at=AT + timedelta(minutes=1), now=AT + timedelta(minutes=1))
    (last, first), _ = audit.page(ORG, Filters(), limit=10, start=None)
    assert (last.action, last.actor, last.subject.id) == ("attendance.marked", BEN, f"{session}-{meeting_of(session)}")
    assert first.before == {"marks": [{"participant": "Mia", "status": "expected"}]}
    assert last.before == first.after == {"marks": [{"participant": "Mia", "status": "late", "note": "Bus"}]}
    assert last.people == (audited_rows.digest(ORG, one.email),)


def test_the_counts_follow_who_is_removed_or_comes_with_fewer(streams: Streams) -> None:
    session, soon = open_session(6), later(days=1)
    leaving, party = registered(session).registration, registered(session, party=2, names=("Zoé", "Bo")).registration
    for one, index in ((leaving, 0), (party, 0), (party, 1)):
        marked(session, one, "excused", index=index, at=soon, now=soon)
    streams.drain(soon)
    wanted = [CountedMeeting(session, meeting_of(session), sessions.get(ORG, session).meetings[0].starts_at, 2)]
    registrations.remove_registration(ORG, leaving.public_id, by="owner", now=soon)
    streams.drain(soon)
    assert attendance.read_counts(ORG, wanted, now=AT) == {(session, meeting_of(session)): Counts(excused=2)}
    alone = RegistrationChanges(party_size=1, participants=[ParticipantInput(name="Bo")])
    registrations.change_registration(ORG, party.public_id, alone, now=soon)
    streams.drain(soon)
    assert attendance.read_counts(ORG, wanted, now=AT) == {(session, meeting_of(session)): Counts(excused=1)}


def test_counts_that_a_device_writes_meanwhile_are_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    session = open_session(6)
    mia, bo = registered(session, names=("Mia",)).registration, registered(session, names=("Bo",)).registration
    marked(session, mia, "excused", at=NOW, now=NOW)
    registrations.remove_registration(ORG, mia.public_id, by="owner", now=NOW)
    write, others = table.write_counts, [lambda: marked(session, bo, "late")]

    def slow(*args: object) -> None:
        if others:
            others.pop()()
        write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(table, "write_counts", slow)
    registered(session, names=("Kim",))
    attendance.recount_marks(ORG, session, now=AT)
    assert table.read(ORG, session, meeting_of(session)).counts == MeetingCounts(Counts(expected=0, late=1), 2)
