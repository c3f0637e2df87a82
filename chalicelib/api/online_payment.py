"""Paying an invoice online, through the organisation's own Stripe account."""

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Public, Request, endpoint
from chalicelib.operations import invoices
from chalicelib.rules.online_payment import BadSignature, NothingDue, OnlinePaymentOff, StripeUnavailable


class CheckoutOut(Out):
    url: str
    """Stripe's page that takes the payment: send the browser there."""


@endpoint(
    "POST",
    "/v1/invoices/{token}/checkout",
    who=Public(),
    gives={201: CheckoutOut},
    refuses=(NothingDue, OnlinePaymentOff, StripeUnavailable),
)
def open_checkout(request: Request[None]) -> Answer:
    """Open the page that takes what is still due of an invoice; asked again, it is the same one."""
    return Answer(201, CheckoutOut(url=invoices.open_checkout(request["token"], now=request.call.now)))


class HeardOut(Out):
    received: bool = True


@endpoint("POST", "/v1/stripe/{org}/webhook", who=Public(), gives={200: HeardOut}, refuses=(BadSignature,), kept=False)
def hear_stripe(request: Request[None]) -> Answer:
    """Hear what Stripe tells, signed with the organisation's webhook secret; a payment is noted once, other events are let pass."""
    call = request.call
    invoices.hear_stripe(request.org, call.body, call.headers.get("stripe-signature", ""), now=call.now)
    return Answer(200, HeardOut())
