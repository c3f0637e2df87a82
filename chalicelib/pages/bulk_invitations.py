"""Inviting several people to a session: choose them, see who fits and who is skipped, then invite."""

from typing import Any

from chalicelib.operations import bulk_invitations, customers, discounts, sessions
from chalicelib.operations.sessions import SessionView
from chalicelib.pages import dates, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.bulk_invitations import in_csv, pasted
from chalicelib.rules.inputs.bulk_invitations import BulkInvitationInput
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

MANY = "/o/{org}/sessions/{session}/invite-many"
TERMS = ("party_size", "tier", "discount_code", "forwarding", "mode", "confirm_over_capacity")
SENDS, FITTING, EXTRA, EDITS = "send", "send-fitting", "send-extra", "edit"
OFFERED = 100
SKIPPED_SHOWN = 100
MISSING = {
    "emails": N_("Paste at least one address."),
    "group": N_("Choose a group."),
    "from_session": N_("Choose a session."),
    "file": N_("Choose a file."),
}
"""The sentence about a source that names nobody, by the empty field."""


@page("GET", MANY, who=Staff("manage_roster"))
def choose_people(visit: Visit) -> PageResponse:
    group = visit.call.query.get("group", "")
    return _form(visit, forms.blank({"whom": "group" if group else "emails", "group": group, "party_size": "1", "mode": "all"}))


@page("POST", MANY, who=Staff("manage_roster"), files=True)
def invite_people(visit: Visit) -> PageResponse:
    """Handle the step that the pressed button names: check who fits, invite, or edit again."""
    button = visit.typed.get("do", "")
    if button == EDITS:
        return _form(visit, forms.Form(visit.typed, key=visit.typed.get("key", "")))
    view = _session(visit)
    try:
        draft = _draft(visit, view)
        if button in {SENDS, FITTING, EXTRA}:
            job = bulk_invitations.invite_many(visit.org, view.session.id, draft, by=visit.by, key=visit.key, now=visit.call.now)
            return Redirect(f"/o/{visit.org}/jobs/{job}")
        shown = bulk_invitations.preview(visit.org, view.session.id, draft, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _form(visit, forms.refused(visit.typed, refusal), status_of(refusal))
    return _checked(visit, view, draft, shown)


def _checked(visit: Visit, view: SessionView, draft: BulkInvitationInput, shown: bulk_invitations.BulkPreview) -> PageResponse:
    """Show who would be invited, with the choice in hidden fields for the final form. The addresses of a file go along as text."""
    kept = {name: value for name, value in visit.typed.items() if name not in {"do", "mode", "confirm_over_capacity"}}
    if draft.emails:
        kept |= {"whom": "emails", "emails": "\n".join(draft.emails)}
    data = {"session": view.session, "shown": shown, "draft": draft, "typed": kept, "most": SKIPPED_SHOWN}
    return Html("bulk_invitations/check.html", data)


def _form(visit: Visit, form: forms.Form, status: int = 200) -> PageResponse:
    view, now = _session(visit), visit.call.now
    past = sessions.list_sessions(visit.org, state="past", now=now, limit=OFFERED).items
    coming = sessions.list_sessions(visit.org, coming=True, now=now, limit=OFFERED).items
    data = {
        "form": form,
        "view": view,
        "session": view.session,
        "groups": [(group.id, group.name) for group in customers.list_groups(visit.org)],
        "others": [one.session for one in (*past, *coming) if one.session.id != view.session.id],
        "discounts": discounts.list_usable(visit.org, view.session, now=now),
    }
    return Html("bulk_invitations/choose.html", data, status)


def _session(visit: Visit) -> SessionView:
    return sessions.read_session(visit.org, visit["session"], now=visit.call.now)


def _draft(visit: Visit, view: SessionView) -> BulkInvitationInput:
    """Return the chosen people and terms. Raises ValidationFailed, and the refusals of an unreadable file."""
    values: dict[str, Any] = {name: visit.typed.get(name, "").strip() for name in TERMS}
    button = visit.typed.get("do")
    values["mode"] = "in_order" if button == FITTING else values["mode"] or "all"
    values["confirm_over_capacity"] = "true" if button == EXTRA else values["confirm_over_capacity"]
    faults = dict[str, str]()
    if typed := visit.typed.get("expires_at", "").strip():
        try:
            values["expires_at"] = dates.typed(typed, view.session.time_zone, ends=True)
        except dates.NoSuchTimeError as fault:
            faults["expires_at"] = str(fault)
    source, named, field = _source(visit)
    if not named:
        faults[field] = MISSING[field]
    return forms.read(BulkInvitationInput, {**values, source: named or ["-"]}, faults)


def _source(visit: Visit) -> tuple[str, Any, str]:
    """Return the name of the chosen source in the input, whom it names, and its field on the page."""
    match visit.typed.get("whom"):
        case "group":
            return "group", visit.typed.get("group", ""), "group"
        case "session":
            return "session", visit.typed.get("from_session", ""), "from_session"
        case "file":
            return "emails", in_csv(visit.file) if visit.file else [], "file"
    return "emails", pasted(visit.typed.get("emails", "")), "emails"
