"""The language of a member of staff: each of them chooses their own."""

from chalicelib.operations import staff
from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse, Redirect
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.organisations import LanguageInput
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

LANGUAGE = "/o/{org}/language"


@page("GET", LANGUAGE, who=Staff("read_led"))
def languages(visit: Visit) -> PageResponse:
    return _page(forms.blank({"language": visit.locale(visit.organisation)}))


@page("POST", LANGUAGE, who=Staff("read_led"))
def choose(visit: Visit) -> PageResponse:
    """Store the language. The answer is in it: its address does not ask for another one."""
    try:
        draft = forms.read(LanguageInput, {"language": visit.typed.get("language", "")})
    except forms.REFUSED as refusal:
        return _page(forms.refused(visit.typed, refusal), status_of(refusal))
    staff.choose_language(visit.staff.user, draft.language)
    return Redirect(visit.path, {"done": "language-chosen"})


def _page(form: forms.Form, status: int = 200) -> PageResponse:
    return Html("language.html", {"form": form}, status)
