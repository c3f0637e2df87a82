"""An offer: an invitation for somebody on the waitlist, whose spots are held in the very transaction that makes it."""

from datetime import datetime
from typing import NamedTuple

from chalicelib.operations.identity import derived, nonce
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.ledger import IN_FLIGHT
from chalicelib.rules.refusals import Busy, ChangedMeanwhile
from chalicelib.rules.sessions import check_not_over
from chalicelib.rules.waitlist import Entry, HasAnOffer, NotWaiting
from chalicelib.tables import invitations, keys, ledger, rosters, waitlist

ATTEMPTS = 8
LIVE = {"pending", "waiting_for_approval"}


class InvitationOnItsWay(Exception):
    """Somebody may be about to invite the address: whether they do is known within two minutes."""


class Offered(NamedTuple):
    """An entry with its offer."""

    entry: Entry
    invitation: Invitation


def offer_by_hand(org: str, entry_id: str, *, by: str, now: datetime) -> Offered:
    """Offer free spots to this entry, whoever is before it.

    Raises SessionFull when too few are free, HasAnOffer, NotWaiting, SessionPast, SessionCancelled.
    """
    session_id, own = keys.parted(entry_id)
    for attempt in range(ATTEMPTS):
        entry = waitlist.get(org, session_id, own)
        if entry.status == "offered":
            return _made_before(entry, by, first_try=attempt == 0)
        if not entry.live:
            raise NotWaiting
        try:
            return make_offer(entry, by=by, now=now)
        except ChangedMeanwhile:
            continue
        except InvitationOnItsWay:
            break
    raise Busy


def _made_before(entry: Entry, by: str, *, first_try: bool) -> Offered:
    """Return the offer that this very request has made, though no reply told it; any other is HasAnOffer."""
    invitation = None if first_try else invitations.find(entry.org, entry.session, entry.invitation)
    if invitation is None or invitation.invited_by != by:
        raise HasAnOffer
    return Offered(entry, invitation)


def make_offer(entry: Entry, *, by: str, now: datetime) -> Offered:
    """Hold free spots for an entry and invite it; an invitation that its address has already is its offer.

    Raises SessionFull, InvitationOnItsWay; ChangedMeanwhile when somebody else moved first.
    """
    desk = rosters.desk(entry.org, entry.session, email=entry.email)
    check_not_over(desk.session, now)
    standing = _standing(entry, desk, now)
    if standing:
        return Offered(waitlist.adopt(entry, standing.id), standing)
    chunk = ledger.seat(entry.org, entry.session, entry.spots, now=now)
    invitation = _invitation(entry, desk, chunk, by=by, now=now)
    return Offered(waitlist.offer(entry, invitation, over=desk.invited_before), invitation)


def _standing(entry: Entry, desk: rosters.Desk, now: datetime) -> Invitation | None:
    """Return the live invitation that the address has. Raises InvitationOnItsWay, ChangedMeanwhile when its offer is accepted."""
    other = invitations.find(desk.session.org, desk.session.id, desk.invited_before) if desk.invited_before else None
    if other is None:
        return None
    found = ledger.locate(other.org, other.session, other.id, chunk=other.chunk)
    standing = status(other, found[1] if found else None, now)
    if standing is None and now - other.begun_at < IN_FLIGHT:
        raise InvitationOnItsWay
    if standing == "accepted" and other.id == entry.invitation:
        raise ChangedMeanwhile
    return other if standing in LIVE else None


def _invitation(entry: Entry, desk: rosters.Desk, chunk: int, *, by: str, now: datetime) -> Invitation:
    session, settings = desk.session, desk.organisation.waitlist
    own = derived("offer", entry.org, entry.session, entry.id, str(entry.offers + 1))
    tier = session.tiers[0] if len(session.tiers) == 1 else None
    return Invitation(
        org=entry.org,
        session=entry.session,
        id=own,
        email=entry.email,
        party_size=entry.spots,
        expires_at=min(now + settings.lasting, session.last_starts_at),
        forwarding="locked",
        nonce=nonce(own),
        created_at=now,
        invited_by=by,
        tier=tier.id if tier else "",
        price=tier.price if tier else None,
        sibling=desk.organisation.sibling_discount,
        entry=entry.id,
        chunk=chunk,
        mail="suppressed" if desk.wishes.suppressed else "queued",
    )
