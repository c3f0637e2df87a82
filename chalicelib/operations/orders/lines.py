"""The lines of a basket: at which price each is booked, and the registration that it becomes. Nothing is stored here."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import links, public_limits, throttle
from chalicelib.operations.codes.lookup import usable as usable_code
from chalicelib.operations.codes.reclaim import reclaim_open_uses
from chalicelib.operations.codes.redeem import check_left
from chalicelib.operations.identity import derived
from chalicelib.operations.invitations.accept import price_of, registration_of
from chalicelib.operations.invitations.queries import ClaimView, view_of
from chalicelib.operations.registrations.booking import Booker, booking, check_room, check_tier
from chalicelib.rules.baskets import InvitationNeedsApproval, Party, Reductions
from chalicelib.rules.codes import Code, CodeForOtherSession, compared, well_formed
from chalicelib.rules.discounts import Discount
from chalicelib.rules.inputs.baskets import BasketInput, BasketLineInput, BasketQuoteInput
from chalicelib.rules.invitations import LIVE, InvitationEnded, InvitationUsed, check_claimant
from chalicelib.rules.organisations import check_takes_bookings
from chalicelib.rules.refusals import Invalid, NotFound, Refusal
from chalicelib.rules.registration_refusals import AlreadyRegistered, TooManyParticipants
from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.rules.sessions import check_public_window
from chalicelib.tables import basket_context, codes
from chalicelib.tables.basket_context import BasketContext, LineKeys
from chalicelib.tables.booking_context import BookingContext


class Line(NamedTuple):
    """A line of a basket with everything that was read about it."""

    number: int
    input: BasketLineInput
    context: BookingContext
    invited: ClaimView | None = None
    code: Code | None = None


class BasketClient(NamedTuple):
    """The client that sent the basket: `source` is its network address, for which wrong codes and addresses are counted."""

    org: str
    source: str
    now: datetime


@contextmanager
def at_line(index: int) -> Iterator[None]:
    """Name the line in the refusals of the block."""
    try:
        yield
    except Refusal as refusal:
        raise refusal.of_line(index) if refusal.line is None else refusal from None


def read_context(client: BasketClient, basket: BasketInput | BasketQuoteInput, *, order: str = "", discount: str = "") -> BasketContext:
    """Read everything that the basket names, in one request. `order` is the id of the order that it becomes.

    Raises BookingsPaused, TooManyAttempts.
    """
    wanted = [_wanted(index, line, client.org) for index, line in enumerate(basket.lines)]
    tries = bool(discount) or any(line.code for line in wanted)
    misses = throttle.wrong_code_keys(client.org, client.source) if tries else ()
    context = basket_context.read(client.org, wanted, order=order, email=basket.email or "", discount=discount, misses=misses)
    check_takes_bookings(context.organisation)
    if tries:
        throttle.check_open(context.misses, now=client.now)
    return context


def _wanted(index: int, line: BasketLineInput, org: str) -> LineKeys:
    code, invitation = compared(line.invitation_code or ""), ""
    if line.invitation:
        with at_line(index):
            ref = links.read_invitation_token(line.invitation)
            if (ref.org, ref.session) != (org, line.session):
                raise NotFound
            invitation = ref.id
    return LineKeys(line.session, invitation, code if well_formed(code) else "")


def lines_of(client: BasketClient, basket: BasketInput | BasketQuoteInput, context: BasketContext) -> list[Line]:
    """Return the lines. Raises NotFound, InvitationEnded, InvitationUsed, UnknownCode, CodeSpent, TooFewUses, CodeForOtherSession."""
    lines, used = [], Counter[str]()
    for index, line_input in enumerate(basket.lines):
        with at_line(index):
            line = _line(client, index, line_input, context)
            if line.code:
                used[line.code.code] += line_input.spots
                check_left(line.code, used[line.code.code])
            lines.append(line)
    return lines


def _line(client: BasketClient, index: int, line_input: BasketLineInput, context: BasketContext) -> Line:
    booking = context.lines[index].booking
    if booking is None:
        raise NotFound
    if line_input.invitation:
        return Line(index, line_input, booking, invited=_invited(line_input, booking, client.now))
    if line_input.invitation_code:
        return Line(index, line_input, booking, code=_code(client, index, booking, context))
    return Line(index, line_input, booking)


def _invited(line_input: BasketLineInput, booking: BookingContext, now: datetime) -> ClaimView:
    invitation = links.check_invitation_token(booking.invitation, line_input.invitation or "")
    view = view_of(booking, invitation, now)
    if view.status == "accepted":
        raise InvitationUsed
    if view.status not in LIVE:
        raise InvitationEnded(view.status)
    if max(line_input.spots, len(line_input.participants)) > invitation.party_size:
        raise TooManyParticipants(invitation.party_size)
    return view


def _code(client: BasketClient, index: int, booking: BookingContext, context: BasketContext) -> Code:
    read = context.lines[index]
    seen = codes.CodeContext(context.organisation, read.code, read.terms, (), booking)
    code = usable_code(seen, source=client.source, now=client.now)
    if not code.price.fits(booking.session):
        raise CodeForOtherSession
    if code.left < code.max_redemptions and reclaim_open_uses(code, now=client.now):
        return codes.get(client.org, code.code)
    return code


def party_of(line: Line, discount: Discount | None) -> Party:
    """Return the line as its price needs it. Raises TierNeeded, UnknownTier."""
    line_input, session = line.input, line.context.session
    names = tuple(participant.name for participant in line_input.participants)
    if line.invited:
        invitation = line.invited.invitation
        tier_id, price = price_of(invitation, session, line_input.tier)
        tier = session.tier(tier_id)
        snapshot = Reductions(invitation.discount, invitation.sibling)
        return Party(tier.name if tier else session.title, price, invitation.party_size, names, snapshot=snapshot)
    if line.code:
        return Party(line.code.price.label or session.title, line.code.price.money, line_input.spots, names, snapshot=Reductions())
    tier = check_tier(session, line_input.tier)
    fits = discount is not None and discount.lowers(session, tier.price.currency)
    return Party(tier.name, tier.price, line_input.spots, names, fits=fits)


def parties_of(lines: Sequence[Line], discount: Discount | None) -> list[Party]:
    """Return all lines as the price of the basket needs them. Raises TierNeeded, UnknownTier."""
    parties = []
    for line in lines:
        with at_line(line.number):
            parties.append(party_of(line, discount))
    return parties


def registrations_of(
    client: BasketClient, lines: Sequence[Line], booker: Booker, *, order: str, attempt: str, signed_in: bool
) -> list[Registration]:
    """Return the registration of each line, not stored and at its full price.

    The faults of all forms are raised together. Raises AnswersDoNotFit, AgeNotAllowed, AlreadyRegistered for a participant who is named
    twice for one session, RegistrationNotOpen, RegistrationClosed, SessionCancelled, SessionPast, SessionFull, InvitationNeedsApproval,
    InvitationForOtherAddress.
    """
    found, wrong = list[Registration](), list[Invalid]()
    for line in lines:
        try:
            with at_line(line.number):
                made = _registration(client, line, booker, order=order, attempt=attempt)
        except Invalid as invalid:
            if not invalid.faults:
                raise
            wrong.append(invalid)
        else:
            found.append(replace(made, order=order, signed_in=signed_in))
    if wrong:
        wrong[0].faults = [fault for invalid in wrong for fault in invalid.faults]
        raise wrong[0]
    _check_each_once(found)
    for line, registration in zip(lines, found, strict=True):
        if not line.invited:
            with at_line(line.number):
                check_room(line.context, registration, client.now)
    return found


def _registration(client: BasketClient, line: Line, booker: Booker, *, order: str, attempt: str) -> Registration:
    id, session = derived("order line", client.org, order, attempt, str(line.number)), line.context.session
    if line.invited:
        _check_invited(client, line.invited, booker)
        acceptance = line.input.acceptance(booker.email, booker.name)
        return replace(registration_of(line.invited, acceptance, locale=booker.locale, now=client.now), id=id)
    check_public_window(session, client.now)
    key = f"{order}#{attempt}#{line.number}"
    if line.code is None:
        return booking(session, line.input, booker, "public", id=id, key=key, now=client.now)
    booked = booking(session, line.input, booker, "code", id=id, key=key, now=client.now, price=line.code.price.money)
    return replace(booked, code=line.code.code, contract=line.code.contract, entitled=line.code.participant)


def _check_invited(client: BasketClient, invited: ClaimView, booker: Booker) -> None:
    with public_limits.wrong_addresses(invited.invitation, source=client.source, now=client.now):
        if check_claimant(invited.invitation, booker.email) == "must_wait":
            raise InvitationNeedsApproval


def _check_each_once(registrations: Sequence[Registration]) -> None:
    """Raise AlreadyRegistered for a participant whom two lines name for one session."""
    named: set[tuple[str, str]] = set()
    for index, registration in enumerate(registrations):
        for name in registration.participants:
            who = (registration.session, same_participant(name))
            if who in named:
                raise AlreadyRegistered(name).of_line(index)
            named.add(who)
