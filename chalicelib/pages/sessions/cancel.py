"""Cancelling or deleting a session."""

from typing import Any

from chalicelib.operations import sessions
from chalicelib.operations.sessions import RosterView
from chalicelib.pages import confirm, forms
from chalicelib.pages.responses import PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.sessions import CancelInput
from chalicelib.rules.invoices import correctable
from chalicelib.rules.money import Money
from chalicelib.rules.refunds import comes_back
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.web.audience import Staff

SESSION = "/o/{org}/sessions/{session}"


@page("GET", SESSION + "/cancel", who=Staff("edit_sessions"))
def ask_cancel(visit: Visit) -> PageResponse:
    """Ask first. With `because=minimum` the reason is filled in."""
    because = visit.call.query.get("because", "")
    reason = sessions.too_few(visit.org, visit["session"]) if because == "minimum" else ""
    return _ask_cancel(visit, forms.blank({"tell": "true", "credit_invoices": "true", "refund_payments": "true", "reason": reason}))


@page("POST", SESSION + "/cancel", who=Staff("edit_sessions"))
def cancel(visit: Visit) -> PageResponse:
    try:
        choices = {name: visit.typed.get(name) == "true" for name in ("tell", "credit_invoices", "refund_payments")}
        cancelling = forms.read(CancelInput, {"reason": visit.typed.get("reason", ""), **choices})
    except ValidationFailed as refusal:
        return _ask_cancel(visit, forms.refused(visit.typed, refusal))
    sessions.cancel_session(visit.org, visit["session"], cancelling, by=visit.by, now=visit.call.now)
    return Redirect(_roster(visit), {"done": "session-cancelled"})


@page("GET", SESSION + "/delete", who=Staff("edit_sessions"))
def ask_delete(visit: Visit) -> PageResponse:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    return confirm.ask(
        visit,
        visit.gettext("Delete %(name)s?") % {"name": view.session.title},
        [
            visit.gettext("It disappears for good, and its public page with it. No e-mail is sent."),
            visit.gettext("This works only while nobody was ever on it; after that, cancel it instead, and its history stays."),
        ],
        verb=visit.gettext("Delete"),
        stay=visit.gettext("Keep session"),
        back=_roster(visit),
        destroys=True,
    )


@page("POST", SESSION + "/delete", who=Staff("edit_sessions"))
def delete(visit: Visit) -> PageResponse:
    sessions.delete_session(visit.org, visit["session"])
    return Redirect(f"/o/{visit.org}/sessions", {"done": "deleted"})


def _ask_cancel(visit: Visit, form: forms.Form) -> PageResponse:
    roster = sessions.read_roster(visit.org, visit["session"], now=visit.call.now)
    return confirm.ask(
        visit,
        visit.gettext("Cancel %(name)s?") % {"name": roster.session.session.title},
        _consequences(visit, roster),
        verb=visit.gettext("Cancel the session"),
        stay=visit.gettext("Keep session"),
        back=_roster(visit),
        destroys=True,
        status=422 if form.wrong else 200,
        form=form,
        template="sessions/cancel.html",
        people=sessions.count_reachable(roster.session.session, now=visit.call.now),
        **_open_invoices(roster),
        **_online_payments(roster),
    )


def _open_invoices(roster: RosterView) -> dict[str, Any]:
    """Return how many open invoices the session has, those for which no payment was noted, and their sum in each currency."""
    totals = [registration.total for registration in roster.registrations if correctable(registration)]
    currencies = dict.fromkeys(total.currency for total in totals)
    sums = [Money(sum(total.amount for total in totals if total.currency == currency), currency) for currency in currencies]
    return {"unpaid": len(totals), "sums": sums}


def _online_payments(roster: RosterView) -> dict[str, Any]:
    """Return how many registrations of the session were paid online, and what would go back, in each currency."""
    back = [money for registration in roster.registrations if (money := comes_back(registration)).amount]
    currencies = dict.fromkeys(money.currency for money in back)
    sums = [Money(sum(money.amount for money in back if money.currency == currency), currency) for currency in currencies]
    return {"paid_online": len(back), "online_sums": sums}


def _consequences(visit: Visit, roster: RosterView) -> list[str]:
    """Return the consequences for registrations, invitations and the waitlist."""
    return [
        _staying(visit, len(roster.registrations)),
        *_ending(visit, sum(1 for view in roster.invitations if view.held)),
        *_waiting(visit, len(roster.waitlist)),
        visit.gettext("Nobody can register any more. This cannot be undone."),
    ]


def _staying(visit: Visit, number: int) -> str:
    """Return the consequence for the registrations."""
    if not number:
        return visit.gettext("Nobody is registered.")
    text = visit.ngettext("%(num)d registration stays as history.", "%(num)d registrations stay as history.", number)
    return text % {"num": number}


def _ending(visit: Visit, number: int) -> list[str]:
    """Return the consequence for the pending invitations."""
    text = visit.ngettext(
        "%(num)d invitation ends, and its link stops working.", "%(num)d invitations end, and their links stop working.", number
    )
    return [text % {"num": number}] if number else []


def _waiting(visit: Visit, number: int) -> list[str]:
    """Return the consequence for the waiting parties."""
    text = visit.ngettext(
        "%(num)d party is taken off the waitlist, and told with everybody else.",
        "%(num)d parties are taken off the waitlist, and told with everybody else.",
        number,
    )
    return [text % {"num": number}] if number else []


def _roster(visit: Visit) -> str:
    return f"/o/{visit.org}/sessions/{visit['session']}"
