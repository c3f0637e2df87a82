"""The CSV export of a roster."""

from chalicelib.operations import sessions
from chalicelib.pages.answers import Answer, File
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.web.audience import Staff


@page("GET", "/o/{org}/sessions/{session}/roster.csv", who=Staff("read"))
def roster_csv(visit: Visit) -> Answer:
    text = sessions.export_roster(visit.org, visit["session"], locale=visit.language, now=visit.call.now)
    return File(text, "text/csv; charset=utf-8", forever=False, name="roster.csv")
