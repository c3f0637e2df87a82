"""An offer: an invitation for a waitlist entry, whose spots are held in the transaction that creates it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from chalicelib.operations import reactions
from chalicelib.operations.identity import derived, nonce
from chalicelib.rules.invitations import LIVE, Invitation, status
from chalicelib.rules.ledger import IN_FLIGHT, Chunk
from chalicelib.rules.refs import Ref
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.sessions import check_not_over
from chalicelib.rules.waitlist import AlreadyOffered, EntryEnded, WaitlistEntry
from chalicelib.tables import booking_context, invitations, ledger, waitlist
from chalicelib.tables.booking_context import BookingContext

ATTEMPTS = 8


class InvitationOnItsWay(Exception):
    """Another request may be inviting the address. Whether it does is known within two minutes."""


class Room:
    """The free spots of each chunk of a session as they were read, less those that were given since."""

    def __init__(self, chunks: Iterable[Chunk]) -> None:
        self._spots = {chunk.number: chunk.spots for chunk in chunks if not chunk.debt}

    def take(self, wanted: int) -> int | None:
        """Return a chunk with so many free spots. None when no chunk had enough: room has to be made, and nothing is known afterwards."""
        number = next((number for number, spots in self._spots.items() if spots >= wanted), None)
        if number is None:
            self._spots.clear()
        else:
            self._spots[number] -= wanted
        return number


class Offered(NamedTuple):
    """An entry with its offer."""

    entry: WaitlistEntry
    invitation: Invitation


def offer_by_hand(org: str, public_id: str, *, by: str, now: datetime) -> Offered:
    """Offer free spots to this entry, whatever its position. `by` is the user who offers.

    Raises NotFound, SessionFull, AlreadyOffered, EntryEnded, SessionPast, SessionCancelled, Busy.
    """
    _, session_id, id = Ref.parse(org, public_id)
    for attempt in range(ATTEMPTS):
        entry = waitlist.get(org, session_id, id)
        if entry.status == "offered":
            return _made_before(entry, by, first_try=attempt == 0)
        if not entry.is_live:
            raise EntryEnded
        try:
            context = booking_context.read(org, session_id, email=entry.email)
            return make_offer(entry, context, by=by, now=now)
        except ChangedMeanwhile:
            continue
        except InvitationOnItsWay:
            break
    raise Busy


def _made_before(entry: WaitlistEntry, by: str, *, first_try: bool) -> Offered:
    """Return the offer that an earlier attempt of this request made, its reply lost. Raises AlreadyOffered for any other offer."""
    invitation = None if first_try else invitations.find(entry.org, entry.session, entry.invitation)
    if invitation is None or invitation.invited_by != by:
        raise AlreadyOffered
    return Offered(entry, invitation)


def make_offer(entry: WaitlistEntry, context: BookingContext, *, by: str, room: Room | None = None, now: datetime) -> Offered:
    """Hold free spots for an entry and queue its invitation. A live invitation of its address becomes the offer.

    `context` is that of its address; `room`: the session's free spots as they were read, from which the offer takes its own.
    Raises SessionFull, SessionPast, SessionCancelled, InvitationOnItsWay, ChangedMeanwhile if another write came first.
    """
    check_not_over(context.session, now)
    earlier = _earlier(context)
    adopted = next(filter(None, (_live_offer(entry, other, now) for other in earlier)), None)
    alternatives = _alternatives(entry)
    if adopted:
        return Offered(waitlist.adopt(entry, adopted.id, alternatives=alternatives), adopted)
    chunk = room.take(entry.spots) if room else None
    if chunk is None:
        chunk = ledger.chunk_with_room(entry.org, entry.session, entry.spots, now=now)
    invitation = _invitation(entry, context, chunk, by=by, now=now)
    replacing = {*(other.id for other in earlier), *filter(None, [context.invited_before])}
    guarded = invitations.InvitationGuards(context.other_addresses, replacing)
    message = reactions.invitation_message(invitation, "held", locale=entry.locale, now=now)
    return Offered(waitlist.offer(entry, invitation, guarded=guarded, alternatives=alternatives, message=message), invitation)


def _alternatives(entry: WaitlistEntry) -> list[WaitlistEntry]:
    """Return the entry's live places in other lines. When one of them has an offer, the entry ends instead, and raises ChangedMeanwhile."""
    live = [one for one in waitlist.list_alternatives(entry) if one.is_live]
    if any(one.status == "offered" for one in live):
        waitlist.leave(entry, "offered_elsewhere")
        raise ChangedMeanwhile
    return live


def _earlier(context: BookingContext) -> list[Invitation]:
    """Return the latest invitation of each address of the entry's customer, live or not."""
    org, session = context.session.org, context.session.id
    invited_before = invitations.find(org, session, context.invited_before) if context.invited_before else None
    return [*([invited_before] if invited_before else []), *invitations.of_addresses_on(org, session, context.other_addresses)]


def _live_offer(entry: WaitlistEntry, other: Invitation, now: datetime) -> Invitation | None:
    """Return an invitation of the entry's customer if it is live. Raises InvitationOnItsWay, ChangedMeanwhile if its offer was accepted."""
    found = status(other, ledger.hold_of(other), now)
    if found is None and now - other.begun_at < IN_FLIGHT:
        raise InvitationOnItsWay
    if found == "accepted" and other.id == entry.invitation:
        raise ChangedMeanwhile
    return other if found in LIVE else None


def _invitation(entry: WaitlistEntry, context: BookingContext, chunk: int, *, by: str, now: datetime) -> Invitation:
    session, settings = context.session, context.organisation.waitlist
    id = derived("offer", entry.org, entry.session, entry.id, str(entry.offers + 1))
    tier = session.tiers[0] if len(session.tiers) == 1 else None
    return Invitation(
        org=entry.org,
        session=entry.session,
        id=id,
        email=entry.email,
        party_size=entry.spots,
        expires_at=min(now + settings.lasting, session.last_starts_at),
        forwarding="locked",
        nonce=nonce(id),
        created_at=now,
        invited_by=by,
        tier=tier.id if tier else "",
        price=tier.price if tier else None,
        sibling=context.organisation.sibling_discount,
        entry=entry.id,
        chunk=chunk,
        mail="suppressed" if context.email_preferences.suppressed else "queued",
    )
