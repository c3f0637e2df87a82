"""Marks the attendance of participants at a meeting."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.operations.attendance.queries import Attendee, MeetingSheet, read_sheet
from chalicelib.rules.attendance import Mark, MeetingCancelled, MeetingCounts, ParticipantKey, merge
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import attendance, audit

ATTEMPTS = 12
MOST_LOGGED = 20
"""How many marks the entry of the audit log names."""


class NewMark(NamedTuple):
    """A mark for a participant of a meeting."""

    key: ParticipantKey
    mark: Mark


def mark(
    org: str, session_id: str, meeting_id: str, marks: Sequence[NewMark], *, now: datetime, only_covered: bool = False
) -> MeetingSheet:
    """Mark participants of a meeting and return its sheet. The latest mark of each counts, so a retry changes nothing.

    Raises NotFound when the meeting does not cover one of them, unless `only_covered` leaves those out; MeetingCancelled, Busy.
    """
    for _ in range(ATTEMPTS):
        sheet = read_sheet(org, session_id, meeting_id, now=now)
        if not sheet.takes_place:
            raise MeetingCancelled
        covered = {one.key for one in sheet.attendees}
        wanted = [new for new in marks if new.key in covered]
        if len(wanted) < len(marks) and not only_covered:
            raise NotFound
        try:
            return write_marks(org, sheet, wanted, now=now)
        except ChangedMeanwhile:
            continue
    raise Busy


def write_marks(org: str, sheet: MeetingSheet, marks: Sequence[NewMark], *, now: datetime) -> MeetingSheet:
    """Merge marks into those of a sheet, and write them if that changes any. Raises ChangedMeanwhile."""
    merged = merge(sheet.stored.marks, marks)
    if merged == sheet.stored.marks:
        return sheet
    after = replace(sheet, attendees=[one._replace(mark=merged.get(one.key)) for one in sheet.attendees])
    counts = MeetingCounts(after.counts, len(after.attendees))
    recorded = _audit_writes(org, sheet, after, now=now)
    attendance.write(org, sheet.session.id, sheet.meeting, sheet.stored, merged, counts, beside=recorded)
    return after


def _audit_writes(org: str, was: MeetingSheet, became: MeetingSheet, *, now: datetime) -> list[dict[str, Any]]:
    """Return the write of the audit log's entry: the marks that differ, before and after."""
    pairs = [(old, new) for old, new in zip(was.attendees, became.attendees, strict=True) if old.mark != new.mark][:MOST_LOGGED]
    meeting = f"{was.session.id}-{was.meeting.id}"
    return audit.write_of(
        org,
        "attendance.marked",
        meeting,
        {"marks": [_logged(old) for old, _ in pairs]},
        {"marks": [_logged(new) for _, new in pairs]},
        id=f"{meeting}-{was.stored.version + 1}",
        at=now,
        people=[new.registration.email for _, new in pairs],
    )


def _logged(attendee: Attendee) -> dict[str, str]:
    note = attendee.mark.note if attendee.mark else ""
    return {"participant": attendee.name, "status": attendee.status, **({"note": note} if note else {})}
