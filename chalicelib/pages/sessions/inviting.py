"""+ Add participant: an invitation that holds its spots at once. A full session asks before it grows."""

from typing import Any

from chalicelib.operations import discounts, invitations, sessions
from chalicelib.operations.invitations import Invited
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import forms, moments
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.drafts.invitations import InvitationDraft
from chalicelib.rules.invitations import AlreadyInvited, expiry
from chalicelib.rules.ledger import SessionFull
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.web.refusals import status_of

INVITE = "/o/{org}/sessions/{session}/invite"
FIELDS = ("email", "party_size", "tier", "forwarding", "discount_code", "note", "expires_at", "confirm_over_capacity")


@page("GET", INVITE, who=Staff("manager"))
def invite_form(visit: Visit) -> Answer:
    return Html("sessions/invite.html", invitation_form(visit, _session(visit), forms.blank({"party_size": "1"})))


@page("POST", INVITE, who=Staff("manager"))
def invite(visit: Visit) -> Answer:
    view = _session(visit)
    try:
        invited = _invited(visit, view)
    except NotFound:
        raise
    except Refusal as refusal:
        form = forms.refused(visit.typed, refusal)
        return Html("sessions/invite.html", invitation_form(visit, view, form), status_of(refusal))
    done = "invited" if invited.invitation.mail == "queued" else "invited-silently"
    return Redirect(f"/o/{visit.org}/sessions/{view.session.id}", {"done": done})


def invitation_form(visit: Visit, view: SessionView, form: forms.Form) -> dict[str, Any]:
    """Return what the form is written from, with the question that a full session asks and the invitation that is in the way."""
    refusal, now = form.refusal, visit.call.now
    runs_out = expiry(None, days=visit.home.invitation_days, last_starts_at=view.session.last_starts_at, now=now)
    return {
        "form": form,
        "view": view,
        "session": view.session,
        "runs_out": runs_out,
        "discounts": [one for one in discounts.list_discounts(visit.org) if one.state(now) == "active" and one.fits(view.session)],
        "question": question(refusal) if isinstance(refusal, SessionFull) else "",
        "in_the_way": refusal.invitation if isinstance(refusal, AlreadyInvited) else "",
    }


def _session(visit: Visit) -> SessionView:
    return sessions.read_session(visit.org, visit["session"], now=visit.call.now)


def _invited(visit: Visit, view: SessionView) -> Invited:
    return invitations.invite(visit.org, view.session.id, _draft(visit, view), by=visit.by, key=visit.key, now=visit.call.now)


def _draft(visit: Visit, view: SessionView) -> InvitationDraft:
    """Return what was typed. Raises Invalid."""
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in FIELDS}
    faults = {}
    if values["expires_at"]:
        try:
            values["expires_at"] = moments.typed(values["expires_at"], view.session.time_zone)
        except moments.NoSuchTimeError as fault:
            faults["expires_at"] = str(fault)
    return forms.read(InvitationDraft, values, faults)


def question(full: SessionFull) -> str:
    """Return what is asked before a full session grows."""
    spots = "1 extra spot" if full.wanted == 1 else f"{full.wanted} extra spots"
    return f"{full.sentence % full.data()} Invite them anyway? The session then has {spots} for as long as this invitation lasts."
