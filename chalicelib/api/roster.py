"""The roster of a session, its CSV export, and its capacity view."""

from chalicelib.api.downloads import CSV, csv_download, whole_or_link
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag
from chalicelib.api.invitations import InvitationOut
from chalicelib.api.led_roster import LedRosterOut
from chalicelib.api.query import QueryParameter
from chalicelib.api.registration_shapes import RegistrationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.session_shapes import SessionOut
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment, SpotsOut
from chalicelib.api.unreachable import UnreachableOut
from chalicelib.api.waitlist import WaitlistEntryOut
from chalicelib.operations import sessions
from chalicelib.operations.sessions import SpotHolder
from chalicelib.rules.inputs.input import Input
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.rules.text import SingleLine
from chalicelib.web.audience import Staff

ROSTER_JSON = "roster.json"


class RosterOut(Out):
    spots: SpotsOut
    registrations: list[RegistrationOut]
    invitations: list[InvitationOut]
    waitlist: list[WaitlistEntryOut]
    unreachable: list[UnreachableOut]
    """Who of them cannot be reached by e-mail."""


class HolderNameOut(Out):
    name: str
    email: str


class SpotHolderOut(Out):
    holder: HolderNameOut
    spots: int
    extra: int
    why: str
    until: Moment | None
    thing: str

    @classmethod
    def of(cls, holder: SpotHolder) -> "SpotHolderOut":
        return cls(
            holder=HolderNameOut(name=holder.name, email=holder.email),
            spots=holder.spots,
            extra=holder.extra,
            why=holder.why,
            until=holder.until,
            thing=holder.public_id,
        )


class KeepExtraInput(Input):
    """The holder whose extra spots become permanent: `thing` of the capacity view."""

    thing: SingleLine


class CapacityOut(Out):
    spots: SpotsOut
    items: list[SpotHolderOut]


@endpoint(
    "GET",
    SESSION + "/roster",
    id="rosters.read_roster",
    who=Staff("read", led=True),
    gives={200: RosterOut, 303: None},
    gives_led=LedRosterOut,
    query={
        "meeting": QueryParameter("Only the registrations that cover the meeting with this id, each with its `party_size` of that time.")
    },
)
def read_roster(request: Request[None]) -> ApiResponse:
    """Read the roster: registrations, invitations, waitlist and spots; who may only read the sessions that they lead sees no amounts.

    One that is too large to be answered is fetched by a link (303).
    """
    roster = sessions.read_roster(request.org, request["session"], now=request.call.now, meeting=request.call.query.get("meeting", ""))
    if not request.staff.may("read"):
        return whole_or_link(request.org, ApiResponse(200, LedRosterOut.of(roster)), ROSTER_JSON)
    people = [
        *(registration.email for registration in roster.registrations),
        *(view.invitation.email for view in roster.invitations if view.is_live),
        *(place.entry.email for place in roster.waitlist),
    ]
    body = RosterOut(
        spots=SpotsOut.of(roster.session.spots),
        registrations=[_with_party(registration, roster.parties[registration.id]) for registration in roster.registrations],
        invitations=[InvitationOut.of(view, by=request.staff) for view in roster.invitations],
        waitlist=[WaitlistEntryOut.of(place) for place in roster.waitlist],
        unreachable=UnreachableOut.among(request.org, people),
    )
    return whole_or_link(request.org, ApiResponse(200, body), ROSTER_JSON)


def _with_party(registration: Registration, size: int) -> RegistrationOut:
    return RegistrationOut.of(registration).model_copy(update={"party_size": size})


@endpoint("GET", SESSION + "/roster.csv", id="rosters.export_roster", who=Staff("read"), gives=CSV, kind="text/csv")
def export_roster(request: Request[None]) -> ApiResponse:
    """Export the roster as CSV, in UTF-8 with BOM; no cell is read as a formula. A large file is answered by a link (303)."""
    text = sessions.export_roster(request.org, request["session"], now=request.call.now)
    return csv_download(request.org, text, "roster.csv")


@endpoint("GET", SESSION + "/capacity", id="rosters.read_capacity", who=Staff("read"), gives={200: CapacityOut})
def read_capacity(request: Request[None]) -> ApiResponse:
    """List every spot that is not free: its holder, the reason, and when it is freed."""
    view, holders = sessions.read_capacity(request.org, request["session"], now=request.call.now)
    return ApiResponse(200, CapacityOut(spots=SpotsOut.of(view.spots), items=[SpotHolderOut.of(holder) for holder in holders]))


@endpoint(
    "POST",
    SESSION + "/extras/keep",
    id="rosters.keep_extra",
    who=Staff("manage_roster"),
    takes=KeepExtraInput,
    gives={200: SessionOut},
    refuses=(ChangedMeanwhile,),
)
def keep_extra(request: Request[KeepExtraInput]) -> ApiResponse:
    """Make a holder's extra spots permanent: the session keeps them when the holder leaves."""
    view = sessions.keep_extra(request.org, request["session"], request.body.thing, now=request.call.now)
    return ApiResponse(200, SessionOut.of(view), etag(view.session.version))
