"""Books an order: one write, with the uses of all codes and the acceptance of all invitations in the basket."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from chalicelib.operations.codes.redeem import why_refused
from chalicelib.operations.discounts.apply import allotted, usable
from chalicelib.operations.discounts.reclaim import reclaim_open_uses
from chalicelib.operations.discounts.usage import used_elsewhere
from chalicelib.operations.orders import invitation_writes
from chalicelib.operations.orders.invitation_writes import InvitedLine
from chalicelib.operations.orders.lines import Line
from chalicelib.operations.orders.price import Priced
from chalicelib.rules.codes import Code, Use
from chalicelib.rules.discounts import Discount, DiscountRefused, DiscountUsedUpByCustomer
from chalicelib.rules.orders import Order
from chalicelib.rules.refusals import Busy, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.tables import codes, discounts, orders
from chalicelib.tables.dynamodb import AlsoRefused
from chalicelib.tables.items import Item

ATTEMPTS = 16
"""Of the last uses of a discount code, each may go to another request while this one chooses."""


class Bookable(NamedTuple):
    """An order whose lines all have their rows and holds."""

    order: Order
    priced: Priced
    registrations: list[Registration]


class OrderWrites(Protocol):
    """The rows that are written together with the order."""

    @property
    def writes(self) -> list[dict[str, Any]]: ...

    def refused(self, reasons: Sequence[Item | None], now: datetime) -> Refusal:
        """Return why the order was not booked. `reasons`: for each of the writes None, or the existing item if its condition failed."""
        ...


def book(bookable: Bookable, *, now: datetime) -> Order:
    """Book the order and return it. Raises CodeSpent, TooFewUses, UnknownCode, InvitationEnded, InvitationUsed,
    InvitationAwaitsPayment, DiscountRefused, Busy.
    """
    parts: list[OrderWrites] = [*_codes(bookable, now), *invitation_writes.accept_writes(_invited(bookable), now=now)]
    return _write(bookable._replace(order=replace(bookable.order, booked_at=now)), orders.book, parts, now)


def hold(bookable: Bookable, *, checkout: str, now: datetime) -> Order:
    """Let the order wait for its payment on this Checkout Session, and return it. Its codes are used now, so that its price holds.

    Its invitations are kept for it. Raises as `book`.
    """
    of_invitations = invitation_writes.payment_hold_writes(_invited(bookable), until=bookable.order.held_until, now=now)
    held = replace(bookable.order, held_at=now, checkout=checkout)
    return _write(bookable._replace(order=held), orders.hold, [*_codes(bookable, now), *of_invitations], now)


def _write(bookable: Bookable, write: Callable[[Order, list[dict[str, Any]]], None], others: Sequence[OrderWrites], now: datetime) -> Order:
    """Write the order and all its parts. A use of a discount code that somebody else took first is taken on another share."""
    for attempt in range(ATTEMPTS):
        order, of_discount = _with_use(bookable, attempt, now)
        parts: list[OrderWrites] = [*others, *of_discount]
        try:
            write(order, [also for part in parts for also in part.writes])
        except orders.OrderLapsed:
            raise Busy from None
        except AlsoRefused as refused:
            why = _why(parts, refused.reasons, now)
            if not isinstance(why, _UsedElsewhere):
                raise why from None
        else:
            return order
    raise Busy


def _why(parts: Iterable[OrderWrites], reasons: Sequence[Item | None], now: datetime) -> Refusal:
    first = 0
    for part in parts:
        part_reasons = reasons[first : first + len(part.writes)]
        first += len(part_reasons)
        if any(reason is not None for reason in part_reasons):
            return part.refused(part_reasons, now)
    return Busy()


class _OfCode(NamedTuple):
    """The uses of one code by all lines that are booked with it."""

    code: Code
    lines: list[Line]
    writes: list[dict[str, Any]]

    def refused(self, reasons: Sequence[Item | None], now: datetime) -> Refusal:
        wanted = sum(line.input.spots for line in self.lines)
        return why_refused(codes.code_or_none(reasons[0]), wanted, now=now).of_line(self.lines[0].number)


def _codes(bookable: Bookable, now: datetime) -> list[_OfCode]:
    """Return the uses of codes. They are final at once: the order decides about them, and no clean-up of the code needs to."""
    with_code = [line for line in bookable.priced.lines if line.code]
    found = []
    for code in {line.code.code: line.code for line in with_code if line.code}.values():
        lines = [line for line in with_code if line.code and line.code.code == code.code]
        uses = {one.id: _use(one, now) for one in (bookable.registrations[line.number] for line in lines)}
        found.append(_OfCode(code, lines, [codes.uses_write(code, uses, now=now)]))
    return found


def _use(registration: Registration, now: datetime) -> Use:
    return Use(redemptions=registration.party_size, session=registration.session, nonce=registration.nonce, tried_at=now, is_final=True)


def _invited(bookable: Bookable) -> list[InvitedLine]:
    found = []
    for line in bookable.priced.lines:
        if line.invited:
            invitation, registration = line.invited.invitation, bookable.registrations[line.number]
            chunk = invitation_writes.chunk_of(invitation, chunks=line.context.session.chunks)
            found.append(InvitedLine(line.number, invitation, registration, chunk))
    return found


class _UsedElsewhere(Busy):
    """The share of a discount code has no use left, where others have."""


class _OfDiscount(NamedTuple):
    """The one use of the basket's discount code."""

    discount: Discount
    fitting: Line
    writes: list[dict[str, Any]]

    def refused(self, reasons: Sequence[Item | None], now: datetime) -> Refusal:
        session = self.fitting.context.session
        try:
            usable(self.discount.org, self.discount.code, session, self.discount.currency, now=now)
        except DiscountRefused as refused:
            return refused  # type: ignore[return-value]  # Each of them is a refusal.
        if reasons[-1] is not None and not reclaim_open_uses(self.discount, now=now):
            return DiscountUsedUpByCustomer()
        return _UsedElsewhere()


def _with_use(bookable: Bookable, attempt: int, now: datetime) -> tuple[Order, list[_OfDiscount]]:
    """Return the order with the share of its discount code's use, and that use. Raises DiscountRefused, Busy."""
    order, priced = bookable.order, bookable.priced
    if order.discount is None or priced.discount is None or priced.fitting is None:
        return order, []
    discount = allotted(_as_priced(priced.discount, priced.fitting, now) if attempt else priced.discount)
    order = replace(order, discount=discount.counted(order.discount, order.id, attempt))
    assert order.discount
    elsewhere = used_elsewhere(discount, bookable.registrations[0].email)
    return order, [_OfDiscount(discount, priced.fitting, discounts.count_writes(discount, order.discount, elsewhere))]


def _as_priced(discount: Discount, fitting: Line, now: datetime) -> Discount:
    """Return the code as it is by now. Raises Busy if it was edited since the price was told: another try tells the new one."""
    found = usable(discount.org, discount.code, fitting.context.session, discount.currency, now=now)
    if found.version != discount.version:
        raise Busy
    return found
