"""An organisation's custom text of an e-mail: subject and body. The footer and the unsubscribe line cannot be changed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from jinja2 import Environment
from markupsafe import Markup

from chalicelib import i18n
from chalicelib.emails.html_layout import Block, EmailBody, PlaceholderValues, email_body
from chalicelib.emails.kinds import declaration
from chalicelib.emails.placeholders import placeholder_values
from chalicelib.emails.sanitize import sanitized
from chalicelib.rules.email_templates import FoundPlaceholder, Notice, parts
from chalicelib.rules.letters import Letter, TemplateText
from chalicelib.rules.translation import N_, Filled

MOST_REMOVED_SHOWN = 8
REMOVED = N_("Left out, since it is not safe in an e-mail or mail programs do not show it: %(names)s.")


class RenderedCustomText(NamedTuple):
    """Subject and body as sent, and notices about omissions and additions."""

    subject: str
    html: Markup
    text: str
    notices: list[Notice]


def render_custom_text(
    letter: Letter, custom: TemplateText, variables: Mapping[str, Any], jinja: Environment, *, now: datetime
) -> RenderedCustomText:
    """Return the organisation's custom text with its placeholders filled in. `variables`: those of the layout."""
    values = _rendered_values(letter, variables, jinja, now)
    clean = sanitized(custom.body)
    body = email_body(clean.html, values)
    added = list(_appended(letter, body, values, variables["button"]))
    html = Markup("\n").join([body.html, *(block.html for _, block in added)])
    text = "\n\n".join([body.text, *(block.text for _, block in added)])
    notices = [*_removed(clean.left_out), *(notice for notice, _ in added)]
    return RenderedCustomText(_subject(custom.subject, values) or variables["subject"], html, text, notices)


def _rendered_values(letter: Letter, variables: Mapping[str, Any], jinja: Environment, now: datetime) -> PlaceholderValues:
    def part(name: str, **more: Any) -> str:
        return jinja.get_template(f"layout/{name}").render(dict(variables, **more))

    def labelled(label: str, value: str) -> str:
        return i18n.translation(letter.locale).gettext("%(label)s: %(value)s") % {"label": label, "value": value}

    blocks = {
        "details": Block(Markup(part("facts.html")), part("facts.txt").strip("\n")),  # noqa: S704 - Jinja escapes it
        "message": Block(Markup(part("staff_text.html")), "\n\n".join(variables["staff_paragraphs"])),  # noqa: S704 - Jinja escapes it
    }
    return PlaceholderValues(placeholder_values(letter, now=now), blocks, labelled, lambda label: Markup(part("button.html", button=label)))  # noqa: S704 - Jinja escapes it


def _appended(letter: Letter, body: EmailBody, values: PlaceholderValues, label: str) -> Iterator[tuple[Notice, Block]]:
    """Yield the required parts that the text lacks, each with a notice."""
    needed = declaration(letter.kind).required
    if needed and needed not in body.shown:
        warning = Filled(N_("{{%(name)s}} was missing. It is added at the end, so that nobody misses what staff write."), {"name": needed})
        yield Notice("message_appended", warning), values.blocks[needed]
    if not body.linked:
        sentence = N_("{{link}} was missing or led nowhere. A button with the link is added at the end.")
        block = Block(values.button(Markup.escape(label)), values.labelled(label, values.values["link"]))
        yield Notice("link_appended", sentence), block


def _removed(found: list[str]) -> Iterator[Notice]:
    if found:
        more = ", …" if len(found) > MOST_REMOVED_SHOWN else ""
        named = ", ".join(found[:MOST_REMOVED_SHOWN])
        yield Notice("html_removed", Filled(REMOVED, {"names": named + more}))


def _subject(wanted: str, values: PlaceholderValues) -> str:
    """Return the subject with its placeholders values in, on one line even if a value has several."""
    filled = "".join(values.values.get(part.name, "") if isinstance(part, FoundPlaceholder) else part for part in parts(wanted))
    return " ".join(filled.split())
