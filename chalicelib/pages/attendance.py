"""The roster of one date: who is there, marked with one tap; its sign-in sheet, and its CSV."""

import json
from typing import Any

from chalicelib.operations import attendance, registrations
from chalicelib.operations.attendance import MeetingSheet, NewMark
from chalicelib.pages import downloads, forms
from chalicelib.pages.paths import written
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.attendance import ParticipantKey, new_mark
from chalicelib.rules.inputs.attendance import MarkInput, MarksInput
from chalicelib.rules.inputs.roster import BillingStatusInput
from chalicelib.rules.permissions import NotAllowed
from chalicelib.rules.refs import Ref, public_id
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff

MEETING = "/o/{org}/sessions/{session}/meetings/{meeting}"


@page("GET", MEETING, who=Staff("read", led=True))
def meeting(visit: Visit) -> PageResponse:
    return Html("attendance/meeting.html", _about(visit))


@page("GET", MEETING + "/sheet", who=Staff("read", led=True))
def sheet(visit: Visit) -> PageResponse:
    return Html("attendance/sheet.html", _about(visit))


@page("GET", MEETING + "/attendance.csv", who=Staff("read", led=True))
def attendance_csv(visit: Visit) -> PageResponse:
    text = attendance.export_attendance(visit.org, visit["session"], visit["meeting"], locale=visit.language, now=visit.call.now)
    return downloads.csv_download(visit.org, text, "attendance.csv")


@page("POST", MEETING, who=Staff("mark_attendance", led=True))
def mark(visit: Visit) -> PageResponse:
    """Mark one participant, or everybody without a mark, or what a device has kept; or note that a registration is paid."""
    typed = visit.typed
    if "paid" in typed:
        _note_paid(visit, typed["paid"])
    elif "marks" in typed:
        _send(visit, _kept(typed["marks"]))
    elif "all" in typed:
        missing = [one for one in _sheet(visit).attendees if one.status == "expected"]
        _send(
            visit,
            [MarkInput(registration=one.registration.public_id, participant=one.key.participant, status="present") for one in missing],
        )
    else:
        _send(visit, [_one(visit)])
    return Redirect(written(MEETING, **visit.call.params))


def _one(visit: Visit) -> MarkInput:
    """Return the mark of the button that was pressed: `registration:participant:status`, with the note beside it."""
    named, _, status = visit.typed.get("mark", "").rpartition(":")
    registration, _, participant = named.rpartition(":")
    note = visit.typed.get(f"note/{named}", "")
    return forms.read(MarkInput, {"registration": registration, "participant": participant or "0", "status": status, "note": note})


def _kept(text: str) -> list[MarkInput]:
    """Return the marks that a device has kept. Raises ValidationFailed."""
    try:
        return MarksInput.model_validate({"marks": json.loads(text)}).marks
    except ValueError:
        raise ValidationFailed([("/marks", "not_marks", N_("These marks cannot be read."))]) from None


def _send(visit: Visit, drafts: list[MarkInput]) -> None:
    """Write the marks of participants who are on the roster of this date."""
    now, found = visit.call.now, list[NewMark]()
    for draft in drafts:
        ref = Ref.parse(visit.org, draft.registration)
        mark = new_mark(draft.status, draft.at, now=now, by=visit.by, note=draft.note)
        if ref.session == visit["session"]:
            found.append(NewMark(ParticipantKey(ref.id, draft.participant), mark))
    attendance.mark(visit.org, visit["session"], visit["meeting"], found, now=now, only_covered=True)


def _note_paid(visit: Visit, id: str) -> None:
    if not visit.staff.may("bill"):
        raise NotAllowed
    registration_id = public_id(visit["session"], Ref.parse(visit.org, id).id)
    registrations.set_billing(visit.org, registration_id, BillingStatusInput(status="paid"), by=visit.by, now=visit.call.now)


def _sheet(visit: Visit) -> MeetingSheet:
    return attendance.read_sheet(visit.org, visit["session"], visit["meeting"], now=visit.call.now)


def _about(visit: Visit) -> dict[str, Any]:
    found = _sheet(visit)
    return {
        "sheet": found,
        "session": found.session,
        "meeting": found.meeting,
        "base": written(MEETING, **visit.call.params),
        "at_door": [question for question in found.session.questions if question.at_door],
        "owed": attendance.owed,
    }
