"""The public waitlist: joining, reading a position, leaving."""

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.public_registration import SESSION
from chalicelib.api.query import yes_or_no
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import links, waitlist
from chalicelib.rules.alternatives import CannotWaitFor
from chalicelib.rules.inputs.waitlist import PublicJoinInput
from chalicelib.rules.invitations import InvitationAccepted
from chalicelib.rules.limits import TooManyRequests
from chalicelib.rules.session_refusals import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast
from chalicelib.rules.waitlist import EntryStatus, MoreThanCapacity, SpotsAreFree, WaitlistClosed, WaitlistEntry
from chalicelib.web.audience import Public
from chalicelib.web.locale import locale_of

PLACE = "/v1/waitlist/{token}"


class AlternativeOut(Out):
    """A place that the same party has in another line: the first offer ends the others."""

    id: str
    session: str
    title: str
    status: EntryStatus
    position: int
    """Counted from 1; 0 once it has ended."""
    link: str
    """Its own page."""

    @classmethod
    def all_of(cls, entry: WaitlistEntry, token: str) -> "list[AlternativeOut]":
        mailed = links.is_mailed_place(entry, token)
        return [
            cls(
                id=place.entry.public_id,
                session=place.session.id,
                title=place.session.title,
                status=place.entry.status,
                position=place.position,
                link=links.mailed_waitlist_link(place.entry) if mailed else links.waitlist_link(place.entry),
            )
            for place in waitlist.read_alternatives(entry, token)
        ]


class PlaceOut(Out):
    id: str
    session: str
    title: str
    organisation: str
    spots: int
    status: EntryStatus
    position: int
    """Counted from 1; 0 once it has ended."""
    joined_at: Moment
    confirmed: bool
    """Whether the address is confirmed. Until then spots wait for the entry only while they are enough for it."""
    alternatives: list[AlternativeOut]


class JoinedWaitlistOut(Out):
    id: str
    session: str
    spots: int
    status: EntryStatus
    position: int
    joined_at: Moment
    confirmed: bool
    alternatives: list[AlternativeOut]
    link: str
    """The page to see and leave your position; the e-mail has it too."""


@endpoint(
    "POST",
    SESSION + "/waitlist",
    id="waiting.join",
    who=Public(),
    takes=PublicJoinInput,
    gives={201: JoinedWaitlistOut},
    refuses=(
        SpotsAreFree,
        WaitlistClosed,
        MoreThanCapacity,
        CannotWaitFor,
        RegistrationNotOpen,
        RegistrationClosed,
        SessionCancelled,
        SessionPast,
        TooManyRequests,
    ),
)
def join(request: Request[PublicJoinInput]) -> ApiResponse:
    """Join the waitlist of a full session, or those of several: the first offer ends the other places."""
    call = request.call
    made = waitlist.join(
        request.org, request["session"], request.body, locale=locale_of(call), key=request.key, source=call.source, now=call.now
    )
    entry = made.entry
    link = links.waitlist_link(entry)
    return ApiResponse(201, JoinedWaitlistOut(**_facts(entry, links.waitlist_token(entry)), position=made.position, link=link))


@endpoint("GET", PLACE, id="waiting.look", who=Public(), gives={200: PlaceOut})
def read_place(request: Request[None]) -> ApiResponse:
    """Read your position on the waitlist; reading changes nothing."""
    place = waitlist.read_own_entry(request["token"])
    facts = _facts(place.entry, request["token"])
    body = PlaceOut(**facts, title=place.session.title, organisation=place.organisation.name, position=place.position)
    return ApiResponse(200, body)


@endpoint("POST", PLACE + "/confirm", id="waiting.confirm", who=Public(), gives={200: PlaceOut})
def confirm(request: Request[None]) -> ApiResponse:
    """Confirm the address of an entry by the token of the link in its e-mail; the one that joining answered with is not enough."""
    waitlist.confirm(request["token"])
    return read_place(request)


@endpoint(
    "POST",
    PLACE + "/leave",
    id="waiting.leave",
    who=Public(),
    gives={204: None},
    refuses=(InvitationAccepted,),
    query={"everywhere": yes_or_no("`true` leaves the waitlists of the alternatives too.", usual=False)},
)
def leave(request: Request[None]) -> ApiResponse:
    """Leave the waitlist, which also declines an offer."""
    waitlist.leave(request["token"], everywhere=request.call.query.get("everywhere") == "true", now=request.call.now)
    return ApiResponse(204)


def _facts(entry: WaitlistEntry, token: str) -> dict[str, object]:
    return {
        "id": entry.public_id,
        "session": entry.session,
        "spots": entry.spots,
        "status": entry.status,
        "joined_at": entry.joined_at,
        "confirmed": waitlist.is_confirmed(entry, token),
        "alternatives": AlternativeOut.all_of(entry, token),
    }
