"""Baskets of the public: their price, and placing them; and the orders that they become."""

from typing import Annotated

from chalicelib.api.billing_shapes import IssuedInvoiceOut, PriceLineOut, issued
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.online_payment import CheckoutOut
from chalicelib.api.public_registration import PRICED
from chalicelib.api.registration_shapes import LEFT_OUT, OwnRegistrationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment, MoneyOut
from chalicelib.operations import links, orders
from chalicelib.operations.invoices import InvoiceView
from chalicelib.operations.orders import BasketQuote
from chalicelib.rules.ages import AgeNotAllowed
from chalicelib.rules.baskets import InvitationNeedsApproval, MixedBasketCurrencies
from chalicelib.rules.inputs.baskets import BasketInput, BasketQuoteInput
from chalicelib.rules.invitations import InvitationAwaitsPayment, InvitationEnded, InvitationForOtherAddress, InvitationUsed
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.online_payment import OnlinePaymentOff, StripeUnavailable
from chalicelib.rules.orders import Order, OrderBooked, OrderEnded, OrderStatus
from chalicelib.rules.registration_refusals import AlreadyRegistered, AnswersDoNotFit, TooManyParticipants
from chalicelib.rules.registrations import Registration
from chalicelib.rules.session_refusals import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast
from chalicelib.web.audience import Public
from chalicelib.web.locale import locale_of

BASKETS = "/v1/portal/{org}/baskets"
OF_LINES = (*PRICED, MixedBasketCurrencies, InvitationEnded, InvitationUsed, TooManyParticipants)


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
    """Registrations that were booked together, or that wait for their payment."""

    order: str
    """The token with which the order is read."""
    status: OrderStatus
    """`expired` and `refunded` orders have no registrations any more: the time to pay ran out, or the payment came in after that."""
    registrations: list[OwnRegistrationOut]
    total: MoneyOut
    invoice: IssuedInvoiceOut | None
    """The invoice for all of them, once it is issued."""
    confirmation: str
    """The link to the first booking; while it waits for its payment, to the page of the order."""
    checkout: Annotated[str, LEFT_OUT] = ""
    """Stripe's payment page, in the answer to an order that waits for its payment: redirect the browser to it."""
    held_until: Annotated[Moment | None, LEFT_OUT] = None
    """Until when an order waits for its payment."""

    @classmethod
    def of(cls, order: Order, registrations: list[Registration], invoice: InvoiceView | None = None, *, checkout: str = "") -> "OrderOut":
        return cls(
            order=links.order_token(order),
            status=order.status,
            registrations=[OwnRegistrationOut.of(one) for one in registrations],
            total=MoneyOut.of(order.total),
            invoice=issued(invoice.registration) if invoice else None,
            confirmation=links.booking_link(registrations[0]) if order.booked_at else links.order_link(order),
            checkout=checkout,
            held_until=order.deadline if order.awaits_payment else None,
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
def quote_basket(request: Request[BasketQuoteInput]) -> ApiResponse:
    """Quote the price of a basket, line by line."""
    call = request.call
    return ApiResponse(200, BasketQuoteOut.of(orders.quote_basket(request.org, request.body, source=call.source, now=call.now)))


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
        InvitationAwaitsPayment,
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
        StripeUnavailable,
    ),
)
def place_basket(request: Request[BasketInput]) -> ApiResponse:
    """Book everything in a basket or nothing; `line` of a refusal says which line it is about.

    Where the public pays when booking, the order is held for half an hour and waits for its payment at `checkout`.
    """
    call = request.call
    placed_order = orders.place_order(request.org, request.body, locale=locale_of(call), key=request.key, source=call.source, now=call.now)
    return ApiResponse(201, OrderOut.of(placed_order.order, placed_order.registrations, checkout=placed_order.checkout))


@endpoint("GET", "/v1/orders/{token}", id="portal.read_order", who=Public(), gives={200: OrderOut})
def read_order(request: Request[None]) -> ApiResponse:
    """Read an order as it is today. Stripe is asked about one that waits for its payment."""
    view = orders.read_order(request["token"], now=request.call.now)
    return ApiResponse(200, OrderOut.of(view.order, view.registrations, view.invoice).model_copy(update={"total": MoneyOut.of(view.total)}))


@endpoint(
    "POST",
    "/v1/orders/{token}/checkout",
    id="portal.pay_order",
    who=Public(),
    gives={201: CheckoutOut},
    refuses=(OrderBooked, OrderEnded, OnlinePaymentOff, StripeUnavailable),
)
def pay_order(request: Request[None]) -> ApiResponse:
    """Return the payment page of an order that waits for its payment; repeated, it is the same page."""
    return ApiResponse(201, CheckoutOut(url=orders.open_checkout(request["token"], now=request.call.now)))
