"""The public waitlist: join, position, leave. Reading changes nothing."""

from typing import Any

from chalicelib.operations import invitations, links, messages, public_registration, waitlist
from chalicelib.operations.invitations import ClaimView
from chalicelib.operations.sessions import SessionView
from chalicelib.operations.waitlist import OwnPlace
from chalicelib.pages import forms, waitlist_form
from chalicelib.pages.paths import written
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.invitations import InvitationAccepted
from chalicelib.rules.waitlist import queue_of
from chalicelib.web.audience import Known, Public
from chalicelib.web.refusals import retry_after, status_of

JOIN = "/p/{org}/sessions/{session}/waitlist"
PLACE = "/waitlist/{token}"
STATE_OF_OFFER = {"pending": "offered", "waiting_for_approval": "offered", "accepted": "accepted", "declined": "declined"}
"""The state to show for each status of the entry's offer. With any other status, the entry is waiting again."""


@page("GET", JOIN, who=Known())
def join_form(visit: Visit) -> PageResponse:
    return _form(visit, blank(visit.customer))


@page("POST", JOIN, who=Known())
def join(visit: Visit) -> PageResponse:
    locale = visit.locale(visit.home)
    try:
        draft, call = waitlist_form.read(visit), visit.call
        made = waitlist.join(
            visit.org,
            visit["session"],
            draft,
            locale=locale,
            key=visit.key,
            source=call.source,
            signed_in=_signed_in(visit, draft),
            now=call.now,
        )
    except forms.REFUSED as refusal:
        return _form(visit, waitlist_form.refused(visit, refusal), status_of(refusal), wait=retry_after(refusal))
    token = links.waitlist_token(made.entry)
    return Redirect(written(PLACE, token=token), _lang(visit))


@page("GET", PLACE, who=Public())
def own_place(visit: Visit) -> PageResponse:
    return _place(visit)


@page("POST", PLACE, who=Public())
def confirm(visit: Visit) -> PageResponse:
    """Confirm the address: only the link in the e-mail does."""
    waitlist.confirm(visit["token"])
    return Redirect(written(PLACE, token=visit["token"]), _lang(visit))


@page("GET", PLACE + "/leave", who=Public())
def ask_leave(visit: Visit) -> PageResponse:
    return _place(visit, leaving=True)


@page("POST", PLACE + "/leave", who=Public())
def leave(visit: Visit) -> PageResponse:
    try:
        waitlist.leave(visit["token"], everywhere="everywhere" in visit.typed, now=visit.call.now)
    except InvitationAccepted as refusal:
        return _place(visit, status=status_of(refusal))
    return Redirect(written(PLACE, token=visit["token"]), _lang(visit))


def blank(customer: Customer | None, spots: int = 1) -> forms.Form:
    """Return the form to join a waitlist, prefilled for a signed-in customer."""
    known = {"name": customer.name, "email": customer.email} if customer else {}
    return forms.blank({**known, "spots": str(spots)})


def _signed_in(visit: Visit, draft: JoinInput) -> bool:
    return visit.customer is not None and compared(visit.customer.email) == compared(draft.email)


def may_join(visit: Visit, view: SessionView) -> bool:
    """Whether the waitlist of a session of the visited organisation is open: the session has spots, and the cutoff is still to come."""
    return view.session.spots_total > 0 and visit.call.now < queue_of(view.session, visit.home.waitlist).until


def _form(visit: Visit, form: forms.Form, status: int = 200, wait: int | None = None) -> PageResponse:
    view = public_registration.read_open_session(visit.org, visit["session"], now=visit.call.now)
    return Html("public/waitlist.html", waitlist_data(visit, view, form), status, wait=wait)


def waitlist_data(visit: Visit, view: SessionView, form: forms.Form) -> dict[str, Any]:
    return {
        "organisation": visit.home,
        "view": view,
        "session": view.session,
        "joining": form,
        "join_path": written(JOIN, org=visit.org, session=view.session.id),
        "may_join": may_join(visit, view),
        "choices": waitlist.choices(view.session, now=visit.call.now) if view.state == "full" else [],
    }


def _place(visit: Visit, *, leaving: bool = False, status: int = 200) -> PageResponse:
    """Show the position of the entry, or the confirmation page for leaving while the entry is waiting or has an offer."""
    place = waitlist.read_own_entry(visit["token"])
    offer = _offer(place, visit)
    state = _state(place, offer, visit)
    data = {
        "organisation": place.organisation,
        "session": place.session,
        "entry": place.entry,
        "reached": not place.entry.silent and messages.reaches(place.entry.org, place.entry.email, "waitlist_joined"),
        "unreachable": not messages.reaches(place.entry.org, place.entry.email, "waitlist_offer"),
        "position": place.position,
        "queue": queue_of(place.session, place.organisation.waitlist),
        "state": state,
        "offer": offer,
        "offer_path": f"/i/{links.invitation_token(offer.invitation)}" if offer else "",
        "confirmed": waitlist.is_confirmed(place.entry, visit["token"]),
        "may_confirm": place.entry.unconfirmed and links.is_mailed_place(place.entry, visit["token"]),
        "place_path": written(PLACE, token=visit["token"]),
        "alternatives": _alternatives(place, visit),
    }
    asks = leaving and state in {"waiting", "offered"}
    return Html("public/leave_waitlist.html" if asks else "public/place.html", data, status)


def _alternatives(place: OwnPlace, visit: Visit) -> list[tuple[OwnPlace, str]]:
    """Return each alternative with the path of its page, by a link of the same kind as the one that was opened."""
    found = waitlist.read_alternatives(place.entry, visit["token"])
    token = links.mailed_waitlist_token if links.is_mailed_place(place.entry, visit["token"]) else links.waitlist_token
    return [(one, written(PLACE, token=token(one.entry))) for one in found]


def _offer(place: OwnPlace, visit: Visit) -> ClaimView | None:
    """Return the offer of the entry, read now: the entry's own status follows from the stream and may be outdated."""
    entry = place.entry
    if entry.status != "offered":
        return None
    return invitations.read_claim_view(entry.org, entry.session, entry.invitation, now=visit.call.now)


def _state(place: OwnPlace, offer: ClaimView | None, visit: Visit) -> str:
    """Return the state to show.

    `cancelled` with the session; `over` for an open entry after the last start; else that of the offer, or else of the entry.
    """
    if place.session.cancelled_at:
        return "cancelled"
    state = STATE_OF_OFFER.get(offer.status, "waiting") if offer else place.entry.status
    over = place.session.last_starts_at <= visit.call.now
    return "over" if state == "closed" or (over and state in {"waiting", "offered"}) else state


def _lang(visit: Visit) -> dict[str, str]:
    return {"lang": visit.call.query.get("lang", "")}
