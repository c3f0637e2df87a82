"""The waitlist of a session as staff see it: who waits and why without an offer; put in line, invite, move, remove."""

from chalicelib.operations import sessions, waitlist
from chalicelib.operations.waitlist import WaitlistView
from chalicelib.pages import asking, forms, lining_up
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.sessions.roster import SESSION, around
from chalicelib.rules.drafts.waitlist import Moving
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.waitlist import WHY, NotWaiting, Place
from chalicelib.web.refusals import Invalid, status_of

WAITLIST = SESSION + "/waitlist"
ENTRY = "/o/{org}/waitlist/{entry}"
MANAGER = Staff("manager")


@page("GET", WAITLIST, who=Staff("viewer"))
def in_order(visit: Visit) -> Answer:
    """Show everybody on the list, each with the reason why there is no offer."""
    now = visit.call.now
    view = waitlist.read_waitlist(visit.org, visit["session"], now=now)
    data = {
        **around(visit, view.session),
        "line": view.line,
        "places": view.places,
        "ended": view.ended,
        "reasons": {why.entry.id: WHY[why.reason] for why in waitlist.explain(view, now=now)},
    }
    return Html("sessions/waitlist.html", data)


@page("GET", WAITLIST + "/add", who=MANAGER)
def add_form(visit: Visit) -> Answer:
    return _add_form(visit, forms.blank({"spots": "1"}))


@page("POST", WAITLIST + "/add", who=MANAGER)
def put_in_line(visit: Visit) -> Answer:
    try:
        made = waitlist.put_in_line(visit.org, visit["session"], lining_up.read(visit), key=visit.key, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _add_form(visit, lining_up.refused(visit, refusal), status_of(refusal))
    return _to_list(visit, visit["session"], "in-line", made.entry.id)


@page("POST", ENTRY + "/invite", who=MANAGER)
def invite(visit: Visit) -> Answer:
    """Offer free spots, whoever is before; where they are too few, say what can be done."""
    try:
        made = waitlist.offer_by_hand(visit.org, visit["entry"], by=visit.by, now=visit.call.now)
    except SessionFull as full:
        view, place = _found(visit)
        data = {"session": view.session.session, "entry": place.entry, "full": full}
        return Html("sessions/too_few.html", data, status_of(full))
    done = "offered" if made.invitation.mail == "queued" else "offered-silently"
    return _to_list(visit, made.entry.session, done, made.entry.id)


@page("GET", ENTRY + "/move", who=MANAGER)
def ask_move(visit: Visit) -> Answer:
    view, place = _found(visit)
    return _ask_move(visit, view, place, forms.blank({"position": str(place.position)}))


@page("POST", ENTRY + "/move", who=MANAGER)
def move(visit: Visit) -> Answer:
    try:
        wanted = forms.read(Moving, {"position": visit.typed.get("position", "").strip()})
    except Invalid as refusal:
        return _ask_move(visit, *_found(visit), forms.refused(visit.typed, refusal))
    entry = waitlist.move_entry(visit.org, visit["entry"], wanted.position)
    return _to_list(visit, entry.session, "moved", entry.id)


@page("GET", ENTRY + "/remove", who=MANAGER)
def ask_remove(visit: Visit) -> Answer:
    view, place = _found(visit)
    return asking.ask(
        visit,
        f"Take {place.entry.name} off the waitlist?",
        [*_consequences(place), "No e-mail goes out about it."],
        verb="Take off the waitlist",
        stay="Keep",
        back=_list(visit, view.session.session.id),
        destroys=True,
    )


@page("POST", ENTRY + "/remove", who=MANAGER)
def remove(visit: Visit) -> Answer:
    waitlist.remove_entry(visit.org, visit["entry"], by=visit.by, now=visit.call.now)
    return _to_list(visit, visit["entry"].partition("-")[0], "out-of-line")


def _add_form(visit: Visit, form: forms.Form, status: int = 200) -> Answer:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    return Html("sessions/put_in_line.html", {"form": form, "view": view, "session": view.session}, status)


def _ask_move(visit: Visit, view: WaitlistView, place: Place, form: forms.Form) -> Answer:
    return asking.ask(
        visit,
        f"Move {place.entry.name} to which place?",
        [f"They are number {place.position} of {len(view.places)} now. No e-mail goes out about it."],
        verb="Move",
        back=_list(visit, place.entry.session),
        status=422 if form.wrong else 200,
        form=form,
        template="sessions/move.html",
    )


def _consequences(place: Place) -> list[str]:
    """Return what becomes of the place, or of the offer and its spots."""
    if place.entry.status != "offered":
        return ["They lose their place. To wait again they would have to join again, at the bottom."]
    spots = "1 spot is" if place.entry.spots == 1 else f"{place.entry.spots} spots are"
    return [f"Their offer ends with it: its link stops working at once, and {spots} free again for those who still wait."]


def _found(visit: Visit) -> tuple[WaitlistView, Place]:
    """Return the waitlist and the entry's place on it. Raises NotFound, and NotWaiting once it has ended."""
    session, _, own = visit["entry"].partition("-")
    view = waitlist.read_waitlist(visit.org, session, now=visit.call.now)
    found = next((place for place in view.places if place.entry.id == own), None)
    if found:
        return view, found
    raise NotWaiting if any(entry.id == own for entry in view.ended) else NotFound


def _list(visit: Visit, session: str) -> str:
    return f"/o/{visit.org}/sessions/{session}/waitlist"


def _to_list(visit: Visit, session: str, done: str, own: str = "") -> Answer:
    """Return to the list, where the entry is."""
    return Redirect(_list(visit, session), {"done": done}, part=f"w-{own}" if own else "")
