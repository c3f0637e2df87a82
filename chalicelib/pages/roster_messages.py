"""E-mails from staff to a roster, and the archive of those that were sent."""

from typing import Any

from chalicelib.operations import messages, sessions
from chalicelib.operations.sessions import RosterView
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sessions.roster_query import is_found, query_fields
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.roster_messages import EVERYBODY, RosterMessageInput
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.registrations import Registration
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

WRITE = "/o/{org}/sessions/{session}/write"
CHOSEN = "to/"
CHOOSE = "choose"
"""The value of the roster's button that opens the form for the people who are ticked."""
NOBODY_ON_DATE = N_("Nobody is registered for this date.")
ONE_OF_TWO = N_("You ticked people, but “Everybody who is registered” is selected. Select “Selected people”, or untick them.")


@page("GET", WRITE, who=Staff("send_messages", led=True))
def write_form(visit: Visit) -> PageResponse:
    """Show the form for everybody, for those on the date that `?meeting=` names, or for the registration that `?to=` names."""
    one = visit.call.query.get("to", "")
    typed = {CHOSEN + one: "true", "whom": "some"} if one else {"whom": EVERYBODY}
    return Html("roster_messages/write.html", _about(visit, forms.blank(typed)))


@page("POST", WRITE, who=Staff("send_messages", led=True))
def write(visit: Visit) -> PageResponse:
    """Send the message once the button said how many people get it: a form that says another number comes back with the right one.

    The roster's button for ticked people opens the form with them.
    """
    if visit.typed.get("do") == CHOOSE:
        return Html("roster_messages/write.html", _about(visit, forms.Form({**_ticked(visit), "whom": "some"}, key=forms.blank().key)))
    try:
        mailing = _mailing(visit)
        about = _about(visit, forms.Form(visit.typed, key=visit.key))
        if visit.typed.get("people") != str(about["people"]):
            return Html("roster_messages/write.html", {**about, "confirming": True})
        job = messages.mail_roster(visit.org, visit["session"], mailing, by=visit.by, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return Html("roster_messages/write.html", _about(visit, forms.refused(visit.typed, refusal)), status_of(refusal))
    if not visit.staff.may("read"):
        return Redirect(f"/o/{visit.org}/sessions/{visit['session']}", {"done": "roster-mailed"})
    return Redirect(f"/o/{visit.org}/jobs/{job}")


@page("GET", "/o/{org}/messages/{message}", who=Staff("read"))
def message(visit: Visit) -> PageResponse:
    """Show a message as it was sent."""
    found = messages.read_message(visit.org, visit["message"], by=visit.staff)
    return Html("roster_messages/message.html", {"message": found})


def _mailing(visit: Visit) -> RosterMessageInput:
    """Return the typed message and its recipients. Raises ValidationFailed, also when people are ticked and everybody is selected."""
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in ("subject", "text")}
    everybody, chosen = visit.typed.get("whom") == EVERYBODY, _chosen(visit)
    values["registrations"] = (_covered(visit) or EVERYBODY) if everybody else chosen
    return forms.read(RosterMessageInput, values, {"whom": ONE_OF_TWO} if everybody and chosen else None)


def _ticked(visit: Visit) -> dict[str, str]:
    """Return the ticks of the roster's form; with its box for all of them, one for each registration that its search finds."""
    if visit.typed.get("all") != "true":
        return {name: "true" for name in visit.typed if name.startswith(CHOSEN)}
    words = query_fields(visit).get("q", "")
    return {CHOSEN + one.public_id: "true" for one in _listed(_roster(visit)) if is_found(words, one)}


def _chosen(visit: Visit) -> list[str]:
    return [name.removeprefix(CHOSEN) for name in visit.typed if name.startswith(CHOSEN)]


def _covered(visit: Visit) -> list[str]:
    """Return the registrations on the date that the form is about; none for a form about the whole session. Raises ValidationFailed."""
    if not query_fields(visit).get("meeting"):
        return []
    covered = [one.public_id for one in _listed(_roster(visit))]
    if not covered:
        raise ValidationFailed([("/whom", "nobody_registered", NOBODY_ON_DATE)])
    return covered


def _roster(visit: Visit) -> RosterView:
    """Return the roster of the session, or of the date that the form is about."""
    return sessions.read_roster(visit.org, visit["session"], now=visit.call.now, meeting=query_fields(visit).get("meeting", ""))


def _listed(roster: RosterView) -> list[Registration]:
    """Return those who can be written to: who was removed since a past date is not."""
    return [one for one in roster.registrations if not one.removed_at]


def _about(visit: Visit, form: forms.Form) -> dict[str, Any]:
    roster, query = _roster(visit), query_fields(visit)
    session, listed = roster.session.session, _listed(roster)
    return {
        "form": form,
        "session": session,
        "meeting": session.meeting(query.get("meeting", "")),
        "roster_query": query,
        "registrations": listed,
        "addresses": len(messages.people(visit.org, listed)),
        "people": len(messages.people(visit.org, _recipients(form, listed))),
        "confirming": False,
    }


def _recipients(form: forms.Form, registered: list[Registration]) -> list[Registration]:
    everybody = form.at("whom") == EVERYBODY
    return [one for one in registered if everybody or form.at(CHOSEN + one.public_id)]
