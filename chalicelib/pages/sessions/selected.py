"""Actions on the registrations that are ticked on a roster. Each asks first: it says whom it is about and who gets an e-mail."""

from collections.abc import Callable
from typing import Any

from chalicelib.operations import messages, registrations, sessions
from chalicelib.operations.registrations import BulkResult
from chalicelib.operations.sessions import RosterView
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.sessions.roster_query import back_to_roster, chosen_ids, is_found, query_fields
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules import times
from chalicelib.rules.billing import is_invoiceable, is_payable
from chalicelib.rules.money import Money
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.roster_order import in_order
from chalicelib.rules.session_filter import SessionFilter
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff

SELECTED = "/o/{org}/sessions/{session}/selected"
MOST_AT_ONCE = 100
"""How many registrations one request changes."""
OFFERED = 8


@page("GET", SELECTED + "/paid", who=Staff("bill"))
def ask_paid(visit: Visit) -> PageResponse:
    return _question_page(visit, "paid", is_payable)


@page("POST", SELECTED + "/paid", who=Staff("bill"))
def mark_paid(visit: Visit) -> PageResponse:
    return _done(visit, "paid", is_payable, lambda chosen: registrations.mark_paid(chosen, by=visit.by, now=visit.call.now))


@page("POST", SELECTED + "/paid/undo", who=Staff("bill"))
def undo_paid(visit: Visit) -> PageResponse:
    """Undo what the caller marked as paid at a moment."""
    try:
        at = times.read(visit.typed.get("at", ""))
    except ValueError:
        raise NotFound from None
    registered = _roster(visit).registrations
    undone = registrations.undo_paid(registered, marked_at=at, by=visit.by, now=visit.call.now).done
    return back_to_roster(visit, "undone" if undone else "not-undone", number=str(len(undone)), row=_only(undone))


@page("GET", SELECTED + "/invoice", who=Staff("bill"))
def ask_invoice(visit: Visit) -> PageResponse:
    return _question_page(visit, "invoice", is_invoiceable)


@page("POST", SELECTED + "/invoice", who=Staff("bill"))
def send_invoices(visit: Visit) -> PageResponse:
    return _done(visit, "invoice", is_invoiceable, lambda chosen: registrations.send_invoices(chosen, by=visit.by, now=visit.call.now))


@page("GET", SELECTED + "/move", who=Staff("manage_roster"))
def ask_move(visit: Visit) -> PageResponse:
    return _question_page(visit, "move")


@page("POST", SELECTED + "/move", who=Staff("manage_roster"))
def move(visit: Visit) -> PageResponse:
    to_session, tell = visit.typed.get("to_session", ""), visit.typed.get("tell") == "true"

    def moved(chosen: list[Registration]) -> BulkResult:
        return registrations.move(chosen, to_session, by=visit.by, key=visit.key, tell=tell, now=visit.call.now)

    return _done(visit, "move", None, moved, is_ready=bool(to_session) and not visit.typed.get("find"))


@page("GET", SELECTED + "/remove", who=Staff("manage_roster"))
def ask_remove(visit: Visit) -> PageResponse:
    return _question_page(visit, "remove")


@page("POST", SELECTED + "/remove", who=Staff("manage_roster"))
def remove(visit: Visit) -> PageResponse:
    tell = visit.typed.get("tell") == "true"
    return _done(visit, "remove", None, lambda chosen: registrations.remove(chosen, by=visit.by, tell=tell, now=visit.call.now))


Needs = Callable[[Registration], bool] | None
BulkAction = Callable[[list[Registration]], BulkResult]


def _question_page(visit: Visit, action: str, needs: Needs = None) -> PageResponse:
    roster = _roster(visit)
    chosen = _chosen(visit, roster)
    return _question(visit, action, roster, chosen, needs) if chosen else back_to_roster(visit, "nobody-selected")


def _done(visit: Visit, action: str, needs: Needs, act: BulkAction, *, is_ready: bool = True) -> PageResponse:
    """Act on the chosen registrations once staff have confirmed it, and say what became of each that could not be changed.

    A single registration is marked as paid without a question, since that can be undone.
    """
    roster = _roster(visit)
    chosen = _chosen(visit, roster)
    if not chosen:
        return _nobody(visit, action)
    confirmed = visit.typed.get("confirmed") or (action == "paid" and visit.typed.get("at_once"))
    if not (confirmed and is_ready) or len(chosen) > MOST_AT_ONCE:
        return _question(visit, action, roster, chosen, needs)
    result = act(chosen)
    if result.failed:
        return Html("sessions/selected_result.html", {**_about(visit, action, roster, chosen), "result": result})
    at = {"at": times.written(visit.call.now)} if action == "paid" else {}
    return back_to_roster(visit, f"selected-{action}", number=str(len(result.done)), row=_only(result.done), **at)


def _nobody(visit: Visit, action: str) -> PageResponse:
    """Return to the roster. A confirmed form whose people are not there any more was sent twice: it says what the first one did."""
    count = len(chosen_ids(visit)) if visit.typed.get("confirmed") else 0
    return back_to_roster(visit, f"selected-{action}", number=str(count)) if count else back_to_roster(visit, "nobody-selected")


def _question(visit: Visit, action: str, roster: RosterView, chosen: list[Registration], needs: Needs) -> PageResponse:
    first = not visit.typed.get("confirmed") and not visit.typed.get("find")
    typed = {**visit.typed, "tell": "true"} if first else dict(visit.typed)
    fault = (
        {"to_session": N_("Choose a session.")} if action == "move" and visit.typed.get("confirmed") and not visit.typed.get("find") else {}
    )
    form = forms.Form(typed, fault, key=visit.typed.get("key") or forms.blank().key)
    left_out = [one for one in chosen if needs and not needs(one)]
    data = {
        **_about(visit, action, roster, [one for one in chosen if one not in left_out]),
        "form": form,
        "left_out": left_out,
        "too_many": len(chosen) > MOST_AT_ONCE,
        "most": MOST_AT_ONCE,
        **(_others(visit) if action == "move" else {}),
    }
    return Html("sessions/selected.html", data, 422 if fault else 200)


def _about(visit: Visit, action: str, roster: RosterView, chosen: list[Registration]) -> dict[str, Any]:
    session = roster.session.session
    spots = sum(one.party_size for one in chosen)
    return {
        "action": action,
        "session": session,
        "chosen": chosen,
        "spots": spots,
        "dates": sum(1 for one in session.active_meetings if one.starts_at > visit.call.now),
        "addresses": len(messages.people(visit.org, chosen)),
        "sums": _sums(chosen),
        "roster_query": query_fields(visit),
    }


def _sums(chosen: list[Registration]) -> list[Money]:
    """Return the amounts due for registrations, in each currency."""
    due = [Money(max(0, one.total.amount - one.paid.amount), one.total.currency) for one in chosen if is_payable(one)]
    return [Money(sum(one.amount for one in due if one.currency == code), code) for code in dict.fromkeys(one.currency for one in due)]


def _others(visit: Visit) -> dict[str, Any]:
    """Return the coming sessions that a search finds, to which registrations can move."""
    wanted = visit.typed.get("sought", "").strip()
    found = sessions.list_sessions(
        visit.org,
        coming=True,
        wanted=SessionFilter(q=wanted),
        suits=lambda view: view.session.id != visit["session"] and not view.session.cancelled_at,
        now=visit.call.now,
        limit=OFFERED,
    )
    return {"others": found.items, "more": bool(found.next), "words": wanted}


def _roster(visit: Visit) -> RosterView:
    return sessions.read_roster(visit.org, visit["session"], now=visit.call.now, meeting=query_fields(visit).get("meeting", ""))


def _chosen(visit: Visit, roster: RosterView) -> list[Registration]:
    """Return the ticked registrations that are on the roster; with the box for all of them, those that its search finds."""
    registered = [one for one in in_order(roster.registrations, "child") if not one.removed_at]
    if visit.typed.get("all") == "true":
        return [one for one in registered if is_found(query_fields(visit).get("q", ""), one)]
    wanted = set(chosen_ids(visit))
    return [one for one in registered if one.public_id in wanted]


def _only(done: list[Registration]) -> str:
    return done[0].public_id if len(done) == 1 else ""
