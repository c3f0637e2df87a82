"""What anybody may see and do: open sessions, registering for one."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.booked import PriceLineOut, RegistrationOut
from chalicelib.api.discounts import DISCOUNTED
from chalicelib.api.endpoints import Public, Request, endpoint
from chalicelib.api.sessions import MeetingOut, QuestionOut, TierOut
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import portal
from chalicelib.operations.sessions import SessionView
from chalicelib.rules.accounts import TooManyAttempts
from chalicelib.rules.codes import CodeSpent, OtherProduct, TooFewUses, UnknownCode
from chalicelib.rules.discounts import OneCodeOnly
from chalicelib.rules.drafts.registrations import QuoteDraft, RegistrationDraft
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.registrations import AlreadyRegistered, AnswersDoNotFit, TierNeeded, UnknownTier
from chalicelib.rules.sessions import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast, State
from chalicelib.web.locale import locale_of

SESSIONS = "/v1/portal/{org}/sessions"
SESSION = SESSIONS + "/{session}"
PRICED = (TierNeeded, UnknownTier, *DISCOUNTED, OneCodeOnly, UnknownCode, CodeSpent, TooFewUses, OtherProduct, TooManyAttempts)


class FreeOut(Out):
    total: int
    free: int


class PublicSessionOut(Out):
    id: str
    title: str
    description: str
    location: str
    meetings: list[MeetingOut]
    time_zone: str
    state: State
    spots: FreeOut
    tiers: list[TierOut]
    registration_opens_at: Moment
    registration_closes_at: Moment
    tags: list[str]
    questions: list[QuestionOut]

    @classmethod
    def of(cls, view: SessionView) -> "PublicSessionOut":
        session = view.session
        return cls(
            id=session.id,
            title=session.title,
            description=session.description,
            location=session.location,
            meetings=[MeetingOut.of(meeting) for meeting in session.meetings],
            time_zone=session.time_zone,
            state=view.state,
            spots=FreeOut(total=view.spots.total, free=view.spots.free),
            tiers=[TierOut.of(tier) for tier in session.tiers],
            registration_opens_at=session.registration_opens_at,
            registration_closes_at=session.registration_closes_at,
            tags=list(session.tags),
            questions=[QuestionOut.of(question) for question in session.questions],
        )


class PublicSessionsOut(Out):
    items: list[PublicSessionOut]
    next: str | None


class QuoteOut(Out):
    lines: list[PriceLineOut]
    total: MoneyOut


@endpoint("GET", SESSIONS, who=Public(), gives={200: PublicSessionsOut}, query=lists.QUERY)
def list_open_sessions(request: Request[None]) -> Answer:
    """List the sessions that may be registered for, with their free spots."""
    asked = lists.wanted(request.call)
    page = portal.list_open_sessions(request.org, now=request.call.now, limit=asked.limit, start=asked.start)
    body = PublicSessionsOut(items=[PublicSessionOut.of(view) for view in page.items], next=lists.cursor(request.call, page.next))
    return Answer(200, body)


@endpoint("GET", SESSION, who=Public(), gives={200: PublicSessionOut})
def read_open_session(request: Request[None]) -> Answer:
    """Read a session that is still to end."""
    return Answer(200, PublicSessionOut.of(portal.read_open_session(request.org, request["session"], now=request.call.now)))


@endpoint("POST", SESSION + "/quote", who=Public(), takes=QuoteDraft, gives={200: QuoteOut}, refuses=PRICED)
def quote(request: Request[QuoteDraft]) -> Answer:
    """Say what a party would pay, line by line."""
    quoted = portal.quote(request.org, request["session"], request.body, source=request.call.source, now=request.call.now)
    lines = PriceLineOut.all_of(quoted.lines)
    return Answer(200, QuoteOut(lines=lines, total=MoneyOut.of(quoted.total)))


@endpoint(
    "POST",
    SESSION + "/registrations",
    who=Public(),
    takes=RegistrationDraft,
    gives={201: RegistrationOut},
    refuses=(
        *PRICED,
        SessionFull,
        RegistrationNotOpen,
        RegistrationClosed,
        SessionCancelled,
        SessionPast,
        AlreadyRegistered,
        AnswersDoNotFit,
    ),
)
def register(request: Request[RegistrationDraft]) -> Answer:
    """Take spots on an open session. Refused means nothing held, nothing used."""
    call = request.call
    registered = portal.register(
        request.org, request["session"], request.body, locale=locale_of(call), key=request.key, source=call.source, now=call.now
    )
    return Answer(201, RegistrationOut.shown(registered.registration))
