"""Everybody on a session, and every spot that is not free."""

from chalicelib.api.answers import Answer, Out, csv_answer
from chalicelib.api.booked import RegistrationOut
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag
from chalicelib.api.invitations import InvitationOut
from chalicelib.api.sessions import SESSION, SessionOut
from chalicelib.api.shapes import Moment, SpotsOut
from chalicelib.api.waitlist import EntryOut
from chalicelib.operations import sessions
from chalicelib.operations.sessions import Holder
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.rules.registrations import Registration
from chalicelib.rules.text import Line


class RosterOut(Out):
    spots: SpotsOut
    registrations: list[RegistrationOut]
    invitations: list[InvitationOut]
    waitlist: list[EntryOut]


class HolderNameOut(Out):
    name: str
    email: str


class HolderOut(Out):
    holder: HolderNameOut
    spots: int
    extra: int
    why: str
    until: Moment | None
    thing: str

    @classmethod
    def of(cls, holder: Holder) -> "HolderOut":
        return cls(
            holder=HolderNameOut(name=holder.name, email=holder.email),
            spots=holder.spots,
            extra=holder.extra,
            why=holder.why,
            until=holder.until,
            thing=holder.thing,
        )


class Keeping(Draft):
    """Which holder's extra spots stay: `thing` of the capacity view."""

    thing: Line


class CapacityOut(Out):
    spots: SpotsOut
    items: list[HolderOut]


@endpoint(
    "GET",
    SESSION + "/roster",
    who=Staff("viewer"),
    gives={200: RosterOut},
    query={"meeting": "Only the registrations that cover the meeting with this id, each with its `party_size` of that time."},
)
def read_roster(request: Request[None]) -> Answer:
    """Read the roster: registrations, invitations, waitlist and spots."""
    roster = sessions.read_roster(request.org, request["session"], now=request.call.now, meeting=request.call.query.get("meeting", ""))
    body = RosterOut(
        spots=SpotsOut.of(roster.session.spots),
        registrations=[_with_party(entry, roster.parties[entry.id]) for entry in roster.registrations],
        invitations=[InvitationOut.of(view) for view in roster.invitations],
        waitlist=[EntryOut.of(place) for place in roster.waitlist],
    )
    return Answer(200, body)


def _with_party(registration: Registration, size: int) -> RegistrationOut:
    return RegistrationOut.of(registration).model_copy(update={"party_size": size})


@endpoint("GET", SESSION + "/roster.csv", who=Staff("viewer"), gives={200: None}, kind="text/csv")
def export_roster(request: Request[None]) -> Answer:
    """Export the roster as CSV: UTF-8 with BOM, no cell that a spreadsheet takes for a formula."""
    text = sessions.export_roster(request.org, request["session"], now=request.call.now)
    return csv_answer(text, "roster.csv")


@endpoint("GET", SESSION + "/capacity", who=Staff("viewer"), gives={200: CapacityOut})
def read_capacity(request: Request[None]) -> Answer:
    """Say of every spot that is not free who holds it, why, and when it comes back."""
    view, holders = sessions.read_capacity(request.org, request["session"], now=request.call.now)
    return Answer(200, CapacityOut(spots=SpotsOut.of(view.spots), items=[HolderOut.of(holder) for holder in holders]))


@endpoint("POST", SESSION + "/extras/keep", who=Staff("manager"), takes=Keeping, gives={200: SessionOut}, refuses=(ChangedMeanwhile,))
def keep_extra(request: Request[Keeping]) -> Answer:
    """Make the extra spots of one holder permanent: the session keeps them when the holder goes."""
    view = sessions.keep_extra(request.org, request["session"], request.body.thing, now=request.call.now)
    return Answer(200, SessionOut.of(view), etag(view.session.version))
