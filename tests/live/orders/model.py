"""What must be so of baskets at every moment, and once everything has been heard: counted where each thing is decided."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from chalicelib.config import config
from chalicelib.operations.identity import derived
from chalicelib.rules.codes import Code
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import Hold
from chalicelib.rules.orders import Order
from chalicelib.rules.registrations import Registration
from chalicelib.tables import booking_context, codes, dynamodb, keys
from chalicelib.tables.booking_context import Roster
from chalicelib.tables.orders import order_from
from tests.live.ledger.scenario import ORG, assert_lawful
from tests.live.orders.scenario import Shop, used
from tests.live.orders.stripe_model import FakeStripe


class Seen(NamedTuple):
    """Everything that the baskets of a shop have come to, read once."""

    at: Shop
    rosters: dict[str, Roster]
    orders: list[Order]
    code: Code

    @property
    def holds(self) -> dict[tuple[str, str], Hold]:
        return {(session, id): hold for session, roster in self.rosters.items() for id, hold in roster.holds().items()}

    @property
    def rows(self) -> dict[tuple[str, str], Registration]:
        return {(one.session, one.id): one for roster in self.rosters.values() for one in roster.registrations}

    @property
    def invitations(self) -> dict[str, Invitation]:
        return {one.id: one for one in self.rosters[self.at.invited].invitations}

    @property
    def cancelled(self) -> dict[str, datetime]:
        return {id: roster.session.cancelled_at for id, roster in self.rosters.items() if roster.session.cancelled_at}

    def lines_of(self, order: Order) -> list[Registration]:
        return [self.rows[line.session, line.registration] for line in order.lines if (line.session, line.registration) in self.rows]


def seen(at: Shop, requests: Iterable[str]) -> Seen:
    """Read a shop, with the orders that these requests have made."""
    order_keys = [keys.order(ORG, derived("order", ORG, key)) for key in requests]
    found = dynamodb.batch_get({config().rosters_table: order_keys}) if order_keys else {}
    rosters = {session: booking_context.roster(ORG, session) for session in at.sessions}
    return Seen(at, rosters, [order_from(row) for row in found.values()], codes.get(ORG, at.code))


def check(now_it_is: Seen, fake: FakeStripe, *, online: bool, now: datetime) -> None:
    """Check what must be so at every moment."""
    _check_spots(now_it_is)
    for order in now_it_is.orders:
        if order.booked_at:
            _check_booked(now_it_is, order, fake, online=online)
        if order.awaits_payment and now < order.deadline:
            _check_held(now_it_is, order, now)


def check_settled(at_last: Seen, fake: FakeStripe, removed: set[str]) -> None:
    """Check what must be so when everything has been heard: every line or none, each use with its booking, each payment with either."""
    booked = [order for order in at_last.orders if order.booked_at]
    standing = [one for order in booked for one in at_last.lines_of(order)]
    open_ones = [order for order in at_last.orders if order.status not in {"booked", "expired", "refunded"}]
    assert not any(order.awaits_payment or at_last.lines_of(order) for order in open_ones), "nobody knows how it ended"
    assert len(standing) == sum(len(order.lines) for order in booked), "a booked order has lost a line"
    for one in standing:
        assert one.id in removed or one.holds(at_last.holds.get((one.session, one.hold))), f"line {one.id} of a booked order has no spots"
    _check_nothing_else_held(at_last)
    _check_uses(at_last, standing)
    with_discount = [order for order in booked if order.discount and not order.discount_returned]
    assert used(at_last.at.discount) == len(with_discount), "uses of the discount without a booking, or the other way round"
    _check_money(at_last, fake)


def _check_spots(found: Seen) -> None:
    """Check that every spot that is taken has its registration, and that one of an order is booked."""
    by_id, rows = {order.id: order for order in found.orders}, found.rows
    for session in found.at.sessions:
        assert_lawful(session)
    for (session, id), hold in found.holds.items():
        if hold.is_taken:
            row = rows.get((session, hold.registration or id))
            assert row, f"{id} has spots without a registration"
            order = by_id.get(row.order)
            assert not row.order or (order and order.booked_at), f"{id} has spots without a booked order"


def _check_booked(found: Seen, order: Order, fake: FakeStripe, *, online: bool) -> None:
    """Check that an order is not booked without its money, or for a session that had been cancelled."""
    if online and order.total.amount:
        session = fake.sessions.get(order.paid_on)
        assert session, "booked without its money"
        assert (session.paid, session.refunded) == (True, []), "booked without its money"
    ended = [found.cancelled.get(line.session) for line in order.lines]
    assert not any(end and end < order.booked_at for end in ended if order.booked_at), "booked for a session that had been cancelled"


def _check_held(found: Seen, order: Order, now: datetime) -> None:
    """Check that an order that waits for its payment, in time, holds all of its spots and uses."""
    for registration in found.lines_of(order):
        if registration.invitation and found.invitations[registration.invitation].ended:
            continue  # It was withdrawn: the payment will be refunded.
        hold = found.holds.get((registration.session, registration.hold))
        assert hold, "the spots are not held"
        assert (hold.state, hold.nonce, hold.is_live(now)) == ("held", registration.nonce, True), "the spots are not held"
        assert not registration.invitation or hold.payer == registration.id, "somebody else may accept the invitation"
        used_by = registration.id in found.code.uses or registration.session in found.cancelled
        assert not registration.code or used_by, "the code is not used"


def _check_nothing_else_held(found: Seen) -> None:
    """Check that nothing is held but for invitations, as long as they live, and that they are kept for nobody."""
    for (_, id), hold in found.holds.items():
        if not hold.is_taken:
            assert id in found.invitations, f"{id} is held for nobody"
            assert not found.invitations[id].ended, "an invitation that has ended holds spots"
            assert hold.payer is None, f"the invitation is kept for {hold.payer}, which is over"


def _check_uses(found: Seen, standing: list[Registration]) -> None:
    with_code = {one.id for one in standing if one.code and one.session not in found.cancelled}
    assert found.code.uses.keys() - {one.id for one in standing} == set(), "uses of the code without a booking"
    assert with_code <= found.code.uses.keys(), "bookings without their uses of the code"
    assert found.code.left == found.code.max_redemptions - len(found.code.uses)


def _check_money(found: Seen, fake: FakeStripe) -> None:
    """Check that each payment has its spots or its refund."""
    by_id = {order.id: order for order in found.orders}
    for session in fake.sessions.values():
        order = by_id.get(session.order)
        stands = bool(order and order.booked_at and order.paid_on == session.id)
        assert not session.paid or stands != bool(session.refunded), f"money without spots or refund, or with both: {session}"
        if stands and order:
            paid = [part.amount for one in found.lines_of(order) for part in one.payments]
            assert sum(paid) == session.amount, "the payment is recorded once"
