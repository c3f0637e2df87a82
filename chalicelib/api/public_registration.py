"""Public registration: listing open sessions and registering for one."""

from typing import Annotated

from chalicelib.api import lists
from chalicelib.api.billing_shapes import PriceLineOut
from chalicelib.api.discounts import DISCOUNTED
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.query import QueryParameter, one_of
from chalicelib.api.registration_shapes import LEFT_OUT, OwnRegistrationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.session_shapes import OpenFacts
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import links, public_registration
from chalicelib.operations.registrations import Registered
from chalicelib.operations.sessions import SessionView
from chalicelib.rules.ages import AgeNotAllowed
from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.codes import CodeForOtherSession, CodeSpent, TooFewUses, UnknownCode
from chalicelib.rules.discounts import OneCodeOnly
from chalicelib.rules.inputs.registrations import QuoteInput, RegistrationInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.online_payment import StripeUnavailable
from chalicelib.rules.orders import OrderEnded, OrderStatus
from chalicelib.rules.registration_refusals import AlreadyRegistered, AnswersDoNotFit, TierNeeded, UnknownTier
from chalicelib.rules.session_filter import WEEKDAYS
from chalicelib.rules.session_refusals import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast
from chalicelib.web.audience import Public
from chalicelib.web.locale import locale_of
from chalicelib.web.session_filter import public_filter

SESSIONS = "/v1/portal/{org}/sessions"
SESSION = SESSIONS + "/{session}"
PRICED = (TierNeeded, UnknownTier, *DISCOUNTED, OneCodeOnly, UnknownCode, CodeSpent, TooFewUses, CodeForOtherSession, TooManyAttempts)

FILTERS = {
    "from": QueryParameter("The first day: only sessions with a meeting on it or later.", {"type": "string", "format": "date"}),
    "to": QueryParameter("The last day: only sessions with a meeting on it or earlier.", {"type": "string", "format": "date"}),
    "tag": QueryParameter("Only sessions with this tag."),
    "weekday": one_of("Only sessions with a meeting on this day of the week.", WEEKDAYS),
    "q": QueryParameter("Only sessions where each of these words begins a word of the title, the place or a tag."),
}


class FreeSpotsOut(Out):
    total: int
    free: int


class PublicSessionOut(OpenFacts):
    spots: FreeSpotsOut

    @classmethod
    def of(cls, view: SessionView) -> "PublicSessionOut":
        return cls.about(view.session, spots=view.spots, state=view.state)


class PublicSessionsOut(Out):
    items: list[PublicSessionOut]
    next: str | None


class AwaitedPaymentOut(Out):
    """The payment that a registration waits for."""

    order: str
    """The token with which its order is read and paid."""
    status: OrderStatus
    checkout: str
    """Stripe's payment page: redirect the browser to it."""
    held_until: Moment


class RegisteredOut(OwnRegistrationOut):
    """A registration that was made, or that waits for its payment."""

    payment: Annotated[AwaitedPaymentOut | None, LEFT_OUT] = None

    @classmethod
    def made(cls, registered: Registered) -> "RegisteredOut":
        made, order = cls.of(registered.registration), registered.order
        if order is None or not order.awaits_payment:
            return made
        awaited = AwaitedPaymentOut(
            order=links.order_token(order), status=order.status, checkout=registered.checkout, held_until=order.deadline
        )
        return made.model_copy(update={"payment": awaited})


class QuoteOut(Out):
    lines: list[PriceLineOut]
    total: MoneyOut


@endpoint("GET", SESSIONS, id="portal.list_open_sessions", who=Public(), gives={200: PublicSessionsOut}, query={**lists.QUERY, **FILTERS})
def list_open_sessions(request: Request[None]) -> ApiResponse:
    """List the sessions that are open for registration by their next meeting, with their free spots."""
    paging, wanted = lists.list_query(request.call), public_filter(request.call.query)
    page = public_registration.list_open_sessions(request.org, wanted, now=request.call.now, limit=paging.limit, start=paging.start)
    body = PublicSessionsOut(items=[PublicSessionOut.of(view) for view in page.items], next=lists.cursor(request.call, page.next))
    return ApiResponse(200, body)


@endpoint("GET", SESSION, id="portal.read_open_session", who=Public(), gives={200: PublicSessionOut})
def read_open_session(request: Request[None]) -> ApiResponse:
    """Read a public session that has not ended."""
    return ApiResponse(
        200, PublicSessionOut.of(public_registration.read_open_session(request.org, request["session"], now=request.call.now))
    )


@endpoint("POST", SESSION + "/quote", id="portal.quote", who=Public(), takes=QuoteInput, gives={200: QuoteOut}, refuses=PRICED)
def quote(request: Request[QuoteInput]) -> ApiResponse:
    """Quote the price of a party, line by line."""
    quoted = public_registration.quote(request.org, request["session"], request.body, source=request.call.source, now=request.call.now)
    lines = PriceLineOut.all_of(quoted.lines)
    return ApiResponse(200, QuoteOut(lines=lines, total=MoneyOut.of(quoted.total)))


@endpoint(
    "POST",
    SESSION + "/registrations",
    id="portal.register",
    who=Public(),
    takes=RegistrationInput,
    gives={201: RegisteredOut},
    refuses=(
        *PRICED,
        SessionFull,
        RegistrationNotOpen,
        RegistrationClosed,
        SessionCancelled,
        SessionPast,
        AlreadyRegistered,
        AnswersDoNotFit,
        AgeNotAllowed,
        TooManyRequests,
        OrderEnded,
        StripeUnavailable,
    ),
)
def register(request: Request[RegistrationInput]) -> ApiResponse:
    """Register for an open session; a refused request holds no spot and uses no code.

    Where the public pays when booking, the spots are held for half an hour, and `payment` says where to pay.
    """
    call = request.call
    registered = public_registration.register(
        request.org, request["session"], request.body, locale=locale_of(call), key=request.key, source=call.source, now=call.now
    )
    return ApiResponse(201, RegisteredOut.made(registered))
