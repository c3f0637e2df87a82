"""Inviting customers to the portal: whom and in which words, who would be skipped and why, and only then it is sent."""

from typing import Any

from chalicelib.operations import customers, portal_invitations
from chalicelib.operations.templates import Preview
from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.template_editor import on_the_page
from chalicelib.rules.drafts.portal_invitations import BulkDraft, WordsDraft
from chalicelib.rules.portal_invitations import PortalAccepted
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.templates import MEANINGS, NAMES
from chalicelib.web.refusals import status_of

MANY = "/o/{org}/customers/invite"
ONE = "/o/{org}/customers/{customer}/invite"
WORDS = ("subject", "text")
STATUSES = ("added", "invited")
NOBODY_CHOSEN = "Choose at least one of the two."
NO_GROUP_CHOSEN = "Choose a group. If there is none yet, make one first."
SENDS, EDITS, PREVIEWS = "send", "edit", "preview"


@page("GET", MANY, who=Staff("manager"))
def choose_customers(visit: Visit) -> Answer:
    group = visit.call.query.get("group", "")
    whom = {"whom": "group", "group": group} if group else {"whom": "status"}
    return _many(visit, forms.blank({**whom, "status/added": "true", **_usual(visit)}))


@page("POST", MANY, who=Staff("manager"))
def invite_customers(visit: Visit) -> Answer:
    """Show how it looks, then who would get it, then begin."""
    doing = visit.typed.get("do", "")
    if doing == EDITS:
        return _many(visit, forms.Form(visit.typed, key=visit.typed.get("key", "")))
    try:
        draft = _bulk(visit)
        if doing == SENDS:
            return _begun(visit, draft)
        shown = portal_invitations.preview(visit.org, draft, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _many(visit, forms.refused(visit.typed, refusal))
    return _many(visit, forms.blank(visit.typed)) if doing == PREVIEWS else _checked(visit, draft, shown)


@page("GET", ONE, who=Staff("manager"))
def write_to_customer(visit: Visit) -> Answer:
    return _one(visit, forms.blank(_usual(visit)))


@page("POST", ONE, who=Staff("manager"))
def invite_customer(visit: Visit) -> Answer:
    if visit.typed.get("do") == PREVIEWS:
        return _one(visit, forms.blank(visit.typed))
    try:
        words = forms.read(WordsDraft, _words(visit))
        portal_invitations.invite_customer(visit.org, visit["customer"], words, by=visit.by, key=visit.key, now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _one(visit, forms.refused(visit.typed, refusal))
    return Redirect(f"/o/{visit.org}/customers/{visit['customer']}", {"done": "portal-invited"})


def _begun(visit: Visit, draft: BulkDraft) -> Answer:
    audience = draft.audience.audience
    job = portal_invitations.invite_audience(visit.org, audience, draft, by=visit.by, key=visit.key, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/jobs/{job}")


def _checked(visit: Visit, draft: BulkDraft, shown: Preview) -> Answer:
    """Show what would happen, with everything that was typed, to be sent as it is."""
    sorting = portal_invitations.dry_run(visit.org, draft.audience.audience, draft, now=visit.call.now)
    typed = {name: value for name, value in visit.typed.items() if name != "do"}
    return Html("portal_invitations/check.html", {"sorting": sorting, "typed": typed, "shown": shown, "body": on_the_page(shown.body)})


def _many(visit: Visit, form: forms.Form) -> Answer:
    counts = customers.count_members(visit.org)
    groups = [(group.id, f"{group.name} ({counts.get(group.id, 0)})") for group in customers.list_groups(visit.org)]
    return _form("portal_invitations/many.html", visit, form, {"groups": groups})


def _one(visit: Visit, form: forms.Form) -> Answer:
    view = customers.read_customer(visit.org, visit["customer"])
    if view.customer.status == "accepted" and not form.wrong:
        form = forms.refused(form.values, PortalAccepted())
    return _form("portal_invitations/one.html", visit, form, {"customer": view.customer, "wishes": view.wishes})


def _form(template: str, visit: Visit, form: forms.Form, data: dict[str, Any]) -> Answer:
    shown = None if form.faults else portal_invitations.preview(visit.org, _chosen(form), now=visit.call.now)
    names = [(name, MEANINGS[name]) for name in NAMES["portal_invitation"]]
    around = {"form": form, "shown": shown, "body": on_the_page(shown.body) if shown else "", "names": names}
    return Html(template, {**around, **data}, status_of(form.refusal) if form.refusal else 200)


def _chosen(form: forms.Form) -> WordsDraft:
    return forms.read(WordsDraft, {name: form.at(name).strip() for name in WORDS})


def _usual(visit: Visit) -> dict[str, str]:
    usual = portal_invitations.usual_words(visit.org, now=visit.call.now)
    return {"subject": usual.subject, "text": usual.body}


def _words(visit: Visit) -> dict[str, str]:
    return {name: visit.typed.get(name, "").strip() for name in WORDS}


def _bulk(visit: Visit) -> BulkDraft:
    """Return what was chosen and typed. Raises Invalid."""
    values: dict[str, Any] = dict(_words(visit))
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
        values = {**_words(visit), "audience/all": True}
    return forms.read(BulkDraft, values, faults)
