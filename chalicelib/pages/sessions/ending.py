"""A session that does not take place, or never should have been there."""

from chalicelib.operations import sessions
from chalicelib.operations.sessions import RosterView
from chalicelib.pages import asking, forms
from chalicelib.pages.answers import Answer, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.drafts.sessions import Cancelling
from chalicelib.web.refusals import Invalid

SESSION = "/o/{org}/sessions/{session}"


@page("GET", SESSION + "/cancel", who=Staff("manager"))
def ask_cancel(visit: Visit) -> Answer:
    return _ask_cancel(visit, forms.blank({"tell": "true"}))


@page("POST", SESSION + "/cancel", who=Staff("manager"))
def cancel(visit: Visit) -> Answer:
    try:
        cancelling = forms.read(Cancelling, {"reason": visit.typed.get("reason", ""), "tell": visit.typed.get("tell") == "true"})
    except Invalid as refusal:
        return _ask_cancel(visit, forms.refused(visit.typed, refusal))
    sessions.cancel_session(visit.org, visit["session"], cancelling, by=visit.by, now=visit.call.now)
    return Redirect(_roster(visit), {"done": "session-cancelled"})


@page("GET", SESSION + "/delete", who=Staff("manager"))
def ask_delete(visit: Visit) -> Answer:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    return asking.ask(
        visit,
        f"Delete {view.session.title}?",
        [
            "It disappears for good, and its public page with it. No e-mail goes out.",
            "This works only while nobody was ever on it; after that, cancel it instead, and its history stays.",
        ],
        verb="Delete",
        stay="Keep it",
        back=_roster(visit),
        destroys=True,
    )


@page("POST", SESSION + "/delete", who=Staff("manager"))
def delete(visit: Visit) -> Answer:
    sessions.delete_session(visit.org, visit["session"])
    return Redirect(f"/o/{visit.org}/sessions", {"done": "deleted"})


def _ask_cancel(visit: Visit, form: forms.Form) -> Answer:
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now)
    return asking.ask(
        visit,
        f"Cancel {roster.session.session.title}?",
        _consequences(roster),
        verb="Cancel the session",
        stay="Keep it",
        back=_roster(visit),
        destroys=True,
        status=422 if form.wrong else 200,
        form=form,
        template="sessions/cancel.html",
    )


def _consequences(roster: RosterView) -> list[str]:
    """Return what will happen to spots and e-mails."""
    live = sum(1 for view in roster.invitations if view.held)
    ending = {0: [], 1: ["1 invitation ends, and its link stops working."]}.get(
        live, [f"{live} invitations end, and their links stop working."]
    )
    staying = len(roster.registrations)
    people = {0: "Nobody is registered.", 1: "1 registration stays as history."}.get(staying, f"{staying} registrations stay as history.")
    return [people, *ending, *_waiting(len(roster.waitlist)), "Nobody can register any more. This cannot be undone."]


def _waiting(number: int) -> list[str]:
    """Return what becomes of those on the waitlist."""
    if not number:
        return []
    who = "1 person waits" if number == 1 else f"{number} people wait"
    return [f"{who} no longer. They are told with everybody else."]


def _roster(visit: Visit) -> str:
    return f"/o/{visit.org}/sessions/{visit['session']}"
