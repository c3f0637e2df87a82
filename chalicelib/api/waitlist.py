"""The waitlist of a session, for staff."""

from typing import Literal

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.invitations import InvitationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment
from chalicelib.api.unreachable import UnreachableOut
from chalicelib.operations import invitations, waitlist
from chalicelib.rules.alternatives import CannotWaitFor
from chalicelib.rules.inputs.waitlist import JoinInput, MoveInput
from chalicelib.rules.invitations import InvitationAccepted
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refs import public_id
from chalicelib.rules.session_refusals import SessionCancelled, SessionPast
from chalicelib.rules.wait_reasons import WHY, NoOfferReason, WaitReason
from chalicelib.rules.waitlist import AlreadyOffered, AlreadyWaiting, EntryEnded, EntryStatus, MoreThanCapacity, PlaceInLine, SpotsAreFree
from chalicelib.web.audience import Staff

WAITLIST = SESSION + "/waitlist"
ENTRY = "/v1/orgs/{org}/waitlist/{entry}"


class WaitlistEntryOut(Out):
    id: str
    session: str
    email: str
    name: str
    spots: int
    position: int
    """Counted from 1; 0 once it has ended."""
    status: EntryStatus
    held_back: Literal["revoked", "suppressed", "unanswered"] | None
    """Why it gets no more automatic offers."""
    joined_at: Moment
    confirmed: bool
    """Whether the address is confirmed, by its owner or by staff. An unconfirmed entry blocks nobody behind it."""
    offers: int
    """The number of offers it has had."""
    invitation: str | None
    """Its current offer."""
    offered_until: Moment | None
    alternatives: list[str]
    """The other sessions that it joined at once, whether it still waits there or not: the first offer ends the other places."""

    @classmethod
    def of(cls, place: PlaceInLine) -> "WaitlistEntryOut":
        entry, offer = place.entry, place.offer
        return cls(
            id=entry.public_id,
            session=entry.session,
            email=entry.email,
            name=entry.name,
            spots=entry.spots,
            position=place.position,
            status=entry.status,
            held_back=entry.held_back or None,
            joined_at=entry.joined_at,
            confirmed=not entry.unconfirmed,
            offers=entry.offers,
            invitation=public_id(offer.session, offer.id) if offer else None,
            offered_until=offer.expires_at if offer else None,
            alternatives=list(entry.others),
        )


class WaitlistEntriesOut(Out):
    items: list[WaitlistEntryOut]
    next: str | None
    unreachable: list[UnreachableOut]
    """Who of them cannot be reached by e-mail."""


class WaitReasonOut(Out):
    entry: str
    email: str
    name: str
    spots: int
    position: int
    reason: NoOfferReason
    detail: str

    @classmethod
    def of(cls, why: WaitReason) -> "WaitReasonOut":
        entry = why.entry
        return cls(
            entry=entry.public_id,
            email=entry.email,
            name=entry.name,
            spots=entry.spots,
            position=why.position,
            reason=why.reason,
            detail=WHY[why.reason],
        )


class WaitReasonsOut(Out):
    items: list[WaitReasonOut]


@endpoint("GET", WAITLIST, id="waitlist.list_entries", who=Staff("read"), gives={200: WaitlistEntriesOut}, query=lists.QUERY)
def list_entries(request: Request[None]) -> ApiResponse:
    """List the waitlist in order; entries with an offer keep their position."""
    paging = lists.list_query(request.call)
    view = waitlist.read_waitlist(request.org, request["session"], now=request.call.now)
    items, next_start = lists.page_of(view.places, paging, lambda place: place.entry.id)
    body = WaitlistEntriesOut(
        items=[WaitlistEntryOut.of(place) for place in items],
        next=lists.cursor(request.call, next_start),
        unreachable=UnreachableOut.among(request.org, (place.entry.email for place in items)),
    )
    return ApiResponse(200, body)


@endpoint(
    "POST",
    WAITLIST,
    id="waitlist.put_in_line",
    who=Staff("manage_roster"),
    takes=JoinInput,
    gives={201: WaitlistEntryOut},
    refuses=(SpotsAreFree, AlreadyWaiting, MoreThanCapacity, CannotWaitFor, SessionPast, SessionCancelled),
)
def add_by_staff(request: Request[JoinInput]) -> ApiResponse:
    """Add an entry to the waitlist of a full session, or to those of several: the first offer ends the other places."""
    made = waitlist.add_by_staff(request.org, request["session"], request.body, key=request.key, now=request.call.now)
    return ApiResponse(201, WaitlistEntryOut.of(PlaceInLine(made.entry, made.position, None)))


@endpoint("GET", WAITLIST + "/why", id="waitlist.explain", who=Staff("read"), gives={200: WaitReasonsOut})
def explain(request: Request[None]) -> ApiResponse:
    """Explain for each entry why it has no offer."""
    now = request.call.now
    view = waitlist.read_waitlist(request.org, request["session"], now=now)
    return ApiResponse(200, WaitReasonsOut(items=[WaitReasonOut.of(why) for why in waitlist.explain(view, now=now)]))


@endpoint(
    "POST",
    ENTRY + "/invite",
    id="waitlist.invite",
    who=Staff("manage_roster"),
    gives={201: InvitationOut},
    refuses=(SessionFull, AlreadyOffered, EntryEnded, SessionPast, SessionCancelled),
)
def invite(request: Request[None]) -> ApiResponse:
    """Offer free spots to this entry, ahead of those before it."""
    made = waitlist.offer_by_hand(request.org, request["entry"], by=request.by, now=request.call.now).invitation
    view = invitations.read_invitation(request.org, made.public_id, now=request.call.now)
    return ApiResponse(201, InvitationOut.of(view, by=request.staff))


@endpoint(
    "POST",
    ENTRY + "/move",
    id="waitlist.move",
    who=Staff("manage_roster"),
    takes=MoveInput,
    gives={200: WaitlistEntryOut},
    refuses=(EntryEnded,),
)
def move(request: Request[MoveInput]) -> ApiResponse:
    """Move the entry to a position, counted from 1."""
    entry = waitlist.move_entry(request.org, request["entry"], request.body.position)
    view = waitlist.read_waitlist(request.org, entry.session, now=request.call.now)
    place = next((place for place in view.places if place.entry.id == entry.id), PlaceInLine(entry, 0, None))
    return ApiResponse(200, WaitlistEntryOut.of(place))


@endpoint("DELETE", ENTRY, id="waitlist.remove", who=Staff("manage_roster"), gives={204: None}, refuses=(InvitationAccepted,))
def remove(request: Request[None]) -> ApiResponse:
    """Remove an entry from the waitlist; its offer is withdrawn."""
    waitlist.remove_entry(request.org, request["entry"], by=request.by, now=request.call.now)
    return ApiResponse(204)
