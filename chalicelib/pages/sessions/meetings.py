"""Cancelling or restoring one date of a session."""

from chalicelib.operations import sessions
from chalicelib.pages import confirm, forms
from chalicelib.pages.moments import Moments
from chalicelib.pages.responses import PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.sessions import CancelMeetingInput
from chalicelib.rules.refusals import NotFound, ValidationFailed
from chalicelib.rules.sessions import Meeting, Session
from chalicelib.web.audience import Staff

MEETING = "/o/{org}/sessions/{session}/meetings/{meeting}"


@page("GET", MEETING + "/cancel", who=Staff("edit_sessions"))
def ask_cancel_meeting(visit: Visit) -> PageResponse:
    return _ask_cancel(visit, forms.blank({"tell": "true"}))


@page("POST", MEETING + "/cancel", who=Staff("edit_sessions"))
def cancel_meeting(visit: Visit) -> PageResponse:
    try:
        values = {"reason": visit.typed.get("reason", ""), "tell": visit.typed.get("tell") == "true"}
        cancelling = forms.read(CancelMeetingInput, values)
    except ValidationFailed as refusal:
        return _ask_cancel(visit, forms.refused(visit.typed, refusal))
    sessions.cancel_meeting(visit.org, visit["session"], visit["meeting"], cancelling, now=visit.call.now)
    return Redirect(_roster(visit), {"done": "meeting-cancelled"})


@page("GET", MEETING + "/restore", who=Staff("edit_sessions"))
def ask_restore_meeting(visit: Visit) -> PageResponse:
    session, meeting = _read(visit)
    people = sessions.count_covered(session, meeting, now=visit.call.now) if meeting.tell_cancelled else 0
    notice = visit.ngettext("%(num)d person gets an e-mail.", "%(num)d people get an e-mail.", people) % {"num": people}
    return confirm.ask(
        visit,
        visit.gettext("Restore %(date)s?") % {"date": _date(visit, session, meeting)},
        [visit.gettext("%(session)s takes place on this date after all.") % {"session": session.title}, notice],
        verb=visit.gettext("Restore this date"),
        stay=visit.gettext("Keep it cancelled"),
        back=_roster(visit),
    )


@page("POST", MEETING + "/restore", who=Staff("edit_sessions"))
def restore_meeting(visit: Visit) -> PageResponse:
    sessions.restore_meeting(visit.org, visit["session"], visit["meeting"], now=visit.call.now)
    return Redirect(_roster(visit), {"done": "meeting-restored"})


def _ask_cancel(visit: Visit, form: forms.Form) -> PageResponse:
    session, meeting = _read(visit)
    return confirm.ask(
        visit,
        visit.gettext("Cancel %(date)s?") % {"date": _date(visit, session, meeting)},
        [visit.gettext("Only this date of %(session)s is cancelled. Registrations and the other dates stay.") % {"session": session.title}],
        verb=visit.gettext("Cancel this date"),
        stay=visit.gettext("Keep this date"),
        back=_roster(visit),
        destroys=True,
        status=422 if form.wrong else 200,
        form=form,
        template="sessions/cancel_meeting.html",
        people=sessions.count_covered(session, meeting, now=visit.call.now),
    )


def _read(visit: Visit) -> tuple[Session, Meeting]:
    session = sessions.read_session(visit.org, visit["session"], now=visit.call.now).session
    meeting = session.meeting(visit["meeting"])
    if meeting is None:
        raise NotFound
    return session, meeting


def _date(visit: Visit, session: Session, meeting: Meeting) -> str:
    return Moments(visit.locale(visit.organisation)).meeting(meeting, session.time_zone)


def _roster(visit: Visit) -> str:
    return f"/o/{visit.org}/sessions/{visit['session']}"
