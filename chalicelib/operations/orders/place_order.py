"""Places a basket as an order: every line is booked or none, whatever happens between the requests.

One request reads everything. Then come the order's row with the first line's row, the other lines' rows, a hold on the ledger for each
line, one write that books the order with all uses of codes, and the confirmation of each hold: at most 2 + 3 n requests. The holds are
claimed in the order of the sessions, so that of two baskets that want the same last spots one gets all of its own.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib import stripe
from chalicelib.operations import links, public_limits
from chalicelib.operations.identity import derived
from chalicelib.operations.orders.book import Bookable, book, hold
from chalicelib.operations.orders.complete import complete, confirm_line
from chalicelib.operations.orders.lines import BasketClient, Line, at_line, read_context, registrations_of
from chalicelib.operations.orders.price import Priced, code_of, price
from chalicelib.operations.orders.unbooked import delete_line
from chalicelib.operations.registrations.booking import Booker, write_registration
from chalicelib.rules.baskets import Reductions
from chalicelib.rules.inputs.baskets import BasketInput
from chalicelib.rules.ledger import Hold
from chalicelib.rules.online_payment import StripeUnavailable, checkout_of_order
from chalicelib.rules.orders import Order, OrderLine, deadline, is_paid_online
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.stripe import CheckoutSession
from chalicelib.tables import ledger, online_payment, orders
from chalicelib.tables.basket_context import BasketContext
from chalicelib.tables.dynamodb import AlsoRefused


class PlacedOrder(NamedTuple):
    """An order that is booked, or that is held and waits for its payment at this URL of Stripe."""

    order: Order
    registrations: list[Registration]
    checkout: str = ""


def place_order(
    org: str, basket: BasketInput, *, locale: str, key: str, source: str = "", signed_in: bool = False, now: datetime
) -> PlacedOrder:
    """Book every line of a basket, or none; where it is paid online, hold every line or none until Stripe says how the payment ended.

    A retry with the same key returns the same order. A refusal leaves no hold and no use.

    `source` is the client's network address, for which registrations and wrong codes are counted. `signed_in`: the owner of the basket's
    address sent it. `line` of a refusal says which line it is about.
    Raises as `quote_basket` and `registrations_of`, and SessionFull, AlreadyRegistered, TooManyRequests, StripeUnavailable, Busy.
    """
    client, id = BasketClient(org, source, now), derived("order", org, key)
    context = read_context(client, basket, order=id, discount=code_of(basket))
    earlier = context.order
    if earlier and earlier.status != "placing":
        return _order_placed_before(earlier, now=now)
    if earlier:
        earlier = _take_over(earlier, now)
        context = read_context(client, basket, discount=code_of(basket))
    priced = price(client, basket, context)
    booker = Booker(basket.name, basket.email, basket.locale or locale)
    made = registrations_of(client, priced.lines, booker, order=id, attempt=now.isoformat(), signed_in=signed_in)
    made = [_lowered(one, terms) for one, terms in zip(made, priced.terms, strict=True)]
    public_limits.count("registration", org, basket.email, source=source, now=now, times=len(made))
    order = _order(org, id, made, priced, context.organisation, now)
    attempt = _Attempt(order, priced, made, context, earlier)
    return attempt.run(now)


def _lowered(registration: Registration, terms: Reductions) -> Registration:
    """Return the registration at the basket's price. An invitation and a code keep theirs."""
    if registration.invitation or registration.code:
        return registration
    lowered = replace(registration, discount=terms.discount, sibling=terms.sibling, sibling_spots=terms.siblings)
    return replace(lowered, discount_returned=terms.discount is not None)


def _order(org: str, id: str, made: Sequence[Registration], priced: Priced, organisation: Organisation, now: datetime) -> Order:
    lines = tuple(OrderLine(one.session, one.id) for one in made)
    online = is_paid_online(organisation, priced.total)
    return Order(org, id, lines, priced.total, begun_at=now, deadline=deadline(now, online=online), discount=priced.reduction)


def _order_placed_before(order: Order, *, now: datetime) -> PlacedOrder:
    if not order.booked_at:
        return PlacedOrder(order, orders.registrations_of(order), _checkout_before(order))
    with suppress(Busy):  # The stream repeats it.
        complete(order, now=now)
    return PlacedOrder(order, orders.registrations_of(order))


def _checkout_before(order: Order) -> str:
    """Return the payment page of an order that waits for its payment; empty once that has ended. Raises StripeUnavailable."""
    if not order.awaits_payment:
        return ""
    match stripe.read_checkout(online_payment.get(order.org).secret_key, order.checkout):
        case {"status": "open", "url": str(url)}:
            return url
    return ""


def _take_over(earlier: Order, now: datetime) -> Order:
    """Return the order as this attempt's, after freeing what the earlier attempt of the same request has left. Raises Busy."""
    ours = replace(earlier, begun_at=now, deadline=deadline(now))  # The attempt writes its own over it.
    _begin_again(ours, earlier)
    for registration in orders.registrations_of(earlier):
        delete_line(registration)
    return ours


def _begin_again(order: Order, earlier: Order) -> None:
    try:
        orders.begin_again(order, was=earlier)
    except orders.OrderLapsed:
        raise Busy from None  # Another attempt of this request is at work, or has booked it.


class _Attempt:
    """One attempt to place an order, and how far it has come."""

    def __init__(self, order: Order, priced: Priced, made: list[Registration], context: BasketContext, earlier: Order | None) -> None:
        self.order, self.priced, self.made, self.context, self.earlier = order, priced, made, context, earlier
        self.written: list[Registration] = []
        self.chunks: dict[int, int] = {}

    def run(self, now: datetime) -> PlacedOrder:
        try:
            self._write(now)
            self._claim(now)
            if is_paid_online(self.context.organisation, self.order.total):
                return self._held(now)
            order = book(self._bookable(), now=now)
        except Refusal:
            if self._undone():
                raise
            return _order_placed_before(orders.get(self.order.org, self.order.id), now=now)  # Only the reply of the last write was lost.
        with suppress(Busy):  # The order is booked: the stream confirms the rest.
            for index, registration in enumerate(self.made):
                confirm_line(registration, chunk=self.chunks.get(index), now=now)
        return PlacedOrder(order, self.made)

    def _held(self, now: datetime) -> PlacedOrder:
        """Open the payment page, and let the order wait for it. Raises StripeUnavailable, and as `book`."""
        opened = _opened(self.order, self.made, self.priced, now)
        order = hold(self._bookable(), checkout=opened.id, now=now)
        return PlacedOrder(order, self.made, opened.url)

    def _write(self, now: datetime) -> None:
        """Write the order's row with the first line's, then the other lines'."""
        if self.earlier:
            _begin_again(self.order, self.earlier)
        for index, registration in enumerate(self.made):
            also = [orders.begin_write(self.order)] if index == 0 and not self.earlier else []
            self.written.append(registration)
            with at_line(index):
                try:
                    write_registration(registration, now, others=self.context.other_addresses, also=also)
                except AlsoRefused:
                    raise Busy from None  # Another request with the same key places this order at the moment.

    def _claim(self, now: datetime) -> None:
        until = int(self.order.held_until.timestamp())
        for line in sorted(self.priced.lines, key=lambda line: line.context.session.id):
            if not line.invited:
                with at_line(line.number):
                    self.chunks[line.number] = self._claimed(line, until, now)

    def _claimed(self, line: Line, until: int, now: datetime) -> int:
        registration, session = self.made[line.number], line.context.session
        hold = Hold(spots=registration.party_size, state="held", nonce=registration.nonce, expires_at=until)
        return ledger.claim_publicly(
            registration.org, session.id, registration.hold, hold, chunks=session.chunks, queue=line.context.queue, now=now
        )

    def _bookable(self) -> Bookable:
        return Bookable(self.order, self.priced, self.made)

    def _undone(self) -> bool:
        """Undo the attempt: first the order, so that nothing can book it, then its holds and rows. False if it is booked."""
        if not orders.drop(self.order):
            return False
        for registration in self.written:
            delete_line(registration)
        return True


def _opened(order: Order, made: Sequence[Registration], priced: Priced, now: datetime) -> CheckoutSession:
    """Open Stripe's page for an order. Raises StripeUnavailable."""
    named = [(line.context.session.title, one.total) for line, one in zip(priced.lines, made, strict=True) if one.total.amount]
    fields = checkout_of_order(order, named, email=made[0].email, page=links.order_link(order), lang=made[0].locale)
    secret_key = online_payment.get(order.org).secret_key
    if not secret_key:
        raise StripeUnavailable
    return stripe.open_checkout(secret_key, fields, now=now)
