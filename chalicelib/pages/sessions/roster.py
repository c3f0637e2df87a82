"""The roster of a session: registrations, invitations and spots."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from chalicelib.operations import links, messages, registrations, sessions
from chalicelib.operations.sessions import InvitationView
from chalicelib.pages import forms
from chalicelib.pages.pager import ListPage
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sessions.invite import invitation_form
from chalicelib.pages.sessions.roster_query import is_found, query_fields
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules import times
from chalicelib.rules.numbers import whole_number
from chalicelib.rules.registrations import Registration
from chalicelib.rules.roster_order import ORDERS, in_order, order_of
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff

SESSION = "/o/{org}/sessions/{session}"
TABS = {
    "roster": N_("Roster"),
    "invitations": N_("Invitations"),
    "waitlist": N_("Waitlist"),
    "capacity": N_("Capacity"),
    "messages": N_("Messages"),
}
LATEST = 100


@page("GET", SESSION, who=Staff("read", led=True))
def session(visit: Visit) -> PageResponse:
    """Show the tab of the roster page that `?tab=` names; the roster by default. A leader gets a page of their own."""
    if not visit.staff.may("read"):
        return _led_session(visit)
    tab = visit.call.query.get("tab", "")
    if tab == "capacity":
        return Html("sessions/capacity.html", _capacity(visit))
    if tab == "messages":
        return Html("sessions/messages.html", _messages(visit))
    if tab == "waitlist":
        return Redirect(f"{visit.path}/waitlist")
    return Html("sessions/invitations.html" if tab == "invitations" else "sessions/roster.html", _roster(visit))


def _roster(visit: Visit) -> dict[str, Any]:
    meeting, order = visit.call.query.get("meeting", ""), order_of(visit.call.query.get("sort", ""))
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now, meeting=meeting)
    words = visit.call.query.get("q", "").strip()
    wanted = words.casefold()
    live = [view for view in roster.invitations if view.is_live]
    people = [*(one.email for one in roster.registrations), *(email for view in live for email in _addresses(view))]
    return {
        **tab_data(visit, roster.session),
        "suppressions": messages.suppressions(visit.org, people),
        "q": visit.call.query.get("q", ""),
        "meeting": meeting,
        "parties": roster.parties,
        "nobody": not (live or roster.registrations),
        "registrations": in_order((one for one in roster.registrations if is_found(words, one)), order),
        "order": order,
        "orders": ORDERS,
        "finished": _finished(visit, roster.registrations),
        "waiting": [view for view in live if view.status == "waiting_for_approval" and _found(wanted, _about(view))],
        "pending": [view for view in live if view.status == "pending" and _found(wanted, _about(view))],
        "invitations": [view for view in roster.invitations if _found(wanted, _about(view))],
        "never_invited": not roster.invitations,
        "removed": [one for one in roster.removed if is_found(words, one)],
    }


def _finished(visit: Visit, registered: list[Registration]) -> dict[str, Any]:
    """Return what the page says about an action on several registrations: its name, how many it changed, and how many can be undone."""
    query = visit.call.query
    done, marked_at, undoable = query.get("done", ""), query.get("at", ""), 0
    if done == "selected-paid" and marked_at and visit.staff.may("bill"):
        with suppress(ValueError):
            at = times.read(marked_at)
            undoable = registrations.count_undoable(registered, marked_at=at, by=visit.by, now=visit.call.now)
    return {"action": done, "number": whole_number(query.get("number", "")) or 0, "at": marked_at, "undoable": undoable}


def _capacity(visit: Visit) -> dict[str, Any]:
    view, holders = sessions.read_capacity(visit.org, visit["session"], now=visit.call.now)
    return {**tab_data(visit, view), "holders": holders}


def _messages(visit: Visit) -> dict[str, Any]:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    list_page = ListPage.of(visit, "tab")
    found = messages.list_session_messages(visit.org, visit["session"], limit=LATEST, start=list_page.start)
    return {**tab_data(visit, view), "messages": found.items, "pager": list_page.links(found.next)}


def tab_data(visit: Visit, view: sessions.SessionView) -> dict[str, Any]:
    """Return the data that all tabs show around their lists."""
    return {
        **invitation_form(visit, view, forms.blank()),
        "tabs": TABS,
        "in_line": sum(view.waiting.values()),
        "reserved_spots": view.reserved_spots(visit.home.waitlist, visit.call.now),
        "link": links.invitation_link,
        "roster_query": query_fields(visit),
        "key": forms.blank().key,
    }


def _found(wanted: str, words: Iterable[str]) -> bool:
    return not wanted or any(wanted in word.casefold() for word in words)


def _addresses(view: InvitationView) -> list[str]:
    claimant = view.invitation.claimant
    return [view.invitation.email, *([claimant.email] if claimant else [])]


def _about(view: InvitationView) -> list[str]:
    claimant = view.invitation.claimant
    return [view.invitation.email, view.invitation.note, *([claimant.name, claimant.email] if claimant else [])]


def _led_session(visit: Visit) -> PageResponse:
    """Show a session to its leaders: the people, without prices and settings."""
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now)
    data = {
        "view": roster.session,
        "session": roster.session.session,
        "registrations": roster.registrations,
        "invited": [view for view in roster.invitations if view.is_live],
        "waiting": roster.waitlist,
    }
    return Html("sessions/led.html", data)
