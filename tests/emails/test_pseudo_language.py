"""R23: no e-mail shows a text that goes around the catalogue, in its subject, text, HTML or calendar file, nor typed text as HTML."""

import re
from dataclasses import replace
from typing import Any

import pytest
from icalendar import Calendar

from chalicelib.emails.render import write
from chalicelib.rules.money import Money
from tests.pseudo_language import unmarked, untranslated
from tests.samples import ABOUT, COURSE, INVITATION, INVOICE, NOW, ORGANISATION, REGISTRATION, SESSION, letter

NAMES = (
    *("Atelier Lumière", "Pottery", "Weaving", "Family", "12 rue des Lilas", "Town hall", "The teacher is ill."),
    *("Ana Martin", "Zoé Martin", "Léo Martin", "Ben", "Bring a towel", "Dear all,", "please bring:", "a towel", "a cup"),
)
FREE = replace(SESSION, tiers=(replace(SESSION.tiers[0], price=Money(0, "EUR")),))
VARIANTS: list[tuple[str, dict[str, Any]]] = [
    *((kind, {}) for kind in ABOUT),
    *(("session_invitation", {"invitation": replace(INVITATION, forwarding=one)}) for one in ("approve", "locked")),
    ("session_invitation", {"session": replace(COURSE, registration_opens_at=SESSION.registration_closes_at)}),
    ("session_invitation", {"session": FREE}),
    ("confirmation", {"organisation": replace(ORGANISATION, reply_to="")}),
    ("invoice", {"invoice": replace(INVOICE, number="A-2026-0001", credits="2026-0007", vat_rate=0)}),
    *(("confirmation", {"registration": replace(REGISTRATION, billing=one)}) for one in ("paid", "invoiced")),
]


@pytest.mark.parametrize(("kind", "about"), VARIANTS)
def test_no_email_shows_a_text_that_is_not_translated(kind: Any, about: dict[str, Any], pseudo: None) -> None:
    mail = write(letter(kind, **about), now=NOW)
    assert unmarked([mail.content.subject, *mail.content.text.splitlines()], names=NAMES) == []
    assert untranslated(mail.content.html, names=NAMES) == []
    for file in mail.files:
        for event in Calendar.from_ical(file.content).walk("VEVENT"):
            assert unmarked([str(event.get(name, "")) for name in ("summary", "description")], names=NAMES) == []


@pytest.mark.parametrize("kind", ABOUT)
def test_typed_text_is_never_html(kind: Any) -> None:
    typed = "<b>x</b>&<script>"
    about: dict[str, Any] = {"organisation": replace(ORGANISATION, name=typed)}
    if "session" in ABOUT[kind]:
        about["session"] = replace(ABOUT[kind]["session"], title=typed, location=typed, cancel_reason=typed)
    html = write(letter(kind, **about), now=NOW).content.html
    assert not re.search(r"<b>x|<script|&(?!#?\w+;)", html)
