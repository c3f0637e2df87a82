"""Portal invitations: choose the audience and the text, preview who is skipped and why, then send."""

from typing import Any

from chalicelib.operations import customers, email_templates, messages, portal_invitations
from chalicelib.operations.email_templates import EmailPreview
from chalicelib.pages import forms
from chalicelib.pages.email_templates import on_the_page
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.portal_invitations import BulkInviteInput, CustomTextInput
from chalicelib.rules.portal_invitations import PortalInvitationAccepted
from chalicelib.rules.translation import N_
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

MANY = "/o/{org}/customers/invite"
ONE = "/o/{org}/customers/{customer}/invite"
WORDS = ("subject", "text")
STATUSES = ("added", "invited")
NOBODY_CHOSEN = N_("Choose at least one of the two.")
NO_GROUP_CHOSEN = N_("Choose a group. If there is none yet, create one first.")
SENDS, EDITS, PREVIEWS = "send", "edit", "preview"


@page("GET", MANY, who=Staff("manage_customers"))
def choose_customers(visit: Visit) -> PageResponse:
    group = visit.call.query.get("group", "")
    whom = {"whom": "group", "group": group} if group else {"whom": "status"}
    return _many(visit, forms.blank({**whom, "status/added": "true", **_usual(visit)}))


@page("POST", MANY, who=Staff("manage_customers"))
def invite_customers(visit: Visit) -> PageResponse:
    """Handle the step that the pressed button names: edit the text, preview it, check the audience, or send."""
    button = visit.typed.get("do", "")
    if button == EDITS:
        return _many(visit, forms.Form(visit.typed, key=visit.typed.get("key", "")))
    try:
        draft = _bulk(visit)
        if button == SENDS:
            return _begun(visit, draft)
        shown = portal_invitations.preview(visit.org, draft, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _many(visit, forms.refused(visit.typed, refusal))
    return _many(visit, forms.blank(visit.typed)) if button == PREVIEWS else _checked(visit, draft, shown)


@page("GET", ONE, who=Staff("manage_customers"))
def write_to_customer(visit: Visit) -> PageResponse:
    return _one(visit, forms.blank(_usual(visit)))


@page("POST", ONE, who=Staff("manage_customers"))
def invite_customer(visit: Visit) -> PageResponse:
    if visit.typed.get("do") == PREVIEWS:
        return _one(visit, forms.blank(visit.typed))
    try:
        words = forms.read(CustomTextInput, _custom_text(visit))
        job = portal_invitations.invite_customer(visit.org, visit["customer"], words, by=visit.by, key=visit.key, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _one(visit, forms.refused(visit.typed, refusal))
    email = customers.read_customer(visit.org, visit["customer"]).customer.email
    done = "portal-invited" if messages.reaches(visit.org, email, "portal_invitation") else "portal-invited-silently"
    return Redirect(f"/o/{visit.org}/customers/{visit['customer']}", {"done": done, "job": job})


def _begun(visit: Visit, draft: BulkInviteInput) -> PageResponse:
    audience = draft.audience.audience
    job = portal_invitations.invite_audience(visit.org, audience, draft, by=visit.by, key=visit.key, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/jobs/{job}")


def _checked(visit: Visit, draft: BulkInviteInput, shown: EmailPreview) -> PageResponse:
    """Show who would be invited and who is skipped, with the typed values in hidden fields for the final form."""
    sorting = portal_invitations.dry_run(visit.org, draft.audience.audience, draft, now=visit.call.now)
    typed = {name: value for name, value in visit.typed.items() if name != "do"}
    return Html("portal_invitations/check.html", {"sorting": sorting, "typed": typed, "shown": shown, "body": on_the_page(shown.body)})


def _many(visit: Visit, form: forms.Form) -> PageResponse:
    counts = customers.count_customers(visit.org)
    known = customers.list_groups(visit.org)
    groups = [(group.id, group.name if counts is None else f"{group.name} ({counts.get(group.id, 0)})") for group in known]
    return _form("portal_invitations/many.html", visit, form, {"groups": groups})


def _one(visit: Visit, form: forms.Form) -> PageResponse:
    view = customers.read_customer(visit.org, visit["customer"])
    if view.customer.status == "accepted" and not form.wrong:
        form = forms.refused(form.values, PortalInvitationAccepted())
    return _form("portal_invitations/one.html", visit, form, {"customer": view.customer, "preferences": view.email_preferences})


def _form(template: str, visit: Visit, form: forms.Form, data: dict[str, Any]) -> PageResponse:
    shown = None if form.faults else portal_invitations.preview(visit.org, _chosen(form), now=visit.call.now)
    known = email_templates.placeholders("portal_invitation")
    around = {"form": form, "shown": shown, "body": on_the_page(shown.body) if shown else "", "placeholders": known}
    return Html(template, {**around, **data}, status_of(form.refusal) if form.refusal else 200)


def _chosen(form: forms.Form) -> CustomTextInput:
    return forms.read(CustomTextInput, {name: form.at(name).strip() for name in WORDS})


def _usual(visit: Visit) -> dict[str, str]:
    usual = portal_invitations.default_text(visit.org, now=visit.call.now)
    return {"subject": usual.subject, "text": usual.body}


def _custom_text(visit: Visit) -> dict[str, str]:
    return {name: visit.typed.get(name, "").strip() for name in WORDS}


def _bulk(visit: Visit) -> BulkInviteInput:
    """Return the chosen audience and the typed text. Raises ValidationFailed."""
    values: dict[str, Any] = dict(_custom_text(visit))
    typed, faults = visit.typed, dict[str, str]()
    match typed.get("whom"):
        case "group":
            values["audience/group"] = typed.get("group", "")
            faults = {} if typed.get("group") else {"group": NO_GROUP_CHOSEN}
        case "status":
            values["audience/status"] = [status for status in STATUSES if typed.get(f"status/{status}")]
            faults = {} if values["audience/status"] else {"status/added": NOBODY_CHOSEN}
        case _:
            values["audience/all"] = True
    if faults:
        values = {**_custom_text(visit), "audience/all": True}
    return forms.read(BulkInviteInput, values, faults)
