"""The meetings of an organisation by their start: the agenda."""

from collections.abc import Mapping, Sequence

from chalicelib.api import etags, lists
from chalicelib.api.attendance import CountsOut
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.query import QueryParameter
from chalicelib.api.responses import CALENDAR, ICS, ApiResponse, Out, calendar_response
from chalicelib.api.shapes import Moment, SpotsOut
from chalicelib.operations import agenda, agenda_feed, attendance, organisations
from chalicelib.operations.attendance import CountedMeeting
from chalicelib.rules import times
from chalicelib.rules.agenda import AgendaMeeting, MeetingFilter, seen_by
from chalicelib.rules.attendance import Counts
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.sessions import SessionState
from chalicelib.web import period
from chalicelib.web.audience import Public, Staff

A_DAY: Mapping[str, str] = {"type": "string", "format": "date"}


class AgendaMeetingOut(Out):
    session: str
    meeting: str
    title: str
    starts_at: Moment
    ends_at: Moment
    time_zone: str
    location: str
    leaders: list[str]
    tags: list[str]
    spots: SpotsOut
    state: SessionState
    cancelled: bool
    attendance: CountsOut
    """The number of participants by status; 0 of each at a cancelled meeting."""

    @classmethod
    def of(cls, shown: AgendaMeeting, counts: Counts) -> "AgendaMeetingOut":
        meeting, facts = shown.meeting, shown.facts
        return cls(
            session=meeting.session,
            meeting=meeting.meeting,
            title=facts.title,
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            time_zone=facts.time_zone,
            location=facts.location,
            leaders=list(facts.leaders),
            tags=list(facts.tags),
            spots=SpotsOut.of(shown.spots),
            state=shown.state,
            cancelled=facts.cancelled_at is not None,
            attendance=CountsOut(**counts._asdict()),
        )


class MeetingsOut(Out):
    items: list[AgendaMeetingOut]
    next: str | None


@endpoint(
    "GET",
    "/v1/orgs/{org}/meetings",
    id="meetings.list_meetings",
    who=Staff("read", led=True),
    gives={200: MeetingsOut},
    refuses=(ValidationFailed,),
    query={
        **lists.QUERY,
        "from": QueryParameter("The first day, in the organisation's time zone; today if left out.", A_DAY),
        "to": QueryParameter("The last day, at most 62 days after the first; if left out, six days after it.", A_DAY),
        "tag": QueryParameter("Only meetings of sessions with this tag."),
        "place": QueryParameter("Only meetings of sessions at this place."),
        "leader": QueryParameter("Only meetings of sessions with this address among their leaders."),
    },
)
def list_meetings(request: Request[None]) -> ApiResponse:
    """List the meetings of some days by their start; who may only read the sessions that they lead sees theirs."""
    paging, zone, now = lists.list_query(request.call), organisations.read(request.org).time_zone, request.call.now
    days = period.agenda_days(request.call.query, times.local(now, zone).date())
    wanted = _filter(request.call.query, request.staff)
    page = agenda.list_meetings(request.org, days, zone, wanted=wanted, now=now, limit=paging.limit, start=paging.start)
    counts = attendance.read_counts(request.org, _counted(page.items), now=now)
    items = [AgendaMeetingOut.of(one, counts.get((one.meeting.session, one.meeting.meeting), Counts())) for one in page.items]
    return ApiResponse(200, MeetingsOut(items=items, next=lists.cursor(request.call, page.next)))


@endpoint(
    "GET",
    "/v1/agendas/{token}",
    id="meetings.read_feed",
    who=Public(),
    gives={200: None, 304: None},
    kind=CALENDAR,
    endings={ICS: CALENDAR},
)
def read_feed(request: Request[None]) -> ApiResponse:
    """Read the dates of a member of staff by the secret URL of their feed, as calendar programs cannot sign in.

    Last week and the coming weeks, 62 days in all; cancelled dates have the status `CANCELLED`. Send the ETag in If-None-Match.
    """
    text = agenda_feed.read_feed(request["token"].removesuffix(ICS), now=request.call.now)
    named = etags.digest(text)
    return ApiResponse(304, headers=named) if etags.is_known(request.call, named) else calendar_response(text, named)


def _filter(query: Mapping[str, str], member: StaffMember) -> MeetingFilter:
    return seen_by(member, MeetingFilter(*(query.get(name, "").strip() for name in ("tag", "place", "leader"))))


def _counted(found: Sequence[AgendaMeeting]) -> list[CountedMeeting]:
    return [
        CountedMeeting(one.meeting.session, one.meeting.meeting, one.meeting.starts_at, one.spots.taken)
        for one in found
        if one.state != "cancelled"
    ]
