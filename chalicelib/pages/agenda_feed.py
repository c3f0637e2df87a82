"""The calendar feed of a member of staff: its secret address, which they can renew."""

from chalicelib.operations import agenda_feed, links
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Staff

CALENDAR = "/o/{org}/calendar"


@page("GET", CALENDAR, who=Staff("read_led"))
def calendar(visit: Visit) -> PageResponse:
    return Html("agenda/calendar.html", {"feed": links.agenda_feed(visit.staff)})


@page("POST", CALENDAR, who=Staff("read_led"))
def renew(visit: Visit) -> PageResponse:
    agenda_feed.renew_feed(visit.staff)
    return Redirect(visit.path, {"done": "calendar-renewed"})
