"""Attendance of a meeting, and the check-in by QR code, for staff."""

from typing import Any

from chalicelib.api import lists
from chalicelib.api.downloads import csv_download
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.query import one_of
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import attendance
from chalicelib.operations.attendance import Attendee, CheckedIn, MeetingSheet, NewMark
from chalicelib.rules.attendance import AttendanceStatus, MeetingCancelled, NoMeetingNow, ParticipantKey, new_mark
from chalicelib.rules.inputs.attendance import CheckInInput, MarkInput, MarksInput
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registration_refusals import AlreadyRemoved
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.web.audience import Staff

ATTENDANCE = SESSION + "/meetings/{meeting}/attendance"


class CountsOut(Out):
    """The number of participants by status."""

    expected: int
    present: int
    late: int
    absent: int
    excused: int


class MarkOut(Out):
    registration: str
    participant: int
    """The index in the party, from 0."""
    name: str
    status: AttendanceStatus
    at: Moment | None
    by: str
    note: str
    first_at: Moment | None
    """When the participant was first marked present or late."""

    @classmethod
    def of(cls, attendee: Attendee) -> "MarkOut":
        mark = attendee.mark
        return cls(
            registration=attendee.registration.public_id,
            participant=attendee.key.participant,
            name=attendee.name,
            status=attendee.status,
            at=mark.at if mark else None,
            by=mark.by if mark else "",
            note=mark.note if mark else "",
            first_at=mark.first_at if mark else None,
        )


class AttendanceOut(Out):
    items: list[MarkOut]
    counts: CountsOut

    @classmethod
    def of(cls, sheet: MeetingSheet) -> "AttendanceOut":
        return cls(items=[MarkOut.of(one) for one in sheet.attendees], counts=CountsOut(**sheet.counts._asdict()))


class CheckedInParticipantOut(Out):
    participant: int
    name: str
    answers: dict[str, Any]
    """The answers about them that are shown at the door, by question."""


class CheckedInLedOut(Out):
    """A registration that was checked in, without amounts: for those who see only the sessions that they lead."""

    registration: str
    name: str
    """Who booked."""
    participant: CheckedInParticipantOut | None
    """The participant of a party of one."""
    participants: list[CheckedInParticipantOut]
    session: str
    title: str
    meeting: str
    starts_at: Moment
    status: AttendanceStatus
    first_at: Moment
    """When they were first marked as here: earlier than now for a second scan."""
    again: bool
    """Whether all of them were here already."""
    answers: dict[str, Any]
    """The answers of the party to questions that are shown at the door, by question."""


class CheckedInOut(CheckedInLedOut):
    owed: MoneyOut
    """The amount that remains to be paid."""


def facts(found: CheckedIn) -> dict[str, Any]:
    people_named = [(one.key.participant, one.name) for one in found.attendees]
    people = [CheckedInParticipantOut(participant=index, name=name, answers=dict(found.answers_at(index))) for index, name in people_named]
    return {
        "registration": found.registration.public_id,
        "name": found.registration.name,
        "participant": people[0] if len(people) == 1 else None,
        "participants": people,
        "session": found.session.id,
        "title": found.session.title,
        "meeting": found.meeting.id,
        "starts_at": found.meeting.starts_at,
        "status": found.attendees[0].status,
        "first_at": found.first_at,
        "again": found.again,
        "answers": dict(found.answers),
    }


@endpoint(
    "GET",
    ATTENDANCE,
    id="attendance.read_attendance",
    who=Staff("read", led=True),
    gives={200: AttendanceOut, 303: None},
    kind="text/csv",
    query={"format": one_of("`csv` for a file.", ("json", "csv"))},
)
def read_attendance(request: Request[None]) -> ApiResponse:
    """Read the attendance of a meeting: everybody whom it covers, by name, and the counts."""
    now, session, meeting = request.call.now, request["session"], request["meeting"]
    if lists.choice(request.call, "format", ("json", "csv")) == "csv":
        return csv_download(request.org, attendance.export_attendance(request.org, session, meeting, now=now), "attendance.csv")
    return ApiResponse(200, AttendanceOut.of(attendance.read_sheet(request.org, session, meeting, now=now)))


@endpoint(
    "PUT",
    ATTENDANCE,
    id="attendance.mark_attendance",
    who=Staff("mark_attendance", led=True),
    takes=MarksInput,
    gives={200: AttendanceOut},
    refuses=(MeetingCancelled,),
)
def mark_attendance(request: Request[MarksInput]) -> ApiResponse:
    """Mark participants of a meeting. The latest mark of each counts, whatever the order of arrival."""
    marks = [_mark(request, draft) for draft in request.body.marks]
    sheet = attendance.mark(request.org, request["session"], request["meeting"], marks, now=request.call.now)
    return ApiResponse(200, AttendanceOut.of(sheet))


def _mark(request: Request[MarksInput], draft: MarkInput) -> NewMark:
    named = Ref.parse(request.org, draft.registration)
    if named.session != request["session"]:
        raise NotFound
    mark = new_mark(draft.status, draft.at, now=request.call.now, by=request.by, note=draft.note)
    return NewMark(ParticipantKey(named.id, draft.participant), mark)


@endpoint(
    "POST",
    "/v1/orgs/{org}/check-in",
    id="attendance.check_in",
    who=Staff("mark_attendance", led=True),
    takes=CheckInInput,
    gives={200: CheckedInOut},
    gives_led=CheckedInLedOut,
    refuses=(AlreadyRemoved, MeetingCancelled, NoMeetingNow, SessionCancelled),
)
def check_in(request: Request[CheckInInput]) -> ApiResponse:
    """Check in everybody of a registration by its QR code, at the meeting that is on. A second scan says since when they are here."""
    token = request.body.token.rstrip("/").rpartition("/")[2]
    found = attendance.check_in(request.org, token, meeting=request.body.meeting or "", by=request.staff, now=request.call.now)
    if not request.staff.may("read"):
        return ApiResponse(200, CheckedInLedOut(**facts(found)))
    return ApiResponse(200, CheckedInOut(**facts(found), owed=MoneyOut.of(found.owed)))
