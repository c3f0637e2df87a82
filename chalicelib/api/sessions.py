"""Sessions, for staff."""

from typing import get_args

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.query import QueryParameter, one_of
from chalicelib.api.responses import ApiResponse
from chalicelib.api.session_shapes import (
    CreatedSeriesOut,
    CreatedSessionOut,
    EditedSessionOut,
    LedSessionOut,
    RepeatDatesOut,
    SessionOut,
    SessionsOut,
)
from chalicelib.operations import sessions
from chalicelib.operations.sessions import SessionView
from chalicelib.rules.inputs.new_sessions import DuplicateInput, NewSessionInput, RepeatedSessionInput
from chalicelib.rules.inputs.sessions import CancelInput, CancelMeetingInput, SessionChanges
from chalicelib.rules.minimum import DecisionPast, DecisionTooLate, MinimumAboveSpots, NoMinimum
from chalicelib.rules.quotas import TooManySessions
from chalicelib.rules.recurrence import DateTooLate, NoDates, TooManyDates
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.session_refusals import (
    CapacityBelowUse,
    ClosesBeforeItOpens,
    LastMeeting,
    MeetingPast,
    MixedCurrencies,
    SessionCancelled,
    SessionInUse,
)
from chalicelib.rules.sessions import SessionState
from chalicelib.web.audience import Staff
from chalicelib.web.session_filter import staff_filter

SESSIONS = "/v1/orgs/{org}/sessions"
SESSION = SESSIONS + "/{session}"
MEETING = SESSION + "/meetings/{meeting}"
WRONG_MINIMUM = (MinimumAboveSpots, DecisionTooLate, DecisionPast)


def _response(view: SessionView, status: int = 200) -> ApiResponse:
    return ApiResponse(status, SessionOut.of(view), etag(view.session.version))


@endpoint(
    "GET",
    SESSIONS,
    id="sessions.list_sessions",
    who=Staff("read"),
    gives={200: SessionsOut},
    query={
        **lists.QUERY,
        "state": one_of("Only sessions in this state.", get_args(SessionState)),
        "tag": QueryParameter("Only sessions with this tag."),
        "series": QueryParameter("Only the sessions of this series."),
        "q": QueryParameter("Only sessions where each of these words begins a word of the title, the place or a tag."),
    },
)
def list_sessions(request: Request[None]) -> ApiResponse:
    """List sessions by their next meeting; those that are over stand at their last one, and with `state=past` the latest comes first."""
    paging = lists.list_query(request.call)
    state = lists.choice(request.call, "state", get_args(SessionState))
    page = sessions.list_sessions(
        request.org, state=state, wanted=staff_filter(request.call.query), now=request.call.now, limit=paging.limit, start=paging.start
    )
    body = SessionsOut(items=[SessionOut.of(view) for view in page.items], next=lists.cursor(request.call, page.next))
    return ApiResponse(200, body)


@endpoint(
    "POST",
    SESSIONS,
    id="sessions.create_session",
    who=Staff("edit_sessions"),
    takes=NewSessionInput,
    gives={201: CreatedSessionOut},
    refuses=(NoDates, TooManyDates, DateTooLate, TooManySessions, *WRONG_MINIMUM),
)
def create_session(request: Request[NewSessionInput]) -> ApiResponse:
    """Create a session with all its spots free; with `repeat`, a course with all its dates or a series of sessions."""
    draft, key, now = request.body, request.key, request.call.now
    if draft.repeat is None:
        return _response(sessions.create_session(request.org, draft, key=key, now=now), 201)
    repeated = RepeatedSessionInput.model_construct(_fields_set=draft.model_fields_set, **dict(draft))
    if draft.repeat.result == "course":
        return _response(sessions.create_course(request.org, repeated, key=key, now=now), 201)
    series = sessions.create_series(request.org, repeated, key=key, now=now)
    return ApiResponse(201, CreatedSeriesOut(series=series.id, items=[SessionOut.of(view) for view in series.items]))


@endpoint(
    "POST",
    SESSIONS + "/repeat-preview",
    id="sessions.preview_repeat",
    who=Staff("edit_sessions"),
    takes=RepeatedSessionInput,
    gives={200: RepeatDatesOut},
    refuses=(NoDates, TooManyDates, DateTooLate),
)
def preview_repeat(request: Request[RepeatedSessionInput]) -> ApiResponse:
    """List all dates that a session would get by repeating, and make nothing."""
    return ApiResponse(200, RepeatDatesOut.model_validate({"meetings": sessions.preview(request.body)}))


@endpoint(
    "POST",
    SESSION + "/duplicate",
    id="sessions.duplicate_session",
    who=Staff("edit_sessions"),
    takes=DuplicateInput,
    gives={201: SessionOut},
    refuses=(DateTooLate, TooManySessions),
)
def duplicate_session(request: Request[DuplicateInput]) -> ApiResponse:
    """Copy a session without its people, to another start."""
    copy = sessions.duplicate_session(request.org, request["session"], request.body, key=request.key, now=request.call.now)
    return _response(copy, 201)


@endpoint("GET", SESSION, id="sessions.read_session", who=Staff("read", led=True), gives={200: SessionOut}, gives_led=LedSessionOut)
def read_session(request: Request[None]) -> ApiResponse:
    """Read a session with its spots and state; who may only read the sessions that they lead sees no prices."""
    view = sessions.read_session(request.org, request["session"], now=request.call.now)
    if not request.staff.may("read"):
        return ApiResponse(200, LedSessionOut.of(view), etag(view.session.version))
    return _response(view)


@endpoint(
    "PATCH",
    SESSION,
    id="sessions.edit_session",
    who=Staff("edit_sessions"),
    takes=SessionChanges,
    gives={200: EditedSessionOut},
    refuses=(
        *(ChangedMeanwhile, CapacityBelowUse, SessionCancelled),
        *(ClosesBeforeItOpens, MixedCurrencies, LastMeeting, DateTooLate),
        *WRONG_MINIMUM,
    ),
)
def edit_session(request: Request[SessionChanges]) -> ApiResponse:
    """Change the fields that are sent, of this session or also of those of its series that follow it."""
    if request.body.scope == "following":
        return _edit_following(request)
    edited = sessions.edit_session(request.org, request["session"], request.body, expected=expected(request.call), now=request.call.now)
    return _edited(edited)


def _edited(view: SessionView) -> ApiResponse:
    body = SessionOut.of(view)
    return ApiResponse(200, EditedSessionOut(**vars(body), told=view.recipients) if view.recipients else body, etag(view.session.version))


def _edit_following(request: Request[SessionChanges]) -> ApiResponse:
    edited = sessions.edit_following(request.org, request["session"], request.body, expected=expected(request.call), now=request.call.now)
    items = [SessionOut.of(view) for view in edited.items]
    return ApiResponse(200, EditedSessionOut(**vars(items[0]), told=edited.people, items=items), etag(edited.items[0].session.version))


@endpoint(
    "DELETE", SESSION, id="sessions.delete_session", who=Staff("edit_sessions"), gives={204: None}, refuses=(SessionInUse, ChangedMeanwhile)
)
def delete_session(request: Request[None]) -> ApiResponse:
    """Delete a session that never had anybody on its roster."""
    sessions.delete_session(request.org, request["session"], expected=expected(request.call))
    return ApiResponse(204)


@endpoint("POST", SESSION + "/cancel", id="sessions.cancel_session", who=Staff("edit_sessions"), takes=CancelInput, gives={200: SessionOut})
def cancel_session(request: Request[CancelInput]) -> ApiResponse:
    """Cancel a session: its invitations and holds end, and everybody is notified unless switched off."""
    cancelled = sessions.cancel_session(request.org, request["session"], request.body, by=request.by, now=request.call.now)
    return _response(cancelled)


@endpoint(
    "POST",
    SESSION + "/go-ahead",
    id="sessions.go_ahead",
    who=Staff("edit_sessions"),
    gives={200: SessionOut},
    refuses=(NoMinimum, SessionCancelled),
)
def go_ahead(request: Request[None]) -> ApiResponse:
    """Decide that a session takes place although its minimum number of participants is not reached, or not decided yet."""
    return _response(sessions.go_ahead(request.org, request["session"], now=request.call.now))


@endpoint(
    "POST",
    MEETING + "/cancel",
    id="sessions.cancel_meeting",
    who=Staff("edit_sessions"),
    takes=CancelMeetingInput,
    gives={200: EditedSessionOut},
    refuses=(LastMeeting, SessionCancelled),
)
def cancel_meeting(request: Request[CancelMeetingInput]) -> ApiResponse:
    """Cancel one date: the others go on, the spots stay as they are, and everybody covered is notified unless switched off."""
    view = sessions.cancel_meeting(request.org, request["session"], request["meeting"], request.body, now=request.call.now)
    return _edited(view)


@endpoint(
    "POST",
    MEETING + "/restore",
    id="sessions.restore_meeting",
    who=Staff("edit_sessions"),
    gives={200: EditedSessionOut},
    refuses=(MeetingPast, SessionCancelled),
)
def restore_meeting(request: Request[None]) -> ApiResponse:
    """Restore a cancelled date that lies ahead. Everyone who was told of the cancellation gets an e-mail."""
    return _edited(sessions.restore_meeting(request.org, request["session"], request["meeting"], now=request.call.now))
