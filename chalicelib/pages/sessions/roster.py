"""The roster page of a session: everybody on it, its invitations, and where its spots are."""

from collections.abc import Iterable
from typing import Any

from chalicelib.operations import links, messages, sessions
from chalicelib.operations.sessions import InvitationView
from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.sessions.inviting import invitation_form
from chalicelib.rules.registrations import Registration

SESSION = "/o/{org}/sessions/{session}"
TABS = {"roster": "Roster", "invitations": "Invitations", "waitlist": "Waitlist", "capacity": "Capacity", "messages": "Messages"}
LATEST = 200
LIVE = {"pending", "waiting_for_approval"}


@page("GET", SESSION, who=Staff("viewer"))
def session(visit: Visit) -> Answer:
    """Show the roster page with the tab that was asked for."""
    tab = visit.call.query.get("tab", "")
    if tab == "capacity":
        return Html("sessions/capacity.html", _capacity(visit))
    if tab == "messages":
        return Html("sessions/messages.html", _messages(visit))
    if tab == "waitlist":
        return Redirect(f"{visit.path}/waitlist")
    return Html("sessions/invitations.html" if tab == "invitations" else "sessions/roster.html", _roster(visit))


def _roster(visit: Visit) -> dict[str, Any]:
    meeting = visit.call.query.get("meeting", "")
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now, meeting=meeting)
    wanted = visit.call.query.get("q", "").strip().casefold()
    live = [view for view in roster.invitations if view.status in LIVE]
    return {
        **around(visit, roster.session),
        "q": visit.call.query.get("q", ""),
        "meeting": meeting,
        "parties": roster.parties,
        "nobody": not (live or roster.registrations),
        "registrations": [one for one in roster.registrations if _found(wanted, _words(one))],
        "waiting": [view for view in live if view.status == "waiting_for_approval" and _found(wanted, _about(view))],
        "pending": [view for view in live if view.status == "pending" and _found(wanted, _about(view))],
        "invitations": [view for view in roster.invitations if _found(wanted, _about(view))],
        "never_invited": not roster.invitations,
        "removed": [one for one in roster.removed if _found(wanted, _words(one))],
    }


def _capacity(visit: Visit) -> dict[str, Any]:
    view, holders = sessions.read_capacity(visit.org, visit["session"], now=visit.call.now)
    return {**around(visit, view), "holders": holders}


def _messages(visit: Visit) -> dict[str, Any]:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    found = messages.list_session_messages(visit.org, visit["session"], limit=LATEST)
    return {**around(visit, view), "messages": found.items}


def around(visit: Visit, view: sessions.SessionView) -> dict[str, Any]:
    """Return what every tab shows around its list."""
    return {
        **invitation_form(visit, view, forms.blank()),
        "tabs": TABS,
        "in_line": sum(view.waiting.values()),
        "kept": view.kept(visit.home.waitlist, visit.call.now),
        "link": links.invitation_link,
        "key": forms.blank().key,
    }


def _found(wanted: str, words: Iterable[str]) -> bool:
    return not wanted or any(wanted in word.casefold() for word in words)


def _words(registration: Registration) -> list[str]:
    return [registration.name, registration.email, registration.invited_email, *registration.participants]


def _about(view: InvitationView) -> list[str]:
    claimant = view.invitation.claimant
    return [view.invitation.email, view.invitation.note, *([claimant.name, claimant.email] if claimant else [])]
