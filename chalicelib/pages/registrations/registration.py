"""One registration: booker, participants and answers; and its removal from the roster."""

from chalicelib.operations import customers, links, messages, registrations, sessions
from chalicelib.pages import confirm, forms
from chalicelib.pages.paths import written
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sessions.roster_query import after_change
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.addresses import compared
from chalicelib.rules.invoices import correctable
from chalicelib.rules.money import Money
from chalicelib.rules.online_payment import LATE, METHOD
from chalicelib.rules.registrations import Registration, history_of
from chalicelib.web.audience import Staff

REGISTRATION = "/o/{org}/registrations/{registration}"
LATEST = 10
"""How many e-mails the page shows."""


@page("GET", REGISTRATION, who=Staff("read"))
def registration(visit: Visit) -> PageResponse:
    found, hold = registrations.read_registration(visit.org, visit["registration"])
    view = sessions.read_session(visit.org, found.session, now=visit.call.now)
    data = {
        "registration": found,
        "hold": hold,
        "session": view.session,
        "answers": dict(found.answers),
        "invoice_link": links.invoice_link,
        "correctable": correctable(found) and not found.moved_to,
        "key": forms.blank().key,
        "suppressed_for": messages.suppressions(visit.org, [found.email]).get(compared(found.email)),
        "customer": customers.find_by_address(visit.org, found.email),
        "events": history_of(found),
        "late": LATE,
        "stripe": METHOD,
        "messages": messages.list_registration_messages(found, limit=LATEST),
        "too_much": Money(found.paid.amount - found.total.amount, found.price.currency),
    }
    return Html("registrations/registration.html", data)


@page("POST", REGISTRATION + "/confirmation", who=Staff("manage_roster"))
def send_confirmation(visit: Visit) -> PageResponse:
    """Send the confirmation again."""
    found, _ = registrations.read_registration(visit.org, visit["registration"])
    registrations.send_confirmation(visit.org, visit["registration"], key=visit.key, now=visit.call.now)
    return after_change(visit, found, "confirmation-sent")


@page("GET", REGISTRATION + "/remove", who=Staff("manage_roster"))
def ask_remove(visit: Visit) -> PageResponse:
    found, hold = registrations.read_registration(visit.org, visit["registration"])
    _, meetings = registrations.read_with_meetings(visit.org, visit["registration"], now=visit.call.now)
    dates = len(sessions.read_session(visit.org, found.session, now=visit.call.now).session.meetings)
    return confirm.ask(
        visit,
        visit.gettext("Remove %(name)s from the roster?") % {"name": found.name},
        [
            _spots_back(visit, found, extra=hold.extra if hold else 0),
            *([_touched(visit, len(meetings))] if dates > 1 else []),
            visit.gettext("Nothing is refunded. The booking stays in the history."),
        ],
        verb=visit.gettext("Remove"),
        stay=visit.gettext("Cancel"),
        back=_roster(visit),
        destroys=True,
        form=forms.blank({"tell": "true"}),
        template="registrations/remove.html",
        address=found.email if meetings else "",
    )


@page("POST", REGISTRATION + "/remove", who=Staff("manage_roster"))
def remove(visit: Visit) -> PageResponse:
    tell = visit.typed.get("tell") == "true"
    registrations.remove_registration(visit.org, visit["registration"], by=visit.by, now=visit.call.now, tell=tell)
    return Redirect(_roster(visit), {"done": "removed"})


def _spots_back(visit: Visit, found: Registration, *, extra: int) -> str:
    if extra:
        return visit.gettext("The extra spots disappear with the registration.")
    text = visit.ngettext("%(num)d spot is free again at once.", "%(num)d spots are free again at once.", found.party_size)
    return text % {"num": found.party_size}


def _touched(visit: Visit, dates: int) -> str:
    if not dates:
        return visit.gettext("There are no upcoming dates. Past dates are kept.")
    text = visit.ngettext(
        "Removes them from the %(num)d upcoming date. Past dates are kept.",
        "Removes them from the %(num)d upcoming dates. Past dates are kept.",
        dates,
    )
    return text % {"num": dates}


def _roster(visit: Visit) -> str:
    return written("/o/{org}/sessions/{session}", org=visit.org, session=visit["registration"].partition("-")[0])
