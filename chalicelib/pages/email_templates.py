"""The template editor: custom text with a preview, and a way back to the default text."""

import re
from typing import TYPE_CHECKING, Any

from chalicelib.operations import email_templates
from chalicelib.operations.email_templates import EmailPreview, TemplateView
from chalicelib.pages import confirm, forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.email_templates import TemplateInput
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

if TYPE_CHECKING:
    from markupsafe import Markup

TEMPLATES = "/o/{org}/templates"
TEMPLATE = TEMPLATES + "/{name}/{locale}"
FIELDS = ("subject", "body")
PREVIEW = "preview"
OUTSIDE_MAIL = re.compile(r' (?:style|href|cellpadding|cellspacing)="[^"]*"')
IMAGE = re.compile(r"<img [^>]*>")


@page("GET", TEMPLATES, who=Staff("read"))
def list_templates(visit: Visit) -> PageResponse:
    found = {(one.name, one.locale): one for one in email_templates.list_templates(visit.org)}
    return Html("email_templates/list.html", {"found": found, "labels": email_templates.labels()})


@page("GET", TEMPLATE, who=Staff("read"))
def template(visit: Visit) -> PageResponse:
    words = _custom_text(visit)
    typed = _fields(words)
    shown = _previewed(visit, TemplateInput.model_validate({name: typed[name] for name in FIELDS}))
    return _page(words, forms.blank(typed), shown)


@page("POST", TEMPLATE, who=Staff("edit_templates"))
def save_template(visit: Visit) -> PageResponse:
    """Save the template, or show a preview when the preview button was pressed."""
    words = _custom_text(visit)
    try:
        draft = forms.read(TemplateInput, {name: visit.typed.get(name, "").strip() for name in FIELDS})
        if visit.typed.get("do") == PREVIEW:
            return _page(words, forms.blank(visit.typed), _previewed(visit, draft))
        expected = forms.version(visit.typed)
        email_templates.edit_template(visit.org, visit["name"], visit["locale"], draft, by=visit.by, expected=expected, now=visit.call.now)
    except forms.REFUSED as refusal:
        return _page(words, forms.with_conflict(forms.refused(visit.typed, refusal), _fields(words)), None, status_of(refusal))
    return Redirect(visit.path, {"done": "template-saved"})


@page("GET", TEMPLATE + "/reset", who=Staff("edit_templates"))
def ask_reset(visit: Visit) -> PageResponse:
    words = _custom_text(visit)
    label = visit.gettext(email_templates.labels()[words.template.name])
    return confirm.ask(
        visit,
        visit.gettext("Reset to the default text of “%(label)s”?") % {"label": label},
        [visit.gettext("What was written here is gone then. E-mails that were sent stay as they are.")],
        verb=visit.gettext("Reset to default"),
        back=f"/o/{visit.org}/templates/{words.template.name}/{words.template.locale}",
        destroys=True,
    )


@page("POST", TEMPLATE + "/reset", who=Staff("edit_templates"))
def reset_template(visit: Visit) -> PageResponse:
    email_templates.reset_template(visit.org, visit["name"], visit["locale"], by=visit.by, expected=None, now=visit.call.now)
    return Redirect(f"/o/{visit.org}/templates/{visit['name']}/{visit['locale']}", {"done": "template-reset"})


def _fields(words: TemplateView) -> dict[str, str]:
    return {"subject": words.text.subject, "body": words.text.body, "version": str(words.template.version)}


def _custom_text(visit: Visit) -> TemplateView:
    return email_templates.read_template(visit.org, visit["name"], visit["locale"], now=visit.call.now)


def _previewed(visit: Visit, draft: TemplateInput) -> EmailPreview:
    return email_templates.preview_template(visit.org, visit["name"], visit["locale"], draft, now=visit.call.now)


def _page(words: TemplateView, form: forms.Form, shown: EmailPreview | None, status: int = 200) -> PageResponse:
    data: dict[str, Any] = {
        "template": words.template,
        "label": email_templates.labels()[words.template.name],
        "form": form,
        "placeholders": email_templates.placeholders(words.template.name),
        "shown": shown,
        "body": on_the_page(shown.body) if shown else "",
    }
    return Html("email_templates/edit.html", data, status)


def on_the_page(body: str) -> "Markup":
    """Return the body of an e-mail for display within a page: without its styles, links and images."""
    from markupsafe import Markup

    return Markup(OUTSIDE_MAIL.sub("", IMAGE.sub("🖼", body)))  # noqa: S704 - it was cleaned, and its values escaped, when it was written
