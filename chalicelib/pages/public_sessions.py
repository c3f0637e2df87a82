"""Finding a session: the open sessions of an organisation as a list by their next meeting, or as the meetings of a week."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from chalicelib.operations import public_calendar, public_registration
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import frames, link_preview, public_waitlist
from chalicelib.pages.pager import ListPage
from chalicelib.pages.paths import path
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules import times
from chalicelib.rules.agenda import days_of, shifted, tint
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.session_filter import WEEKDAYS, SessionFilter
from chalicelib.web.audience import Known
from chalicelib.web.session_filter import public_filter

SHOWN = 50
LASTING_FILTERS = ("q", "weekday", "tag")
"""The filters that list and week share."""
FILTERS = (*LASTING_FILTERS, "from", "to", "month")
MONTHS_OFFERED = 12


@page("GET", "/p/{org}", who=Known())
def open_sessions(visit: Visit) -> PageResponse:
    """Show the open sessions as a list or, with `?view=week`, by day; filtered by days, day of the week, tag and words."""
    return _week(visit) if visit.call.query.get("view") == "week" else _list(visit)


def _list(visit: Visit) -> PageResponse:
    list_page, wanted = _searched(ListPage.of(visit, *FILTERS))
    found = public_registration.list_open_sessions(visit.org, wanted, now=visit.call.now, limit=SHOWN, start=list_page.start)
    waited_for = {view.session.id for view in found.items if view.state == "full" and public_waitlist.may_join(visit, view)}
    tags = {tag for view in found.items for tag in view.session.tags}
    data = {"views": found.items, "waited_for": waited_for, "pager": list_page.links(found.next), "months": _months(_today(visit))}
    data["preview"] = link_preview.of_list(visit.home, found.items)
    return Html("public/sessions.html", {**_finding(visit, "list", dict(list_page.filter), tags), **data})


def _week(visit: Visit) -> PageResponse:
    list_page, wanted = _searched(ListPage.of(visit, *LASTING_FILTERS))
    today = _today(visit)
    day = _day(visit, today)
    days = days_of("week", day)
    found = public_calendar.list_open_meetings(visit.home, days, wanted, now=visit.call.now)
    tags = {tag for some in found.values() for one in some for tag in one.view.session.tags}
    filters = dict(list_page.filter)
    periods = {name: _address(visit, "week", filters, shifted("week", day, by)) for name, by in (("back", -1), ("on", 1))}
    periods["back"] = periods["back"] if days.first > today else ""
    data = {"found": found, "days": days, "day": day, "today": today, "periods": periods, "tint": tint}
    data["preview"] = link_preview.of_list(visit.home, _sessions_of(found))
    return Html("public/week.html", {**_finding(visit, "week", filters, tags, day), **data})


def _sessions_of(found: dict[date, list[public_calendar.OpenMeeting]]) -> list[SessionView]:
    return list({one.view.session.id: one.view for some in found.values() for one in some}.values())


def _searched(list_page: ListPage) -> tuple[ListPage, SessionFilter]:
    """Return what a page filters by, without the parts that cannot be read."""
    filters = dict(list_page.filter)
    days = _days_of_month(filters.get("month", ""))
    filters |= {} if days or "month" not in filters else {"month": ""}
    try:
        return replace(list_page, filter=filters), public_filter({**filters, **days})
    except ValidationFailed as refusal:
        filters |= {field_path.strip("/"): "" for field_path, *_ in refusal.faults}
        return replace(list_page, filter=filters), public_filter({**filters, **days})


def _days_of_month(month: str) -> dict[str, str]:
    """Return the first and last day of a month such as `2026-11`; nothing if it is none."""
    try:
        first = times.day(f"{month}-01")
        return {"from": first.isoformat(), "to": (_month_after(first) - timedelta(days=1)).isoformat()}
    except (ValueError, OverflowError):
        return {}


def _months(today: date) -> list[str]:
    """Return the months to choose from, this one first: `2026-11`."""
    months = [today.replace(day=1)]
    while len(months) < MONTHS_OFFERED:
        months.append(_month_after(months[-1]))
    return [f"{month:%Y-%m}" for month in months]


def _month_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _today(visit: Visit) -> date:
    return times.local(visit.call.now, visit.home.time_zone).date()


def _day(visit: Visit, today: date) -> date:
    """Return the day whose week is shown: the one that the query names, or today; no earlier than this week."""
    try:
        given = times.day(visit.call.query.get("date", "").strip())
    except ValueError:
        return today
    return given if today < given < today + timedelta(days=3660) else today


def _finding(visit: Visit, view: str, filters: dict[str, str], tags: set[str], day: date | None = None) -> dict[str, Any]:
    """Return what both views show to find a session with: the filters, and links that change one of them."""
    known = {tag.casefold(): tag for tag in (*public_calendar.coming_tags(visit.org, now=visit.call.now), *tags)}
    change = {name: filters[name] for name in filters if filters[name]}
    return {
        "organisation": visit.home,
        "view": view,
        "filters": filters,
        "tags": [known[name] for name in sorted(known)],
        "weekdays": WEEKDAYS,
        "is_filtered": bool(change),
        "looks": frames.appearance(visit.call),
        "narrowed": lambda **to: _address(visit, view, {**change, **to}, day),
        "views_at": {one: _address(visit, one, {name: change.get(name, "") for name in LASTING_FILTERS}) for one in ("list", "week")},
    }


def _address(visit: Visit, view: str, filters: dict[str, str], day: date | None = None) -> str:
    shown = {"view": "week", "date": day.isoformat() if day else ""} if view == "week" else {}
    return path(f"/p/{visit.org}", **shown, **filters, **frames.appearance(visit.call))
