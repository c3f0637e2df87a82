"""Confirmation pages: they say what will happen, with one button that does it."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.pages import forms
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.pages.visit import Visit


def ask(
    visit: Visit,
    question: str,
    consequences: Sequence[str],
    *,
    verb: str,
    back: str,
    stay: str = "",
    destroys: bool = False,
    confirms: str = "",
    status: int = 200,
    form: forms.Form | None = None,
    keeps: Mapping[str, str] | None = None,
    template: str = "ask.html",
    **more: Any,
) -> PageResponse:
    """Return a confirmation page. Its button posts to the same URL; the field named `confirms`, if given, is then `true`.

    `keeps` are hidden fields of its form, `more` is what the template shows beside the question.
    """
    stays = stay or visit.gettext("Back")
    texts = {"question": question, "consequences": consequences, "verb": verb, "stay": stays, "back": back, "destroys": destroys}
    posted = {"confirms": confirms, "action": visit.path, "keeps": keeps or {}, "form": form or forms.blank()}
    return Html(template, {**texts, **posted, **more}, status)
