"""Calendar files (RFC 5545): what a mail program or a telephone puts into its calendar, changes there, and removes again."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress

from chalicelib.rules.calendar import CalendarEvent

PRODUCT = "-//Rollbook//Rollbook//EN"
Method = Literal["PUBLISH", "CANCEL"]


def calendar_file(events: Iterable[CalendarEvent], *, method: Method, stamp: datetime) -> str:
    """Return a calendar file that publishes the events, or cancels them."""
    calendar = Calendar()
    for name, value in {"version": "2.0", "prodid": PRODUCT, "calscale": "GREGORIAN", "method": method}.items():
        calendar.add(name, value)
    for event in events:
        calendar.add_component(_component(event, "CANCELLED" if method == "CANCEL" or event.cancelled else "CONFIRMED", stamp))
    return str(calendar.to_ical(sorted=False).decode())


def _component(event: CalendarEvent, status: str, stamp: datetime) -> Event:
    component = Event()
    component.add("uid", event.uid)
    component.add("sequence", event.sequence)
    for name, moment in {"dtstamp": stamp, "dtstart": event.starts_at, "dtend": event.ends_at}.items():
        component.add(name, moment.astimezone(UTC))
    for name, text in {"summary": event.summary, "location": event.location, "description": event.description}.items():
        if text:
            component.add(name, text)
    if event.url:
        component.add("url", " ".join(event.url.split()))
    if event.organiser:
        organiser = vCalAddress(f"mailto:{quote(event.organiser.email, safe='@+')}")
        organiser.params["CN"] = " ".join(event.organiser.name.split()).replace('"', "'")
        component.add("organizer", organiser)
    component.add("status", status)
    return component
