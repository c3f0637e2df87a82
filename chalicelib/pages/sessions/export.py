"""The CSV export of a roster."""

from chalicelib.operations import sessions
from chalicelib.pages import downloads
from chalicelib.pages.responses import PageResponse
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Staff


@page("GET", "/o/{org}/sessions/{session}/roster.csv", who=Staff("read"))
def roster_csv(visit: Visit) -> PageResponse:
    text = sessions.export_roster(visit.org, visit["session"], locale=visit.language, now=visit.call.now)
    return downloads.csv_download(visit.org, text, "roster.csv")
