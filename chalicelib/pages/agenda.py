"""The agenda, which is the home of staff: meetings by day, what waits for an answer, and the first steps of a new organisation.

A leader has the same agenda, with the dates that they lead and nothing beside it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from chalicelib.operations import agenda, attendance, reports
from chalicelib.operations import dashboard as overview
from chalicelib.operations.attendance import CountedMeeting
from chalicelib.pages.paths import path
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules import times
from chalicelib.rules.agenda import VIEWS, AgendaMeeting, MeetingFilter, View, days_of, seen_by, shifted, tint
from chalicelib.rules.attendance import Counts
from chalicelib.rules.meetings import AgendaRow
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff

FILTERS = ("tag", "place", "leader")
MOST_OF_A_DAY = 5
"""So many meetings of a day does a month show."""
USUAL_ACCENT = "#2f5d50"
VIEW_NAMES: dict[View, str] = {"day": N_("Day"), "week": N_("Week"), "month": N_("Month"), "list": N_("List")}


@page("GET", "/o/{org}", who=Staff("read", led=True))
def home(visit: Visit) -> PageResponse:
    """Show the meetings of a day, week or month or as a list, as far as the member sees them."""
    now, zone = visit.call.now, visit.home.time_zone
    filters = {name: visit.call.query.get(name, "").strip() for name in FILTERS}
    view, today = _view(visit), times.local(now, zone).date()
    day = _day(visit, today)
    days = days_of(view, day)
    visible = seen_by(visit.staff, MeetingFilter())
    rows = [row for row in agenda.read_rows(visit.org, days, zone) if visible.matches(row.facts)]
    wanted = MeetingFilter(filters["tag"], filters["place"], filters["leader"])
    matching = agenda.by_day([row for row in rows if wanted.matches(row.facts)], zone)
    shown, more = _shown(matching, view)
    listed = agenda.with_spots(visit.org, shown, now)
    office = _office(visit, found=bool(rows)) if visit.staff.may("read") else {}
    period = {"view": view, "views": VIEW_NAMES, "day": day, "days": days, "today": today}
    data = {
        **period,
        "found": agenda.by_day(listed, zone),
        "came": _came(visit, listed),
        "more": more,
        "count": sum(map(len, matching.values())),
        "filters": filters,
        "choices": _choices(rows),
        "tint": tint,
        "links": _links(visit, view, day, today, filters),
        "office": office,
        "overview": office.get("overview"),
    }
    return Html("agenda/agenda.html", data)


def _shown(matching: dict[date, list[AgendaRow]], view: View) -> tuple[list[AgendaRow], dict[date, int]]:
    """Return the meetings to show, and how many more each day has: a month shows the first ones of a day only."""
    most = MOST_OF_A_DAY if view == "month" else None
    more = {day: len(rows) - most for day, rows in matching.items() if len(rows) > most} if most else {}
    return [row for rows in matching.values() for row in rows[:most]], more


def _came(visit: Visit, listed: Sequence[AgendaMeeting]) -> dict[tuple[str, str], Counts]:
    """Return the attendance on the dates of courses that are over and were marked, by session and meeting: one request if there are any."""
    over = [CountedMeeting(one.meeting.session, one.meeting.meeting, one.meeting.starts_at, 0) for one in listed if one.shares_spots]
    return {key: counts for key, counts in attendance.read_counts(visit.org, over, now=visit.call.now).items() if counts.marked}


def _view(visit: Visit) -> View:
    """Return the view that the query names; without one the week, or the list for a leader, whose dates are few."""
    given = visit.call.query.get("view", "")
    return next((view for view in VIEWS if view == given), "week" if visit.staff.may("read") else "list")


def _day(visit: Visit, today: date) -> date:
    """Return the day that the query asks for, today if it names none; a year that no calendar reaches counts as none."""
    try:
        given = times.day(visit.call.query.get("date", "").strip())
    except ValueError:
        return today
    return given if 1971 < given.year < 9990 else today


def _choices(rows: Sequence[AgendaRow]) -> dict[str, list[str]]:
    """Return the tags, places and leaders of these meetings, to filter by."""
    facts = [row.facts for row in rows]
    return {
        "tag": sorted({tag for one in facts for tag in one.tags}, key=str.casefold),
        "place": sorted({one.location for one in facts if one.location}, key=str.casefold),
        "leader": sorted({leader for one in facts for leader in one.leaders}),
    }


def _links(visit: Visit, view: View, day: date, today: date, filters: dict[str, str]) -> dict[str, str]:
    """Return the addresses of the other views, of the periods around it, and of today, which a phone scrolls to."""
    home = f"/o/{visit.org}"
    others: dict[str, str] = {one: path(home, view=one, date=day.isoformat(), **filters) for one in VIEWS}
    periods = {name: path(home, view=view, date=shifted(view, day, by).isoformat(), **filters) for name, by in (("back", -1), ("on", 1))}
    return {**others, **periods, "today": f"{path(home, view=view, **filters)}#d-{today}"}


def _office(visit: Visit, *, found: bool) -> dict[str, Any]:
    """Return the data beside the agenda for those who see the whole organisation."""
    now = visit.call.now
    dashboard = overview.read_dashboard(visit.org, now=now)
    is_planned = found or bool(dashboard.coming)
    is_booked = any(view.spots.used for view in dashboard.coming)
    steps = _first_steps(visit.home, is_planned=is_planned, is_booked=is_booked) if visit.staff.may("manage_settings") else []
    return {"dashboard": dashboard, "steps": steps, "overview": reports.read_overview(visit.org, now=now) if is_planned else None}


def _first_steps(organisation: Organisation, *, is_planned: bool, is_booked: bool) -> list[tuple[str, str]]:
    """Return what a new organisation has yet to do, each as its words and the page where it is done."""
    settings = f"/o/{organisation.org}/settings"
    steps = [
        (N_("Add your address and colour"), settings, not organisation.address and organisation.accent == USUAL_ACCENT),
        (N_("Choose where replies to your e-mails go"), settings, not organisation.reply_to),
        (N_("Say how people pay"), settings, not (organisation.payment_instructions or organisation.online_payment)),
        (N_("Plan your first session"), f"/o/{organisation.org}/sessions/new", not is_planned),
        (N_("Share the link to your booking page"), f"/o/{organisation.org}#portal-links", not is_booked),
    ]
    return [(words, to) for words, to, is_open in steps if is_open]
