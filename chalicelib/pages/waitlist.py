"""The waitlist of a session, for staff: its entries, why each has no offer yet, and actions to add, invite, move and remove."""

from chalicelib.operations import messages, sessions, waitlist
from chalicelib.operations.waitlist import WaitlistView
from chalicelib.pages import confirm, extra_spots, forms, waitlist_form
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sessions.roster import SESSION, tab_data
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.waitlist import MoveInput
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import NotFound, ValidationFailed
from chalicelib.rules.wait_reasons import WHY
from chalicelib.rules.waitlist import EntryEnded, PlaceInLine
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

WAITLIST = SESSION + "/waitlist"
ENTRY = "/o/{org}/waitlist/{entry}"


@page("GET", WAITLIST, who=Staff("read"))
def in_order(visit: Visit) -> PageResponse:
    """Show all entries, each with the reason why it has no offer."""
    now = visit.call.now
    view = waitlist.read_waitlist(visit.org, visit["session"], now=now)
    data = {
        **tab_data(visit, view.session),
        "queue": view.queue,
        "places": view.places,
        "ended": view.ended,
        "suppressions": messages.suppressions(visit.org, (place.entry.email for place in view.places)),
        "elsewhere": waitlist.waits_elsewhere(visit.org, (place.entry for place in view.places)),
        "reasons": {why.entry.id: WHY[why.reason] for why in waitlist.explain(view, now=now)},
    }
    return Html("sessions/waitlist.html", data)


@page("GET", WAITLIST + "/add", who=Staff("manage_roster"))
def add_form(visit: Visit) -> PageResponse:
    return _add_form(visit, forms.blank({"spots": "1"}))


@page("POST", WAITLIST + "/add", who=Staff("manage_roster"))
def add_by_staff(visit: Visit) -> PageResponse:
    try:
        made = waitlist.add_by_staff(visit.org, visit["session"], waitlist_form.read(visit), key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _add_form(visit, waitlist_form.refused(visit, refusal), status_of(refusal))
    done = "in-line" if messages.reaches(visit.org, made.entry.email, "waitlist_joined") else "in-line-silently"
    return _to_list(visit, visit["session"], done, made.entry.id)


@page("POST", ENTRY + "/invite", who=Staff("manage_roster"))
def invite(visit: Visit) -> PageResponse:
    """Offer free spots to an entry out of order. If there are too few, show what staff can do."""
    try:
        made = waitlist.offer_by_hand(visit.org, visit["entry"], by=visit.by, now=visit.call.now)
    except SessionFull as full:
        view, place = _found(visit)
        data = {"session": view.session.session, "entry": place.entry, "fact": extra_spots.fact(visit, full)}
        return Html("sessions/too_few.html", data, status_of(full))
    done = "offered" if made.invitation.mail == "queued" else "offered-silently"
    return _to_list(visit, made.entry.session, done, made.entry.id)


@page("GET", ENTRY + "/move", who=Staff("manage_roster"))
def ask_move(visit: Visit) -> PageResponse:
    view, place = _found(visit)
    return _ask_move(visit, view, place, forms.blank({"position": str(place.position)}))


@page("POST", ENTRY + "/move", who=Staff("manage_roster"))
def move(visit: Visit) -> PageResponse:
    try:
        wanted = forms.read(MoveInput, {"position": visit.typed.get("position", "").strip()})
    except ValidationFailed as refusal:
        return _ask_move(visit, *_found(visit), forms.refused(visit.typed, refusal))
    entry = waitlist.move_entry(visit.org, visit["entry"], wanted.position)
    return _to_list(visit, entry.session, "moved", entry.id)


@page("GET", ENTRY + "/remove", who=Staff("manage_roster"))
def ask_remove(visit: Visit) -> PageResponse:
    view, place = _found(visit)
    return confirm.ask(
        visit,
        visit.gettext("Take %(name)s off the waitlist?") % {"name": place.entry.name},
        [*_consequences(visit, place), visit.gettext("No e-mail is sent.")],
        verb=visit.gettext("Remove from waitlist"),
        stay=visit.gettext("Keep"),
        back=_list(visit, view.session.session.id),
        destroys=True,
    )


@page("POST", ENTRY + "/remove", who=Staff("manage_roster"))
def remove(visit: Visit) -> PageResponse:
    waitlist.remove_entry(visit.org, visit["entry"], by=visit.by, now=visit.call.now)
    return _to_list(visit, visit["entry"].partition("-")[0], "out-of-line")


def _add_form(visit: Visit, form: forms.Form, status: int = 200) -> PageResponse:
    view = sessions.read_session(visit.org, visit["session"], now=visit.call.now)
    data = {"form": form, "view": view, "session": view.session, "choices": waitlist.choices(view.session, now=visit.call.now)}
    return Html("sessions/add_by_staff.html", data, status)


def _ask_move(visit: Visit, view: WaitlistView, place: PlaceInLine, form: forms.Form) -> PageResponse:
    return confirm.ask(
        visit,
        visit.gettext("Move %(name)s to which place?") % {"name": place.entry.name},
        [
            visit.gettext("They are number %(position)s of %(places)s now. No e-mail is sent.")
            % {"position": place.position, "places": len(view.places)}
        ],
        verb=visit.gettext("Move"),
        back=_list(visit, place.entry.session),
        status=422 if form.wrong else 200,
        form=form,
        template="sessions/move.html",
    )


def _consequences(visit: Visit, place: PlaceInLine) -> list[str]:
    """Return the consequences of removal: the lost place, or the end of the offer."""
    if place.entry.status != "offered":
        return [visit.gettext("They lose their place. To wait again, they would have to join again at the end.")]
    text = visit.ngettext(
        "Their offer ends: its link stops working, and %(num)d spot is free for the others on the waitlist.",
        "Their offer ends: its link stops working, and %(num)d spots are free for the others on the waitlist.",
        place.entry.spots,
    )
    return [text % {"num": place.entry.spots}]


def _found(visit: Visit) -> tuple[WaitlistView, PlaceInLine]:
    """Return the waitlist and the entry's place on it. Raises NotFound, and EntryEnded once it has ended."""
    session, _, id = visit["entry"].partition("-")
    view = waitlist.read_waitlist(visit.org, session, now=visit.call.now)
    found = next((place for place in view.places if place.entry.id == id), None)
    if found:
        return view, found
    raise EntryEnded if any(entry.id == id for entry in view.ended) else NotFound


def _list(visit: Visit, session: str) -> str:
    return f"/o/{visit.org}/sessions/{session}/waitlist"


def _to_list(visit: Visit, session: str, done: str, id: str = "") -> PageResponse:
    """Redirect to the waitlist, at the entry if there is one."""
    return Redirect(_list(visit, session), {"done": done}, part=f"w-{id}" if id else "")
