"""The waitlist of a session, for staff."""

from typing import Literal

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.invitations import InvitationOut
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment
from chalicelib.operations import invitations, waitlist
from chalicelib.rules.drafts.waitlist import Joining, Moving
from chalicelib.rules.invitations import AlreadyAccepted
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.sessions import SessionCancelled, SessionPast
from chalicelib.rules.waitlist import (
    WHY,
    AlreadyWaiting,
    EntryStatus,
    HasAnOffer,
    MoreThanTheSession,
    NotWaiting,
    Place,
    Reason,
    SpotsAreFree,
    Why,
)
from chalicelib.tables.keys import joined

WAITLIST = SESSION + "/waitlist"
ENTRY = "/v1/orgs/{org}/waitlist/{entry}"


class EntryOut(Out):
    id: str
    session: str
    email: str
    name: str
    spots: int
    position: int
    """Counted from 1; 0 once it has ended."""
    status: EntryStatus
    held_back: Literal["revoked", "suppressed"] | None
    """Why no offer is made by itself any more."""
    joined_at: Moment
    offers: int
    """How many it ever had."""
    invitation: str | None
    """The offer that it has."""
    offered_until: Moment | None

    @classmethod
    def of(cls, place: Place) -> "EntryOut":
        entry, offer = place.entry, place.offer
        return cls(
            id=joined(entry.session, entry.id),
            session=entry.session,
            email=entry.email,
            name=entry.name,
            spots=entry.spots,
            position=place.position,
            status=entry.status,
            held_back=entry.held_back or None,
            joined_at=entry.joined_at,
            offers=entry.offers,
            invitation=joined(offer.session, offer.id) if offer else None,
            offered_until=offer.expires_at if offer else None,
        )


class EntriesOut(Out):
    items: list[EntryOut]
    next: str | None


class WhyOut(Out):
    entry: str
    email: str
    name: str
    spots: int
    position: int
    reason: Reason
    detail: str

    @classmethod
    def of(cls, why: Why) -> "WhyOut":
        entry = why.entry
        return cls(
            entry=joined(entry.session, entry.id),
            email=entry.email,
            name=entry.name,
            spots=entry.spots,
            position=why.position,
            reason=why.reason,
            detail=WHY[why.reason],
        )


class ReasonsOut(Out):
    items: list[WhyOut]


@endpoint("GET", WAITLIST, who=Staff("viewer"), gives={200: EntriesOut}, query=lists.QUERY)
def list_entries(request: Request[None]) -> Answer:
    """List who waits, in order; those with an offer keep their place."""
    asked = lists.wanted(request.call)
    view = waitlist.read_waitlist(request.org, request["session"], now=request.call.now)
    items, following = lists.cut(view.places, asked, lambda place: place.entry.id)
    return Answer(200, EntriesOut(items=[EntryOut.of(place) for place in items], next=lists.cursor(request.call, following)))


@endpoint(
    "POST",
    WAITLIST,
    who=Staff("manager"),
    takes=Joining,
    gives={201: EntryOut},
    refuses=(SpotsAreFree, AlreadyWaiting, MoreThanTheSession, SessionPast, SessionCancelled),
)
def put_in_line(request: Request[Joining]) -> Answer:
    """Put somebody on the waitlist of a full session."""
    made = waitlist.put_in_line(request.org, request["session"], request.body, key=request.key, now=request.call.now)
    return Answer(201, EntryOut.of(Place(made.entry, made.position, None)))


@endpoint("GET", WAITLIST + "/why", who=Staff("viewer"), gives={200: ReasonsOut})
def explain(request: Request[None]) -> Answer:
    """Say of everybody on the waitlist why no offer went out."""
    now = request.call.now
    view = waitlist.read_waitlist(request.org, request["session"], now=now)
    return Answer(200, ReasonsOut(items=[WhyOut.of(why) for why in waitlist.explain(view, now=now)]))


@endpoint(
    "POST",
    ENTRY + "/invite",
    who=Staff("manager"),
    gives={201: InvitationOut},
    refuses=(SessionFull, HasAnOffer, NotWaiting, SessionPast, SessionCancelled),
)
def invite(request: Request[None]) -> Answer:
    """Offer free spots to this entry, whoever is before it."""
    made = waitlist.offer_by_hand(request.org, request["entry"], by=request.by, now=request.call.now).invitation
    view = invitations.read_invitation(request.org, joined(made.session, made.id), now=request.call.now)
    return Answer(201, InvitationOut.of(view))


@endpoint("POST", ENTRY + "/move", who=Staff("manager"), takes=Moving, gives={200: EntryOut}, refuses=(NotWaiting,))
def move(request: Request[Moving]) -> Answer:
    """Make the entry the one at this position, counted from 1."""
    entry = waitlist.move_entry(request.org, request["entry"], request.body.position)
    view = waitlist.read_waitlist(request.org, entry.session, now=request.call.now)
    place = next((place for place in view.places if place.entry.id == entry.id), Place(entry, 0, None))
    return Answer(200, EntryOut.of(place))


@endpoint("DELETE", ENTRY, who=Staff("manager"), gives={204: None}, refuses=(AlreadyAccepted,))
def remove(request: Request[None]) -> Answer:
    """Take an entry off the waitlist; an offer that it has is taken back."""
    waitlist.remove_entry(request.org, request["entry"], by=request.by, now=request.call.now)
    return Answer(204)
