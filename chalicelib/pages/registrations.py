"""One registration: who booked, for whom, what they answered; and taking it off the roster."""

from chalicelib.operations import links, registrations, sessions
from chalicelib.pages import asking
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.paths import written
from chalicelib.rules.invoices import correctable
from chalicelib.rules.money import Money
from chalicelib.rules.registrations import Registration

OWN = "/o/{org}/registrations/{registration}"


@page("GET", OWN, who=Staff("viewer"))
def registration(visit: Visit) -> Answer:
    found, hold = registrations.read_registration(visit.org, visit["registration"])
    view = sessions.read_session(visit.org, found.session, now=visit.call.now)
    data = {
        "registration": found,
        "hold": hold,
        "session": view.session,
        "answers": dict(found.answers),
        "invoice_link": links.invoice_link,
        "correctable": correctable(found) and not found.moved_to,
        "too_much": Money(found.paid.amount - found.total.amount, found.price.currency),
    }
    return Html("registrations/registration.html", data)


@page("GET", OWN + "/remove", who=Staff("manager"))
def ask_remove(visit: Visit) -> Answer:
    found, hold = registrations.read_registration(visit.org, visit["registration"])
    _, meetings = registrations.read_with_meetings(visit.org, visit["registration"], now=visit.call.now)
    dates = len(sessions.read_session(visit.org, found.session, now=visit.call.now).session.meetings)
    return asking.ask(
        visit,
        f"Remove {found.name} from the roster?",
        [
            _spots_back(found, extra=hold.x if hold else 0),
            *([_touched(len(meetings))] if dates > 1 else []),
            "Nothing is refunded, and what was booked stays in the history.",
        ],
        verb="Remove",
        stay="Keep them",
        back=_roster(visit),
        destroys=True,
    )


@page("POST", OWN + "/remove", who=Staff("manager"))
def remove(visit: Visit) -> Answer:
    registrations.remove_registration(visit.org, visit["registration"], by=visit.by, now=visit.call.now)
    return Redirect(_roster(visit), {"done": "removed"})


def _spots_back(found: Registration, *, extra: int) -> str:
    if extra:
        return "The extra spots disappear with the registration."
    return "1 spot is free again at once." if found.party_size == 1 else f"{found.party_size} spots are free again at once."


def _touched(dates: int) -> str:
    coming = {0: "No date is still to come", 1: "They are off the one date still to come"}.get(
        dates, f"They are off the {dates} dates still to come"
    )
    return f"{coming}; on past dates they stay."


def _roster(visit: Visit) -> str:
    return written("/o/{org}/sessions/{session}", org=visit.org, session=visit["registration"].partition("-")[0])
