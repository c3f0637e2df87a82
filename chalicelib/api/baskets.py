"""Baskets of the public: their price, and placing them; and the orders that they become."""

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.public_registration import PRICED
from chalicelib.api.registration_shapes import IssuedOut, OwnRegistrationOut, PriceLineOut, issued
from chalicelib.api.shapes import MoneyOut
from chalicelib.operations import links, orders
from chalicelib.operations.invoices import InvoiceView
from chalicelib.operations.orders import BasketQuote
from chalicelib.rules.ages import AgeNotAllowed
from chalicelib.rules.baskets import InvitationNeedsApproval, MixedCurrencies
from chalicelib.rules.inputs.baskets import BasketInput, BasketQuoteInput
from chalicelib.rules.invitations import InvitationEnded, InvitationForOtherAddress, InvitationUsed
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.orders import Order, OrderStatus
from chalicelib.rules.registrations import AlreadyRegistered, AnswersDoNotFit, Registration, TooManyParticipants
from chalicelib.rules.sessions import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast
from chalicelib.web.audience import Public
from chalicelib.web.locale import locale_of

BASKETS = "/v1/portal/{org}/baskets"
OF_LINES = (*PRICED, MixedCurrencies, InvitationEnded, InvitationUsed, TooManyParticipants)


class BasketLineOut(Out):
    """The price of a line of a basket."""

    session: str
    amount: int
    lines: list[PriceLineOut]


class BasketQuoteOut(Out):
    lines: list[BasketLineOut]
    total: MoneyOut

    @classmethod
    def of(cls, quoted: BasketQuote) -> "BasketQuoteOut":
        return cls(
            lines=[
                BasketLineOut(session=line.session.id, amount=line.quote.total.amount, lines=PriceLineOut.all_of(line.quote.lines))
                for line in quoted.lines
            ],
            total=MoneyOut.of(quoted.total),
        )


class OrderOut(Out):
    """Registrations that were booked together."""

    order: str
    """The token with which the order is read."""
    status: OrderStatus
    registrations: list[OwnRegistrationOut]
    total: MoneyOut
    invoice: IssuedOut | None
    """The invoice for all of them, once it is issued."""
    confirmation: str
    """The link to the first booking."""

    @classmethod
    def of(cls, order: Order, registrations: list[Registration], invoice: InvoiceView | None = None) -> "OrderOut":
        return cls(
            order=links.order_token(order),
            status=order.status,
            registrations=[OwnRegistrationOut.of(one) for one in registrations],
            total=MoneyOut.of(order.total),
            invoice=issued(invoice.registration) if invoice else None,
            confirmation=links.booking_link(registrations[0]),
        )


@endpoint(
    "POST",
    BASKETS + "/quote",
    id="portal.quote_basket",
    who=Public(),
    takes=BasketQuoteInput,
    gives={200: BasketQuoteOut},
    refuses=OF_LINES,
)
def quote_basket(request: Request[BasketQuoteInput]) -> Answer:
    """Quote the price of a basket, line by line."""
    call = request.call
    return Answer(200, BasketQuoteOut.of(orders.quote_basket(request.org, request.body, source=call.source, now=call.now)))


@endpoint(
    "POST",
    BASKETS,
    id="portal.place_basket",
    who=Public(),
    takes=BasketInput,
    gives={201: OrderOut},
    refuses=(
        *OF_LINES,
        InvitationForOtherAddress,
        InvitationNeedsApproval,
        SessionFull,
        RegistrationNotOpen,
        RegistrationClosed,
        SessionCancelled,
        SessionPast,
        AlreadyRegistered,
        AnswersDoNotFit,
        AgeNotAllowed,
        TooManyRequests,
    ),
)
def place_basket(request: Request[BasketInput]) -> Answer:
    """Book everything in a basket or nothing; `line` of a refusal says which line it is about."""
    call = request.call
    placed = orders.place(request.org, request.body, locale=locale_of(call), key=request.key, source=call.source, now=call.now)
    return Answer(201, OrderOut.of(placed.order, placed.registrations))


@endpoint("GET", "/v1/orders/{token}", id="portal.read_order", who=Public(), gives={200: OrderOut})
def read_order(request: Request[None]) -> Answer:
    """Read an order as it is today, with the link that its placement answered."""
    view = orders.read_order(request["token"])
    return Answer(200, OrderOut.of(view.order, view.registrations, view.invoice).model_copy(update={"total": MoneyOut.of(view.total)}))
