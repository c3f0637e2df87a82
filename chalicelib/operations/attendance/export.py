"""The attendance of one meeting as CSV."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.operations.attendance.queries import Attendee, read_sheet
from chalicelib.operations.audit import record_act
from chalicelib.operations.headings import headings
from chalicelib.rules.csv_export import csv_text
from chalicelib.rules.questions import Question
from chalicelib.rules.times import local
from chalicelib.rules.translation import N_

MINUTES = "%Y-%m-%d %H:%M"
HEADER = (N_("Participant"), N_("Status"), N_("Marked"), N_("By"), N_("Note"), N_("Booked by"), N_("Email"), N_("Phone"))


def export_attendance(org: str, session_id: str, meeting_id: str, *, locale: str = "en", now: datetime) -> str:
    """Return everybody at a meeting as CSV, one line for each participant, in the session's time. Raises NotFound."""
    sheet = read_sheet(org, session_id, meeting_id, now=now)
    record_act(org, "attendance.exported", f"{session_id}-{meeting_id}", now=now)
    at_door = [question for question in sheet.session.questions if question.at_door]
    header = headings(HEADER, locale, (question.label for question in at_door))
    return csv_text(header, [(*_row(one, sheet.session.time_zone), *_answers(one, at_door)) for one in sheet.attendees])


def _answers(attendee: Attendee, at_door: Sequence[Question]) -> list[object]:
    """Return the answers about a participant that are shown at the door."""
    answers = attendee.registration.answers_at(attendee.key.participant)
    words = {True: "yes", False: "no"}
    given = [answers.get(question.id, "") for question in at_door]
    return [words[answer] if isinstance(answer, bool) else answer for answer in given]


def _row(attendee: Attendee, zone: str) -> tuple[str, ...]:
    mark, booked = attendee.mark, attendee.registration
    marked = (local(mark.at, zone).strftime(MINUTES), mark.by, mark.note) if mark else ("", "", "")
    return (attendee.name, attendee.status, *marked, booked.name, booked.email, booked.phone)
