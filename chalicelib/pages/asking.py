"""Asking first: a page of its own that says what will happen, with one button that does it."""

from collections.abc import Sequence

from chalicelib.pages import forms
from chalicelib.pages.answers import Answer, Html
from chalicelib.pages.declaring import Visit


def ask(
    visit: Visit,
    question: str,
    consequences: Sequence[str],
    *,
    verb: str,
    back: str,
    stay: str = "Back",
    destroys: bool = False,
    confirms: str = "",
    status: int = 200,
    form: forms.Form | None = None,
    template: str = "ask.html",
) -> Answer:
    """Return the page that asks. Its button posts to the page's own address; `confirms` is a field that then says yes."""
    data = {
        "question": question,
        "consequences": consequences,
        "verb": verb,
        "stay": stay,
        "back": back,
        "destroys": destroys,
        "confirms": confirms,
        "action": visit.path,
        "form": form or forms.blank(),
    }
    return Html(template, data, status)
