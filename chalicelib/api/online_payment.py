"""Paying an invoice online, through the organisation's own Stripe account."""

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.operations import invoices, stripe_events
from chalicelib.rules.online_payment import BadSignature, NothingDue, OnlinePaymentOff, StripeUnavailable
from chalicelib.rules.organisation_refusals import BookingsPaused
from chalicelib.web.audience import Public


class CheckoutOut(Out):
    url: str
    """Stripe's payment page: redirect the browser to it."""


@endpoint(
    "POST",
    "/v1/invoices/{token}/checkout",
    id="online_payment.open_checkout",
    who=Public(),
    gives={201: CheckoutOut},
    refuses=(BookingsPaused, NothingDue, OnlinePaymentOff, StripeUnavailable),
)
def open_checkout(request: Request[None]) -> ApiResponse:
    """Open the payment page for the amount due of an invoice; repeated, it is the same page."""
    return ApiResponse(201, CheckoutOut(url=invoices.open_checkout(request["token"], now=request.call.now)))


class EventReceivedOut(Out):
    received: bool = True


@endpoint(
    "POST",
    "/v1/stripe/{org}/webhook",
    id="online_payment.hear_stripe",
    who=Public(),
    gives={200: EventReceivedOut},
    refuses=(BadSignature,),
    replayable=False,
)
def receive_stripe_event(request: Request[None]) -> ApiResponse:
    """Receive a Stripe event, signed with the organisation's webhook secret; a payment is recorded once.

    A payment books its order too; other events are ignored.
    """
    call = request.call
    stripe_events.handle_stripe_event(request.org, call.body, call.headers.get("stripe-signature", ""), now=call.now)
    return ApiResponse(200, EventReceivedOut())
