"""Showing the public pages on the organisation's own site: the line of HTML to copy, and the sites that may hold the frame."""

from html import escape

from chalicelib.i18n import translation
from chalicelib.operations import links, organisations
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import Refusal
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

EMBEDDING = "/o/{org}/integrations/embedding"
FIELD = "embed_origins"


@page("GET", EMBEDDING, who=Staff("manage_settings"))
def embedding(visit: Visit) -> PageResponse:
    return _page(visit, forms.blank({FIELD: "\n".join(visit.home.embed_origins)}))


@page("POST", EMBEDDING, who=Staff("manage_settings"))
def save_sites(visit: Visit) -> PageResponse:
    """Save the sites, one in each line. None: no site may show the pages."""
    typed = [line.strip() for line in visit.typed.get(FIELD, "").splitlines() if line.strip()]
    try:
        changes = forms.read(OrganisationChanges, {FIELD: typed}) if typed else OrganisationChanges(embed_origins=[])
        organisations.change(visit.org, changes, expected=None)
    except forms.REFUSED as refusal:
        return _page(visit, _refused(visit, refusal), status_of(refusal))
    return Redirect(visit.path, {"done": "sites-saved" if typed else "saved"})


def snippet(organisation: Organisation) -> str:
    """Return the line of HTML that shows an organisation's sessions on another site, and a link to them wherever that cannot be."""
    name = escape(translation(organisation.locale).gettext("Book at %(name)s") % {"name": organisation.name}, quote=False)
    page, script = escape(links.sessions_page(organisation.org)), escape(links.url("/embed.js"))
    return f'<a href="{page}" data-rollbook>{name}</a><script async src="{script}"></script>'


def _refused(visit: Visit, refusal: Refusal) -> forms.Form:
    """Return the form with the fault of its first wrong line beside the field."""
    form = forms.refused(visit.typed, refusal)
    wrong = next(iter(form.faults.values()), "")
    return forms.Form(form.values, {FIELD: wrong} if wrong else {}, refusal, form.key)


def _page(visit: Visit, form: forms.Form, status: int = 200) -> PageResponse:
    return Html("integrations/embedding.html", {"form": form, "snippet": snippet(visit.home)}, status)
