"""The waitlist, for those who wait: join, look at one's place, leave."""

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Public, Request, endpoint
from chalicelib.api.portal import SESSION
from chalicelib.api.shapes import Moment
from chalicelib.operations import links, waitlist
from chalicelib.rules.drafts.waitlist import Joining
from chalicelib.rules.invitations import AlreadyAccepted
from chalicelib.rules.sessions import RegistrationClosed, RegistrationNotOpen, SessionCancelled, SessionPast
from chalicelib.rules.waitlist import AlreadyWaiting, Entry, EntryStatus, MoreThanTheSession, SpotsAreFree, WaitlistClosed
from chalicelib.tables.keys import joined
from chalicelib.web.locale import locale_of

PLACE = "/v1/waitlist/{token}"


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


class JoinedOut(Out):
    id: str
    session: str
    spots: int
    status: EntryStatus
    position: int
    joined_at: Moment
    link: str
    """Where one's place is seen and left; the e-mail has it too."""


@endpoint(
    "POST",
    SESSION + "/waitlist",
    who=Public(),
    takes=Joining,
    gives={201: JoinedOut},
    refuses=(
        SpotsAreFree,
        AlreadyWaiting,
        WaitlistClosed,
        MoreThanTheSession,
        RegistrationNotOpen,
        RegistrationClosed,
        SessionCancelled,
        SessionPast,
    ),
)
def join(request: Request[Joining]) -> Answer:
    """Wait for spots on a full session."""
    call = request.call
    made = waitlist.join(request.org, request["session"], request.body, locale=locale_of(call), key=request.key, now=call.now)
    entry = made.entry
    link = links.waitlist_link(entry.org, entry.session, entry.id)
    return Answer(201, JoinedOut(**_facts(entry), position=made.position, link=link))


@endpoint("GET", PLACE, who=Public(), gives={200: PlaceOut})
def look(request: Request[None]) -> Answer:
    """Look at one's place on the waitlist; looking changes nothing."""
    place = waitlist.look_at_place(request["token"])
    body = PlaceOut(**_facts(place.entry), title=place.session.title, organisation=place.organisation.name, position=place.position)
    return Answer(200, body)


@endpoint("POST", PLACE + "/leave", who=Public(), gives={204: None}, refuses=(AlreadyAccepted,))
def leave(request: Request[None]) -> Answer:
    """Leave the waitlist; an offer is declined with it."""
    waitlist.leave(request["token"], now=request.call.now)
    return Answer(204)


def _facts(entry: Entry) -> dict[str, object]:
    return {
        "id": joined(entry.session, entry.id),
        "session": entry.session,
        "spots": entry.spots,
        "status": entry.status,
        "joined_at": entry.joined_at,
    }
