"""Invitations in an order: accepted by the write that books it, and reserved for it while it waits for its payment.

A reserved invitation has its hold as before, and lasts at least as long as the order may be booked. Staff may still cancel it, and the
holder of its link may decline it: a payment that comes in after that is refunded.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, NamedTuple

from chalicelib.operations.invitations.accept import how_it_ended
from chalicelib.rules.invitations import Invitation, InvitationAwaitsPayment, InvitationEnded, InvitationUsed
from chalicelib.rules.refusals import Busy, NotFound, Refusal
from chalicelib.rules.registrations import Registration
from chalicelib.tables import dynamodb, invitations, ledger
from chalicelib.tables.items import Item

ATTEMPTS = 8


class InvitedLine(NamedTuple):
    """A line of an order with an invitation, and the number of the chunk that has its hold."""

    number: int
    invitation: Invitation
    registration: Registration
    chunk: int


class InvitationWrites(NamedTuple):
    """The writes of the invitations whose holds lie on one chunk. The first write is the chunk's."""

    lines: list[InvitedLine]
    writes: list[dict[str, Any]]

    def refused(self, reasons: Sequence[Item | None], now: datetime) -> Refusal:
        """Return why the order was refused. `reasons`: for each of the writes None, or the existing item if its condition failed."""
        holds = ledger.chunk_from(reasons[0]).holds if reasons[0] else {}
        for line in self.lines:
            hold, invitation = holds.get(line.invitation.id), line.invitation
            if hold and hold.is_taken:
                return InvitationUsed().of_line(line.number)
            if hold and hold.is_for(invitation) and hold.awaits_payment(now) and hold.payer != line.registration.id:
                return InvitationAwaitsPayment().of_line(line.number)
            if reasons[0] and (hold is None or not hold.is_for(invitation) or not hold.is_live(now)):
                return InvitationEnded(how_it_ended(invitation)).of_line(line.number)
        return Busy()


def accept_writes(lines: Iterable[InvitedLine], *, now: datetime) -> list[InvitationWrites]:
    """Return the writes that accept invitations, for an order that is booked without a payment."""
    return [InvitationWrites(group, [_confirm_write(group, now=now)]) for group in _by_chunk(lines)]


def payment_hold_writes(lines: Iterable[InvitedLine], *, until: datetime, now: datetime) -> list[InvitationWrites]:
    """Return the writes that reserve invitations for an order until a moment: nobody else can accept them, and they last as long."""
    found = []
    for group in _by_chunk(lines):
        first = group[0].registration
        holds = [ledger.PaymentHold(one.registration.hold, one.registration.nonce, one.registration.id, _ends(one, until)) for one in group]
        seconds, at = int(until.timestamp()), int(now.timestamp())
        writes = [ledger.payment_hold_write(first.org, first.session, group[0].chunk, holds, until=seconds, now=at)]
        writes += [invitations.prolong_write(one.invitation, until) for one in group if _ends(one, until)]
        found.append(InvitationWrites(group, writes))
    return found


def hold_for_payment(registration: Registration, *, until: datetime) -> None:
    """Reserve the invitation of a line until a moment; also an expired one that nobody has ended. Safe to repeat.

    Raises HoldGone, also if another order has it. Raises Busy.
    """
    for _ in range(ATTEMPTS):
        line = _current_line(registration)
        try:
            dynamodb.transact(write for part in payment_hold_writes([line], until=until, now=_ANY_TIME) for write in part.writes)
        except dynamodb.TransactionFailed:
            continue  # It was ended, moved or kept for another order meanwhile.
        return
    raise Busy


def paid_accept_writes(registrations: Iterable[Registration], *, now: datetime) -> list[dict[str, Any]]:
    """Return the writes that accept the invitations of an order with its payment. Raises HoldGone if one is no longer reserved for it."""
    lines = [_current_line(one, is_kept=True) for one in registrations if one.invitation]
    return [_confirm_write(group, now=now, paid=True) for group in _by_chunk(lines)]


def chunk_of(invitation: Invitation, *, chunks: int) -> int:
    """Return the number of the chunk that has the invitation's hold, of so many."""
    if chunks == 1:
        return 0
    found = ledger.locate_hold(invitation)
    return found.chunk if found else invitation.chunk


_ANY_TIME = datetime.fromtimestamp(0, UTC)


def _current_line(registration: Registration, *, is_kept: bool = False) -> InvitedLine:
    """Return the line with its invitation as it is now. Raises HoldGone unless it can be reserved for this line, or with `is_kept` is."""
    try:
        invitation = invitations.get(registration.org, registration.session, registration.invitation)
    except NotFound:
        raise ledger.HoldGone from None
    found = ledger.locate_hold(registration)
    if invitation.ended or found is None or not found.hold.is_for(registration) or found.hold.is_taken:
        raise ledger.HoldGone
    if found.hold.payer != registration.id and (is_kept or found.hold.payer):
        raise ledger.HoldGone
    return InvitedLine(0, invitation, registration, found.chunk)


def _ends(line: InvitedLine, until: datetime) -> bool:
    return line.invitation.expires_at < until


def _confirm_write(group: Sequence[InvitedLine], *, now: datetime, paid: bool = False) -> dict[str, Any]:
    first = group[0].registration
    confirmed = [ledger.Confirmed(one.registration.hold, one.registration.nonce, one.registration.id) for one in group]
    at = int(now.timestamp())
    return ledger.confirm_holds_write(first.org, first.session, group[0].chunk, confirmed, now=at, paid=paid)


def _by_chunk(lines: Iterable[InvitedLine]) -> Iterator[list[InvitedLine]]:
    by_chunk = sorted(lines, key=lambda line: (line.registration.session, line.chunk, line.number))
    for _, group in groupby(by_chunk, key=lambda line: (line.registration.session, line.chunk)):
        yield list(group)
