"""One registration: who booked, for whom, what they answered; and taking it off the roster."""

from chalicelib.operations import registrations, sessions
from chalicelib.pages import asking
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.paths import written
from chalicelib.rules.registrations import Registration

OWN = "/o/{org}/registrations/{registration}"


@page("GET", OWN, who=Staff("viewer"))
def registration(visit: Visit) -> Answer:
    found, hold = registrations.read_registration(visit.org, visit["registration"])
    view = sessions.read_session(visit.org, found.session, now=visit.call.now)
    return Html("registration.html", {"registration": found, "hold": hold, "session": view.session, "answers": dict(found.answers)})


@page("GET", OWN + "/remove", who=Staff("manager"))
def ask_remove(visit: Visit) -> Answer:
    found, hold = registrations.read_registration(visit.org, visit["registration"])
    return asking.ask(
        visit,
        f"Remove {found.name} from the roster?",
        [_spots_back(found, extra=hold.x if hold else 0), "Nothing is refunded, and what was booked stays in the history."],
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


def _roster(visit: Visit) -> str:
    return written("/o/{org}/sessions/{session}", org=visit.org, session=visit["registration"].partition("-")[0])
