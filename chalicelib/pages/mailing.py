"""Writing to people on a roster, and exactly what was sent."""

from typing import Any

from chalicelib.operations import messages, sessions
from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.drafts.mailings import EVERYBODY, Mailing
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

WRITE = "/o/{org}/sessions/{session}/write"
CHOSEN = "to/"


@page("GET", WRITE, who=Staff("manager"))
def write_form(visit: Visit) -> Answer:
    return Html("mailing/write.html", _about(visit, forms.blank({"whom": EVERYBODY})))


@page("POST", WRITE, who=Staff("manager"))
def write(visit: Visit) -> Answer:
    try:
        job = messages.mail_roster(visit.org, visit["session"], _mailing(visit), by=visit.by, key=visit.key, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return Html("mailing/write.html", _about(visit, forms.refused(visit.typed, refusal)), status_of(refusal))
    return Redirect(f"/o/{visit.org}/jobs/{job}")


@page("GET", "/o/{org}/messages/{message}", who=Staff("viewer"))
def message(visit: Visit) -> Answer:
    """Show exactly what was sent."""
    found = messages.read_message(visit.org, visit["message"])
    return Html("mailing/message.html", {"message": found})


def _mailing(visit: Visit) -> Mailing:
    """Return what was typed. Raises Invalid."""
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in ("subject", "text")}
    values["registrations"] = EVERYBODY if visit.typed.get("whom") == EVERYBODY else _chosen(visit)
    return forms.read(Mailing, values)


def _chosen(visit: Visit) -> list[str]:
    return [name.removeprefix(CHOSEN) for name in visit.typed if name.startswith(CHOSEN)]


def _about(visit: Visit, form: forms.Form) -> dict[str, Any]:
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now)
    return {"form": form, "session": roster.session.session, "registrations": roster.registrations}
