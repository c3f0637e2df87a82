"""Sessions, for staff."""

from typing import get_args

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.shapes import Moment, MoneyOut, SpotsOut
from chalicelib.operations import sessions
from chalicelib.operations.sessions import SessionView
from chalicelib.rules.drafts.sessions import Cancelling, SessionChanges, SessionDraft
from chalicelib.rules.questions import Kind, Question
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.sessions import (
    BelowUse,
    ClosesBeforeItOpens,
    Meeting,
    MixedCurrencies,
    SessionCancelled,
    SessionInUse,
    State,
    Tier,
)

SESSIONS = "/v1/orgs/{org}/sessions"
SESSION = SESSIONS + "/{session}"


class MeetingOut(Out):
    id: str
    starts_at: Moment
    ends_at: Moment

    @classmethod
    def of(cls, meeting: Meeting) -> "MeetingOut":
        return cls(id=meeting.id, starts_at=meeting.starts_at, ends_at=meeting.ends_at)


class TierOut(Out):
    id: str
    name: str
    price: MoneyOut

    @classmethod
    def of(cls, tier: Tier) -> "TierOut":
        return cls(id=tier.id, name=tier.name, price=MoneyOut.of(tier.price))


class QuestionOut(Out):
    id: str
    label: str
    kind: Kind
    required: bool
    options: list[str]

    @classmethod
    def of(cls, asked: Question) -> "QuestionOut":
        return cls(id=asked.id, label=asked.label, kind=asked.kind, required=asked.required, options=list(asked.options))


class SessionOut(Out):
    id: str
    title: str
    description: str
    location: str
    meetings: list[MeetingOut]
    time_zone: str
    spots_total: int
    spots: SpotsOut
    state: State
    waiting: int
    """How many parties wait for an offer."""
    tiers: list[TierOut]
    registration_opens_at: Moment
    registration_closes_at: Moment
    tags: list[str]
    questions: list[QuestionOut]
    cancelled_at: Moment | None
    cancel_reason: str
    created_at: Moment

    @classmethod
    def of(cls, view: SessionView) -> "SessionOut":
        session = view.session
        return cls(
            id=session.id,
            title=session.title,
            description=session.description,
            location=session.location,
            meetings=[MeetingOut.of(meeting) for meeting in session.meetings],
            time_zone=session.time_zone,
            spots_total=view.spots.total,
            spots=SpotsOut.of(view.spots),
            state=view.state,
            waiting=sum(view.waiting.values()),
            tiers=[TierOut.of(tier) for tier in session.tiers],
            registration_opens_at=session.registration_opens_at,
            registration_closes_at=session.registration_closes_at,
            tags=list(session.tags),
            questions=[QuestionOut.of(question) for question in session.questions],
            cancelled_at=session.cancelled_at,
            cancel_reason=session.cancel_reason,
            created_at=session.created_at,
        )


class SessionsOut(Out):
    items: list[SessionOut]
    next: str | None


def _answer(view: SessionView, status: int = 200) -> Answer:
    return Answer(status, SessionOut.of(view), etag(view.session.version))


@endpoint(
    "GET",
    SESSIONS,
    who=Staff("viewer"),
    gives={200: SessionsOut},
    query={**lists.QUERY, "state": "Only sessions in this state: upcoming, open, full, closed, past or cancelled."},
)
def list_sessions(request: Request[None]) -> Answer:
    """List sessions by date."""
    asked = lists.wanted(request.call)
    state = lists.choice(request.call, "state", get_args(State))
    page = sessions.list_sessions(request.org, state=state, now=request.call.now, limit=asked.limit, start=asked.start)
    body = SessionsOut(items=[SessionOut.of(view) for view in page.items], next=lists.cursor(request.call, page.next))
    return Answer(200, body)


@endpoint("POST", SESSIONS, who=Staff("manager"), takes=SessionDraft, gives={201: SessionOut})
def create_session(request: Request[SessionDraft]) -> Answer:
    """Create a session with all its spots free."""
    return _answer(sessions.create_session(request.org, request.body, key=request.key, now=request.call.now), 201)


@endpoint("GET", SESSION, who=Staff("viewer"), gives={200: SessionOut})
def read_session(request: Request[None]) -> Answer:
    """Read a session with its spots and state."""
    return _answer(sessions.read_session(request.org, request["session"], now=request.call.now))


@endpoint(
    "PATCH",
    SESSION,
    who=Staff("manager"),
    takes=SessionChanges,
    gives={200: SessionOut},
    refuses=(ChangedMeanwhile, BelowUse, SessionCancelled, ClosesBeforeItOpens, MixedCurrencies),
)
def edit_session(request: Request[SessionChanges]) -> Answer:
    """Change what is named of a session; fewer spots than are used only when confirmed."""
    edited = sessions.edit_session(request.org, request["session"], request.body, expected=expected(request.call), now=request.call.now)
    return _answer(edited)


@endpoint("DELETE", SESSION, who=Staff("manager"), gives={204: None}, refuses=(SessionInUse, ChangedMeanwhile))
def delete_session(request: Request[None]) -> Answer:
    """Delete a session that nobody is on or was on."""
    sessions.delete_session(request.org, request["session"], expected=expected(request.call))
    return Answer(204)


@endpoint("POST", SESSION + "/cancel", who=Staff("manager"), takes=Cancelling, gives={200: SessionOut})
def cancel_session(request: Request[Cancelling]) -> Answer:
    """Cancel a session: its invitations and holds end, and unless told otherwise everybody is told."""
    cancelled = sessions.cancel_session(request.org, request["session"], request.body, by=request.by, now=request.call.now)
    return _answer(cancelled)
