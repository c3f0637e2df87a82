"""The template editor: an organisation words its e-mails itself, sees how they look, and can always go back to the usual words."""

import re
from typing import TYPE_CHECKING, Any

from chalicelib.operations import templates
from chalicelib.operations.templates import Preview, Words
from chalicelib.pages import asking, forms
from chalicelib.pages.answers import Answer, Html, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.rules.drafts.templates import TemplateDraft
from chalicelib.rules.refusals import NotFound, Refusal
from chalicelib.rules.templates import MEANINGS, NAMES
from chalicelib.web.refusals import status_of

if TYPE_CHECKING:
    from markupsafe import Markup

TEMPLATES = "/o/{org}/templates"
TEMPLATE = TEMPLATES + "/{name}/{locale}"
CALLED = {
    "session_invitation": "Invitation to a session",
    "confirmation": "Confirmation of a registration",
    "invoice": "Invoice",
    "session_moved": "A session has moved",
    "session_cancelled": "A session is cancelled",
    "roster_message": "What staff write to the roster",
    "invitation_reminder": "Reminder of an invitation to a session",
    "waitlist_joined": "Confirmation of a place on the waitlist",
    "waitlist_offer": "Offer to somebody on the waitlist",
    "portal_invitation": "Invitation to the portal",
    "portal_reminder": "Reminder of an invitation to the portal",
    "address_confirmation": "Confirmation of an address",
    "staff_invitation": "Invitation of staff",
    "password_reset": "A new password",
}
SPOKEN = {"en": "English", "fr": "Français"}
FIELDS = ("subject", "body")
PREVIEW = "preview"
OUTSIDE_MAIL = re.compile(r' (?:style|href|cellpadding|cellspacing)="[^"]*"')
IMAGE = re.compile(r"<img [^>]*>")


@page("GET", TEMPLATES, who=Staff("viewer"))
def list_templates(visit: Visit) -> Answer:
    found = {(one.name, one.locale): one for one in templates.list_templates(visit.org)}
    return Html("template_editor/list.html", {"found": found, "called": CALLED, "names": NAMES, "spoken": SPOKEN})


@page("GET", TEMPLATE, who=Staff("viewer"))
def template(visit: Visit) -> Answer:
    words = _words(visit)
    typed = {"subject": words.wording.subject, "body": words.wording.body, "version": str(words.template.version)}
    shown = _previewed(visit, TemplateDraft.model_validate({name: typed[name] for name in FIELDS}))
    return _page(words, forms.blank(typed), shown)


@page("POST", TEMPLATE, who=Staff("manager"))
def save_template(visit: Visit) -> Answer:
    """Save what was typed, or show how it would look."""
    words = _words(visit)
    try:
        draft = forms.read(TemplateDraft, {name: visit.typed.get(name, "").strip() for name in FIELDS})
        if visit.typed.get("do") == PREVIEW:
            return _page(words, forms.blank(visit.typed), _previewed(visit, draft))
        templates.edit_template(visit.org, visit["name"], visit["locale"], draft, by=visit.by, expected=_version(visit), now=visit.call.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(words, forms.refused(visit.typed, refusal), None, status_of(refusal))
    return Redirect(visit.path, {"done": "template-saved"})


@page("GET", TEMPLATE + "/reset", who=Staff("manager"))
def ask_reset(visit: Visit) -> Answer:
    words = _words(visit)
    return asking.ask(
        visit,
        f"Go back to the usual words of “{CALLED[words.template.name]}”?",
        ["What was written here is gone then. E-mails that were sent stay as they are."],
        verb="Use the usual words",
        back=f"/o/{visit.org}/templates/{words.template.name}/{words.template.locale}",
        destroys=True,
    )


@page("POST", TEMPLATE + "/reset", who=Staff("manager"))
def reset_template(visit: Visit) -> Answer:
    templates.reset_template(visit.org, visit["name"], visit["locale"], by=visit.by, expected=None, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/templates/{visit['name']}/{visit['locale']}", {"done": "template-reset"})


def _words(visit: Visit) -> Words:
    return templates.read_template(visit.org, visit["name"], visit["locale"], now=visit.call.now)


def _version(visit: Visit) -> int | None:
    typed = visit.typed.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() else None


def _previewed(visit: Visit, draft: TemplateDraft) -> Preview:
    return templates.preview_template(visit.org, visit["name"], visit["locale"], draft, now=visit.call.now)


def _page(words: Words, form: forms.Form, shown: Preview | None, status: int = 200) -> Answer:
    data: dict[str, Any] = {
        "template": words.template,
        "called": CALLED[words.template.name],
        "spoken": SPOKEN,
        "form": form,
        "names": [(name, MEANINGS[name]) for name in NAMES[words.template.name]],
        "shown": shown,
        "body": on_the_page(shown.body) if shown else "",
    }
    return Html("template_editor/edit.html", data, status)


def on_the_page(body: str) -> "Markup":
    """Return the body of an e-mail as a part of a page: in the page's own style, nothing fetched, no link to follow."""
    from markupsafe import Markup

    return Markup(OUTSIDE_MAIL.sub("", IMAGE.sub("🖼", body)))  # noqa: S704 - it was cleaned, and its values escaped, when it was written
