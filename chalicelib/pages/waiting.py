"""The waitlist as those who wait see it: join, one's place and what happens next, leave. Looking changes nothing."""

from typing import Any

from chalicelib.operations import invitations, links, portal, waitlist
from chalicelib.operations.invitations import Offer
from chalicelib.operations.sessions import SessionView
from chalicelib.operations.waitlist import OwnPlace
from chalicelib.pages import forms, lining_up
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Known, Public, Visit, page
from chalicelib.pages.paths import written
from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import AlreadyAccepted
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.waitlist import line
from chalicelib.web.refusals import status_of

JOIN = "/p/{org}/sessions/{session}/waitlist"
PLACE = "/waitlist/{token}"
STANDS = {"pending": "offered", "waiting_for_approval": "offered", "accepted": "accepted", "declined": "declined"}
"""What an offer makes of whoever has it; any other one is over, and they wait again."""


@page("GET", JOIN, who=Known())
def join_form(visit: Visit) -> Answer:
    return _form(visit, blank(visit.customer))


@page("POST", JOIN, who=Known())
def join(visit: Visit) -> Answer:
    locale = visit.locale(visit.home)
    try:
        made = waitlist.join(visit.org, visit["session"], lining_up.read(visit), locale=locale, key=visit.key, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(visit, lining_up.refused(visit, refusal), status_of(refusal))
    token = links.waitlist_token(made.entry.org, made.entry.session, made.entry.id)
    return Redirect(written(PLACE, token=token), _lang(visit))


@page("GET", PLACE, who=Public())
def own_place(visit: Visit) -> Answer:
    return _place(visit)


@page("GET", PLACE + "/leave", who=Public())
def ask_leave(visit: Visit) -> Answer:
    return _place(visit, leaving=True)


@page("POST", PLACE + "/leave", who=Public())
def leave(visit: Visit) -> Answer:
    try:
        waitlist.leave(visit["token"], now=visit.call.now)
    except AlreadyAccepted as refusal:
        return _place(visit, status=status_of(refusal))
    return Redirect(written(PLACE, token=visit["token"]), _lang(visit))


def blank(customer: Customer | None, spots: int = 1) -> forms.Form:
    """Return the form with which somebody joins, filled in for a customer who has signed in."""
    known = {"name": customer.name, "email": customer.email} if customer else {}
    return forms.blank({**known, "spots": str(spots)})


def may_join(visit: Visit, view: SessionView) -> bool:
    """Whether it is not too late to join the waitlist of a session of the visited organisation, if it has spots at all."""
    return view.session.spots_total > 0 and visit.call.now < line(view.session, visit.home.waitlist).until


def _form(visit: Visit, form: forms.Form, status: int = 200) -> Answer:
    view = portal.read_open_session(visit.org, visit["session"], now=visit.call.now)
    return Html("public/waitlist.html", about_joining(visit, view, form), status)


def about_joining(visit: Visit, view: SessionView, form: forms.Form) -> dict[str, Any]:
    return {
        "organisation": visit.home,
        "view": view,
        "session": view.session,
        "joining": form,
        "join_path": written(JOIN, org=visit.org, session=view.session.id),
        "may_join": may_join(visit, view),
    }


def _place(visit: Visit, *, leaving: bool = False, status: int = 200) -> Answer:
    """Show one's place; or ask before it is left, while there is one to leave."""
    place = waitlist.look_at_place(visit["token"])
    offer = _offer(place, visit)
    state = _state(place, offer, visit)
    data = {
        "organisation": place.organisation,
        "session": place.session,
        "entry": place.entry,
        "position": place.position,
        "line": line(place.session, place.organisation.waitlist),
        "state": state,
        "offer": offer,
        "offer_path": f"/i/{links.invitation_token(offer.invitation)}" if offer else "",
        "place_path": written(PLACE, token=visit["token"]),
    }
    asks = leaving and state in {"waiting", "offered"}
    return Html("public/leave_waitlist.html" if asks else "public/place.html", data, status)


def _offer(place: OwnPlace, visit: Visit) -> Offer | None:
    """Return the offer that somebody has, as it is at this moment: the waitlist hears of it a little later."""
    entry = place.entry
    if entry.status != "offered":
        return None
    return invitations.read_offer(entry.org, entry.session, entry.invitation, now=visit.call.now)


def _state(place: OwnPlace, offer: Offer | None, visit: Visit) -> str:
    """Return what has become of somebody: the entry's status, unless the session or the offer says more."""
    if place.session.cancelled_at:
        return "cancelled"
    stands = STANDS.get(offer.status, "waiting") if offer else place.entry.status
    over = place.session.last_starts_at <= visit.call.now
    return "over" if stands == "closed" or (over and stands in {"waiting", "offered"}) else stands


def _lang(visit: Visit) -> dict[str, str]:
    return {"lang": visit.call.query.get("lang", "")}
