"""The query of a roster: its date, search and order. Actions on the roster return to the same query."""

from collections.abc import Mapping

from chalicelib.pages.paths import written
from chalicelib.pages.responses import Redirect
from chalicelib.pages.visit import Visit
from chalicelib.rules.registrations import Registration

CARRIED = ("meeting", "q", "sort")
TO = "to/"
"""The beginning of the name of a ticked registration's field."""


def query_fields(visit: Visit) -> dict[str, str]:
    """Return the fields of the query that are not empty, from the form or else from the address."""
    given: Mapping[str, str] = visit.typed if visit.call.method == "POST" else visit.call.query
    return {name: given[name].strip() for name in CARRIED if given.get(name, "").strip()}


def chosen_ids(visit: Visit) -> list[str]:
    """Return the ids of the registrations that are ticked in the form, or named by the query."""
    named = visit.call.query.get("to", "")
    ticked = [name.removeprefix(TO) for name in visit.typed if name.startswith(TO)]
    return ticked or ([named] if named else [])


def is_found(wanted: str, registration: Registration) -> bool:
    """Whether a search on the roster finds a registration: by participant, contact, or an address."""
    words = (registration.name, registration.email, registration.invited_email, *registration.participants)
    return not wanted or any(wanted.casefold() in word.casefold() for word in words)


def back_to_roster(visit: Visit, done: str, *, session: str = "", row: str = "", **more: str) -> Redirect:
    """Return to the roster, with the same query. `row` is the registration whose row shall be in view."""
    roster = written("/o/{org}/sessions/{session}", org=visit.org, session=session or visit["session"])
    return Redirect(roster, {**query_fields(visit), "done": done, **more}, part=f"r-{row}" if row else "")


def after_change(visit: Visit, registration: Registration, done: str) -> Redirect:
    """Return the way from a changed registration: to the roster if its form was opened there, else to the registration's page."""
    if visit.typed.get("back") == "roster":
        return back_to_roster(visit, done, session=registration.session, row=registration.public_id)
    return Redirect(f"/o/{visit.org}/registrations/{registration.public_id}", {"done": done})
