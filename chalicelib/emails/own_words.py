"""An e-mail in an organisation's own words: subject and body. What surrounds them stays ours: the footer, and how to unsubscribe."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from jinja2 import Environment
from markupsafe import Markup

from chalicelib import languages
from chalicelib.emails.cleaning import cleaned
from chalicelib.emails.naming import values
from chalicelib.emails.typesetting import Block, Filling, Typeset, typeset
from chalicelib.rules.messages import Letter, Wording
from chalicelib.rules.templates import NEVER_LEFT_OUT, Named, Notice, parts

MOST_NAMED = 8


class OwnWords(NamedTuple):
    """Subject and body as they leave, and what was done to them."""

    subject: str
    html: Markup
    text: str
    notices: list[Notice]


def own_words(letter: Letter, wording: Wording, told: Mapping[str, Any], speaking: Environment, *, now: datetime) -> OwnWords:
    """Return the organisation's words with everything filled in. `told` is what the layout names."""
    filling = _filling(letter, told, speaking, now)
    clean = cleaned(wording.body)
    body = typeset(clean.html, filling)
    added = list(_added(letter, body, filling, told["button"]))
    html = Markup("\n").join([body.html, *(block.html for _, block in added)])
    text = "\n\n".join([body.text, *(block.text for _, block in added)])
    notices = [*_left_out(clean.left_out), *(notice for notice, _ in added)]
    return OwnWords(_subject(wording.subject, filling) or told["subject"], html, text, notices)


def _filling(letter: Letter, told: Mapping[str, Any], speaking: Environment, now: datetime) -> Filling:
    def part(name: str, **more: Any) -> str:
        return speaking.get_template(f"layout/{name}").render(dict(told, **more))

    def labelled(label: str, value: str) -> str:
        return languages.translation(letter.locale).gettext("%(label)s: %(value)s") % {"label": label, "value": value}

    blocks = {
        "details": Block(Markup(part("facts.html")), part("facts.txt").strip("\n")),  # noqa: S704 - Jinja escapes it
        "message": Block(Markup(part("written.html")), "\n\n".join(told["written"])),  # noqa: S704 - Jinja escapes it
    }
    return Filling(values(letter, now=now), blocks, labelled, lambda label: Markup(part("button.html", button=label)))  # noqa: S704 - Jinja escapes it


def _added(letter: Letter, body: Typeset, filling: Filling, label: str) -> Iterator[tuple[Notice, Block]]:
    """Return what has to be there and was left out, and what to say about it."""
    needed = NEVER_LEFT_OUT.get(letter.kind, "")
    if needed and needed not in body.shown:
        sentence = f"{{{{{needed}}}}} was missing. It is added at the end, so that nobody misses what staff write."
        yield Notice("message_appended", sentence), filling.blocks[needed]
    if not body.linked:
        sentence = "{{link}} was missing or led nowhere. A button with the link is added at the end."
        block = Block(filling.button(Markup.escape(label)), filling.labelled(label, filling.values["link"]))
        yield Notice("link_appended", sentence), block


def _left_out(found: list[str]) -> Iterator[Notice]:
    if found:
        more = ", …" if len(found) > MOST_NAMED else ""
        named = ", ".join(found[:MOST_NAMED])
        yield Notice("html_removed", f"Left out, since it is not safe in an e-mail or mail programs do not show it: {named}{more}.")


def _subject(wanted: str, filling: Filling) -> str:
    """Return the subject on one line, whatever stands behind the names."""
    filled = "".join(filling.values.get(part.name, "") if isinstance(part, Named) else part for part in parts(wanted))
    return " ".join(filled.split())
