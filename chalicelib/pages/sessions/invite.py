"""The invitation form. The spots are held at once; a full session asks for confirmation before extra spots are added."""

from typing import Any

from chalicelib.operations import discounts, invitations, registrations, sessions
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import dates, extra_spots, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.sessions import known_customers
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.clashes import Clash
from chalicelib.rules.inputs.invitations import InvitationInput
from chalicelib.rules.invitations import AlreadyInvited, expiry
from chalicelib.rules.ledger import SessionFull
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

INVITE = "/o/{org}/sessions/{session}/invite"
FIELDS = ("email", "party_size", "tier", "forwarding", "discount_code", "note", "expires_at", "confirm_over_capacity")


@page("GET", INVITE, who=Staff("manage_roster"))
def invite_form(visit: Visit) -> PageResponse:
    return Html("sessions/invite.html", invitation_form(visit, _session(visit), forms.blank({"party_size": "1"})))


@page("POST", INVITE, who=Staff("manage_roster"))
def invite(visit: Visit) -> PageResponse:
    view = _session(visit)
    if known_customers.is_search(visit):
        return Html("sessions/invite.html", invitation_form(visit, view, _looked(visit)))
    try:
        draft = _draft(visit, view)
        if clashing := _clashing(visit, view, draft):
            data = invitation_form(visit, view, forms.Form(visit.typed, key=visit.key))
            return Html("sessions/invite.html", {**data, "clashing": clashing})
        invited = invitations.invite(visit.org, view.session.id, draft, by=visit.by, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        form = forms.refused(visit.typed, refusal)
        return Html("sessions/invite.html", invitation_form(visit, view, form), status_of(refusal))
    done = "invited" if invited.invitation.mail == "queued" else "invited-silently"
    return Redirect(f"/o/{visit.org}/sessions/{view.session.id}", {"done": done})


def invitation_form(visit: Visit, view: SessionView, form: forms.Form) -> dict[str, Any]:
    """Return the data of the form.

    `question` asks for extra spots if the session is full; `in_the_way` is the id of the invitation that the address already has.
    """
    refusal, now = form.refusal, visit.call.now
    runs_out = expiry(None, days=visit.home.invitation_days, last_starts_at=view.session.last_starts_at, now=now)
    return {
        "form": form,
        "view": view,
        "session": view.session,
        "runs_out": runs_out,
        "discounts": discounts.list_usable(visit.org, view.session, now=now),
        "clashing": [],
        "question": extra_spots_question(visit, refusal) if isinstance(refusal, SessionFull) else "",
        "in_the_way": refusal.invitation if isinstance(refusal, AlreadyInvited) else "",
        **known_customers.suggestions(visit, "email"),
    }


def _looked(visit: Visit) -> forms.Form:
    """Return the form as it was typed, with the address of the customer whose button was pressed."""
    customer = known_customers.chosen(visit)
    return forms.Form({**visit.typed, **({"email": customer.email} if customer else {})}, key=visit.typed.get("key", ""))


def extra_spots_question(visit: Visit, full: SessionFull) -> str:
    return extra_spots.invite(visit, full)


def _session(visit: Visit) -> SessionView:
    return sessions.read_session(visit.org, visit["session"], now=visit.call.now)


def _clashing(visit: Visit, view: SessionView, draft: InvitationInput) -> list[Clash]:
    """Return the bookings of anybody of the address at the same time, unless staff know of them."""
    if visit.typed.get("confirm_clash") == "true":
        return []
    return registrations.find_clashes(view.session, draft.email, None, now=visit.call.now)


def _draft(visit: Visit, view: SessionView) -> InvitationInput:
    """Return the invitation from the form. Raises ValidationFailed."""
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in FIELDS}
    faults = {}
    if values["expires_at"]:
        try:
            values["expires_at"] = dates.typed(values["expires_at"], view.session.time_zone, ends=True)
        except dates.NoSuchTimeError as fault:
            faults["expires_at"] = str(fault)
    return forms.read(InvitationInput, values, faults)
